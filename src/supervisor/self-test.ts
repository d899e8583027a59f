/** What a container may lack: tried at start, one line each, before anything runs. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import type { ServerConfig } from '../config/model.ts';
import { BIN } from '../itk/itk-process.ts';
import { openFilesLimit } from './open-files.ts';

const PROGRAMS = ['itk', 'itk-files', 'itk-cgi', 'itk-launch'];
/** Bits of CapEff (capabilities(7)) that root needs here. */
const CAPABILITIES = { CAP_CHOWN: 0, CAP_KILL: 5, CAP_SETGID: 6, CAP_SETUID: 7 } as const;
const OPEN_FILES_MIN = 256;

function missingPrograms(): string[] {
  return PROGRAMS.flatMap((name) => {
    try {
      accessSync(BIN + name, constants.X_OK);
      return [];
    } catch {
      return [`${BIN}${name}: not built or not executable: run npm install`];
    }
  });
}

function missingCapabilities(): string[] {
  const effective = BigInt(
    `0x${/^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0'}`,
  );
  return Object.entries(CAPABILITIES)
    .filter(([, bit]) => ((effective >> BigInt(bit)) & 1n) === 0n)
    .map(([name]) => `${name} is missing: sites cannot be given their users here`);
}

/** True when every configured id exists in this user namespace (user_namespaces(7)): elsewhere setuid fails. */
function isMapped(id: number, map: string): boolean {
  return map
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .some(([first = 0, , count = 0]) => id >= first && id < first + count);
}

function unmappedIds(config: ServerConfig): string[] {
  const uids = readFileSync('/proc/self/uid_map', 'latin1');
  const gids = readFileSync('/proc/self/gid_map', 'latin1');
  const lines: string[] = [];
  for (const { uid, gid } of [config.front, ...config.sites.map((site) => site.identity)]) {
    if (!isMapped(uid, uids)) lines.push(`uid ${uid} does not exist in this user namespace`);
    if (!isMapped(gid, gids)) lines.push(`gid ${gid} does not exist in this user namespace`);
  }
  return [...new Set(lines)];
}

function deniedSetgroups(): string[] {
  try {
    return readFileSync('/proc/self/setgroups', 'latin1').startsWith('deny')
      ? ['setgroups is denied in this user namespace: sites would keep our groups']
      : [];
  } catch {
    return [];
  }
}

/**
 * With 1, a process that has just become a site's user can be traced by that user (proc(5)), and one of itk's
 * children still holds the policies of all sites at that moment.
 */
function tracingAllowed(): string[] {
  try {
    return readFileSync('/proc/sys/fs/suid_dumpable', 'latin1').trim() === '1'
      ? ['fs.suid_dumpable is 1, which lets users trace processes that change identity: set it to 0 or 2']
      : [];
  } catch {
    return [];
  }
}

/** `itk-launch --self-test` tries the system calls that the C programs cannot do without. */
function missingCalls(): string[] {
  const { status, stdout } = spawnSync(`${BIN}itk-launch`, ['--self-test'], { encoding: 'latin1', env: {} });
  if (status === 0) return [];
  const lines = (stdout ?? '').trim();
  return lines === '' ? ['itk-launch cannot be executed here'] : lines.split('\n');
}

/** One line for each thing that is lacking; none: all is well. */
export function selfTest(config: ServerConfig): string[] {
  const programs = missingPrograms();
  if (programs.length > 0) return programs;
  const lines = missingCalls();
  const limit = openFilesLimit();
  if (limit < OPEN_FILES_MIN)
    lines.push(`the limit of open files is ${limit}: at least ${OPEN_FILES_MIN} are needed`);
  if (config.privileged)
    lines.push(...missingCapabilities(), ...unmappedIds(config), ...deniedSetgroups(), ...tracingAllowed());
  return lines;
}
