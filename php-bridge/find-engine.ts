/** Finds the php-cgi that `Engine` asks for. */
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Debian keeps one under its CGI folder as well; distributions and own builds use the first two. */
const FOLDERS: readonly string[] = ['/usr/local/bin', '/usr/bin', '/usr/lib/cgi-bin'];
const VERSIONED = /^php-cgi-?(\d+)\.?(\d*)$/;

export interface FoundEngine {
  /** Absolute; null: there is none. */
  readonly path: string | null;
  /** For the message when there is none. */
  readonly lookedFor: readonly string[];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** `php-cgi8.2`, `php-cgi82`, … in a folder: `[path, major, minor]`. */
function versions(folder: string): [path: string, major: number, minor: number][] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.flatMap((name): [string, number, number][] => {
    const match = VERSIONED.exec(name);
    if (match === null) return [];
    const [, major = '', minor = ''] = match;
    // Distributions without a dot: php-cgi82 is 8.2.
    const parts = minor === '' ? [major.slice(0, 1), major.slice(1)] : [major, minor];
    return [[join(folder, name), Number(parts[0]), Number(parts[1])]];
  });
}

function findNewest(folders: readonly string[]): FoundEngine {
  const versioned = folders
    .flatMap(versions)
    .filter(([path]) => isProgram(path))
    .sort((a, b) => b[1] - a[1] || b[2] - a[2]);
  const plain = folders.map((folder) => join(folder, 'php-cgi'));
  return {
    path: versioned[0]?.[0] ?? plain.find(isProgram) ?? null,
    lookedFor: folders.map((folder) => join(folder, 'php-cgi[version]')),
  };
}

/**
 * @param engine `auto` (the newest with a version in its name, else `php-cgi`), a program's name, or an
 *   absolute path
 */
export function findEngine(engine: string, folders: readonly string[] = FOLDERS): FoundEngine {
  if (engine === 'auto') return findNewest(folders);
  const lookedFor = engine.startsWith('/') ? [engine] : folders.map((folder) => join(folder, engine));
  return { path: lookedFor.find(isProgram) ?? null, lookedFor };
}
