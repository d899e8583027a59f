/** `itkd start` and `itkd check` of configurations that must be refused. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { allProcesses } from './processes.ts';
import { CLI, freshUid, put } from './server.ts';

export interface Attempt {
  readonly status: number;
  /** Lines on standard error. */
  readonly errors: readonly string[];
  /** What a start has left behind: processes of its session or users, files, an open port. Empty is right. */
  readonly left: readonly string[];
}

export interface ConfigFolder {
  readonly folder: string;
  readonly port: number;
  /** Of the fronts. */
  readonly uid: number;
  /** Runs `itkd COMMAND -c itkd.ini` in the folder, through `wrapper` if there is one; killed after a minute. */
  attempt(command: 'start' | 'check', wrapper?: readonly string[]): Promise<Attempt>;
  remove(): void;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/**
 * @param files names below the folder and their text; `$PORT` and `$UID` (the fronts') are replaced
 * @param port somebody else listens there; default: a free one
 */
export async function makeConfigFolder(
  files: Readonly<Record<string, string>>,
  port?: number,
): Promise<ConfigFolder> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-refused-'));
  const taken = port !== undefined;
  const ownPort = port ?? (await freePort());
  const uid = freshUid();
  mkdirSync(join(folder, 'www'));
  // A site's own, as it is.
  chmodSync(join(folder, 'www'), 0o777);
  for (const [name, text] of Object.entries(files)) {
    put(join(folder, name), text.replaceAll('$PORT', String(ownPort)).replaceAll('$UID', String(uid)), 0);
  }
  const listing = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

  async function attempt(command: string, wrapper: readonly string[] = []): Promise<Attempt> {
    const before = listing();
    const [program, ...words] = [...wrapper, process.execPath, CLI, command, '-c', 'itkd.ini'];
    const child = spawn(program, words, {
      cwd: folder,
      detached: true,
      timeout: 60_000,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let printed = '';
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const status = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? -1));
    });
    const left = [
      ...allProcesses().flatMap((process) => (process.uids.includes(uid) ? [`process ${process.pid}`] : [])),
      ...listing().flatMap((name) => (before.includes(name) ? [] : [`file ${name}`])),
      ...(!taken && (await accepts(ownPort)) ? [`port ${ownPort}`] : []),
    ];
    try {
      // The whole session: whoever is left gets a signal that does nothing.
      process.kill(-(child.pid ?? 0), 0);
      left.push('processes of its group');
    } catch {
      // Nobody is there.
    }
    return { status, errors: printed.split('\n').filter(Boolean), left };
  }

  return {
    folder,
    port: ownPort,
    uid,
    attempt,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
