/** Checks of folders on disk; what was found is remembered, because 10,000 sites share a few parents. */
import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';

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

export class FolderChecks {
  readonly #answers = new Map<string, string | null>();

  /**
   * Why somebody other than root can replace entries of `folder`, or of a folder on the way to it (also when
   * symlinks lead there), or null. Parts that do not exist yet are nobody's.
   */
  whyNotRootOnly(folder: string): string | null {
    let real = folder;
    try {
      real = realpathSync(folder);
    } catch {
      // Missing: the part that exists is judged.
    }
    return this.#chain(folder) ?? (real === folder ? null : this.#chain(real));
  }

  #chain(folder: string): string | null {
    const known = this.#answers.get(folder);
    if (known !== undefined) return known;
    const parent = dirname(folder);
    const answer = (parent === folder ? null : this.#chain(parent)) ?? this.#one(folder);
    this.#answers.set(folder, answer);
    return answer;
  }

  #one(folder: string): string | null {
    try {
      const stats = statSync(folder, { throwIfNoEntry: false });
      if (stats === undefined || !isOpenToOthers(stats)) return null;
      return `${folder} can be written to by others than root (owner ${stats.uid}, mode ${(stats.mode & 0o7777).toString(8)})`;
    } catch (error) {
      return `${folder} cannot be reached: ${codeOf(error)}`;
    }
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
