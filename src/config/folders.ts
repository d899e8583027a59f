/** Checks of folders on disk; what was found is remembered, because 10,000 sites share a few parents. */
import { lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Code of a failed system call, as in `ENOENT`. */
function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

/** Why `path` is not a folder, or null. */
export function whyNotFolder(path: string): string | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return `the folder ${path} is missing`;
    return stats.isDirectory() ? null : `${path} is not a folder`;
  } catch (error) {
    return `the folder ${path} cannot be reached: ${codeOf(error)}`;
  }
}

/**
 * Whether somebody other than root could replace what is in this folder. In a sticky folder only a file's owner
 * and the folder's owner can (so its owner must be root all the same). Members of group 0 count as root.
 */
function isOpenToOthers(stats: Stats): boolean {
  if (stats.uid !== 0) return true;
  if ((stats.mode & 0o1000) !== 0) return false;
  return (stats.mode & 0o002) !== 0 || ((stats.mode & 0o020) !== 0 && stats.gid !== 0);
}

// As many as the kernel follows in one path (path_resolution(7)).
const MAX_SYMLINKS = 40;

export class FolderChecks {
  readonly #answers = new Map<string, string | null>();
  readonly #folders = new Map<string, string | null>();

  /**
   * Why somebody other than root can replace entries of `folder`, or of any folder that is passed on the way to it,
   * through every symlink, or null. Parts that do not exist yet are nobody's.
   */
  whyNotRootOnly(folder: string): string | null {
    const known = this.#answers.get(folder);
    if (known !== undefined) return known;
    const answer = this.#walk(folder);
    this.#answers.set(folder, answer);
    return answer;
  }

  /** Follows the path as the kernel does: a look at both ends would miss a symlink that leads to another one. */
  #walk(folder: string): string | null {
    const pending = folder.split('/').toReversed();
    let current = '/';
    let links = 0;
    while (pending.length > 0) {
      const name = pending.pop();
      if (name === undefined || name === '' || name === '.') continue;
      const reason = this.#one(current);
      if (reason !== null) return reason;
      const next = name === '..' ? dirname(current) : join(current, name);
      try {
        const stats = lstatSync(next, { throwIfNoEntry: false });
        if (stats === undefined) return null;
        if (stats.isSymbolicLink()) {
          // In a sticky folder the link's owner can replace it.
          if (stats.uid !== 0) return `${next} is a symlink of uid ${stats.uid}, who can replace it`;
          links += 1;
          if (links > MAX_SYMLINKS) return `${folder} leads through too many symlinks`;
          const target = readlinkSync(next);
          if (target.startsWith('/')) current = '/';
          pending.push(...target.split('/').toReversed());
        } else current = next;
      } catch (error) {
        return `${next} cannot be reached: ${codeOf(error)}`;
      }
    }
    return this.#one(current);
  }

  #one(folder: string): string | null {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const stats = statSync(folder);
    const { uid, mode } = stats;
    const answer = isOpenToOthers(stats)
      ? `${folder} can be written to by others than root (owner ${uid}, mode ${(mode & 0o7777).toString(8)})`
      : null;
    this.#folders.set(folder, answer);
    return answer;
  }

  /** Why a log file cannot stand at `path`, or null. */
  whyNotLog(path: string, privileged: boolean): string | null {
    const folder = dirname(path);
    const missing = whyNotFolder(folder);
    if (missing !== null) return missing;
    const file = lstatSync(path, { throwIfNoEntry: false });
    if (file !== undefined && !file.isFile() && !file.isCharacterDevice())
      return `${path} is not a regular file`;
    // Whoever can replace the file makes the server write somewhere else, with the fronts' rights.
    return privileged ? this.whyNotRootOnly(folder) : null;
  }
}
