/** The runtime directory: pid file, status file, and a folder for each generation. Only root writes there. */
import {
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { removeGeneration } from './remove-generation.ts';
import type { SiteTotalsFile } from './site-totals.ts';
import type { Status } from './status.ts';

const PID_FILE = 'itkd.pid';
const STATUS_FILE = 'status.json';
const TOTALS_FILE = 'totals.json';

/**
 * True for a running supervisor: pids are used again, so the number alone says little, and anybody may call a process
 * so, but not as the user `uid`.
 */
function isSupervisor(pid: number, uid: number): boolean {
  try {
    if (statSync(`/proc/${pid}`).uid !== uid) return false;
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('itkd: supervisor');
  } catch {
    return false;
  }
}

/** Pid of the supervisor that runs on this directory, or null. */
export function runningPid(directory: string): number | null {
  try {
    const file = join(directory, PID_FILE);
    const pid = Number.parseInt(readFileSync(file, 'latin1'), 10);
    return pid > 1 && isSupervisor(pid, statSync(file).uid) ? pid : null;
  } catch {
    return null;
  }
}

/**
 * Makes the directory, and removes what a killed supervisor left in it.
 * @throws when it belongs to somebody else, or others may write to it
 */
export function prepareRuntimeDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const stat = lstatSync(directory);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o022) !== 0) {
    throw new Error(`${directory}: must be a folder of ours that nobody else can write to`);
  }
  for (const name of readdirSync(directory)) {
    if (/^g\d+$/.test(name)) removeGeneration(join(directory, name));
  }
}

/** Written after every signal handler is installed: whoever reads it may send signals at once. */
export function writePidFile(directory: string): void {
  writeFileSync(join(directory, PID_FILE), `${process.pid}\n`, { mode: 0o644 });
}

/** Readers see the old file or the new one. Ours alone. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** Nobody else may read it: the reason of a refused reload quotes the configuration, which sites may not read. */
export function writeStatus(directory: string, status: object): void {
  replaceFile(join(directory, STATUS_FILE), `${JSON.stringify(status, null, 2)}\n`);
}

/** What `writeStatus` wrote, or null. */
export function readStatus(directory: string): Status | null {
  return readJson(join(directory, STATUS_FILE)) as Status | null;
}

/** A file of its own: it is large, and changes with every request. */
export function writeTotals(directory: string, totals: SiteTotalsFile): void {
  replaceFile(join(directory, TOTALS_FILE), `${JSON.stringify(totals)}\n`);
}

/** What `writeTotals` wrote; nothing yet: empty. */
export function readTotals(directory: string): SiteTotalsFile {
  return (readJson(join(directory, TOTALS_FILE)) as SiteTotalsFile | null) ?? {};
}

/** Leaves no file behind; the directory itself goes too when it is empty. */
export function clearRuntimeDirectory(directory: string): void {
  for (const name of [PID_FILE, STATUS_FILE, TOTALS_FILE]) {
    try {
      unlinkSync(join(directory, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  for (const name of readdirSync(directory)) {
    if (!/^g\d+$/.test(name)) continue;
    try {
      removeGeneration(join(directory, name));
    } catch {
      // Its generation has logged why; the next start tries again.
    }
  }
  try {
    rmdirSync(directory);
  } catch {
    // Somebody keeps other things there, or it is a folder that root gave us (RuntimeDirectory= of systemd).
  }
}

/**
 * A generation's folder. Everybody may pass through it (the sockets' modes keep people out); only root may look
 * around or change it. `once` is the fronts' own; `ini` can be entered by root only, and what is below it is
 * read through a descriptor that itk hands to the site it is for.
 */
export function makeGenerationDirectory(
  directory: string,
  front: { readonly uid: number; readonly gid: number } | null,
): void {
  mkdirSync(directory, { mode: 0o711 });
  mkdirSync(join(directory, 'ini'), { mode: 0o700 });
  mkdirSync(join(directory, 'once'), { mode: 0o700 });
  if (front !== null) chownSync(join(directory, 'once'), front.uid, front.gid);
}
