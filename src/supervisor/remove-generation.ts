/**
 * Removes a generation's folder. `once` in it belongs to the fronts: were it removed by paths, a front that has
 * been taken over could put a symlink in the place of a folder and have root delete what it leads to
 * (CVE-2022-21658). So it is taken from them first, and emptied through descriptors.
 */
import {
  chmodSync,
  closeSync,
  constants,
  lchownSync,
  openSync,
  opendirSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
/** Each takes one level of folders away; only somebody who adds more meanwhile gets this far. */
const ROUNDS_MAX = 10_000;

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** A folder by its descriptor: nobody can exchange it, whatever happens to its name. */
function withFolder(path: string | Buffer, work: (path: string) => void): void {
  const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    work(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}

/** Unlinks what is no folder. `onFolder` gets the paths of the others; names are bytes, whatever these are. */
function unlinkEntries(folder: string, onFolder: (path: Buffer) => void): void {
  const entries = opendirSync(folder, { encoding: 'latin1' });
  try {
    for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
      const path = Buffer.from(`${folder}/${entry.name}`, 'latin1');
      try {
        unlinkSync(path);
      } catch (error) {
        const code = codeOf(error);
        // EPERM is what POSIX asks for.
        if (code === 'EISDIR' || code === 'EPERM') onFolder(path);
        else if (code !== 'ENOENT') throw error;
      }
    }
  } finally {
    entries.closeSync();
  }
}

/** Empties a folder of untrusted depth: what lies in its folders is moved up, level by level. */
function empty(top: string): void {
  let moved = 0;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    let folders = 0;
    unlinkEntries(top, (path) => {
      folders += 1;
      withFolder(path, (inside) =>
        unlinkEntries(inside, (inner) => renameSync(inner, `${top}/removing-${process.pid}-${(moved += 1)}`)),
      );
      try {
        rmdirSync(path);
      } catch (error) {
        if (codeOf(error) !== 'ENOTEMPTY') throw error;
      }
    });
    if (folders === 0) return;
  }
  throw new Error('it is filled as fast as it is emptied');
}

/** @throws when something cannot be removed; a folder that is not there is no error */
export function removeGeneration(directory: string): void {
  const once = join(directory, 'once');
  try {
    // By its path: the folder around it is ours, so the fronts cannot exchange it.
    lchownSync(once, process.geteuid?.() ?? -1, process.getegid?.() ?? -1);
    chmodSync(once, 0o700);
    withFolder(once, empty);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  rmSync(directory, { recursive: true, force: true });
}
