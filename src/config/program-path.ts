/** Finds the program of a `Command`. */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Not $PATH: what is started must not depend on who starts the server. */
const FOLDERS: readonly string[] = [
  '/usr/local/bin',
  '/usr/bin',
  '/bin',
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
];

/** Why `path` cannot be executed by anybody, or null. The site's user may still have less rights. */
export function whyNotProgram(path: string): string | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return `the program ${path} is missing`;
    if (!stats.isFile()) return `${path} is not a file`;
    return (stats.mode & 0o111) === 0 ? `${path} is not executable` : null;
  } catch (error) {
    return `the program ${path} cannot be reached: ${(error as NodeJS.ErrnoException).code ?? String(error)}`;
  }
}

/** The absolute path of a program: a name is looked for, a path begins at `folder`. */
export function programPath(program: string, folder: string): string {
  if (program.includes('/')) return resolve(folder, program);
  const found = FOLDERS.map((place) => join(place, program)).find((path) => whyNotProgram(path) === null);
  return found ?? join('/usr/bin', program);
}
