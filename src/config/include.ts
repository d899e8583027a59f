/** `Include[]`: from paths and patterns to the site files they name. */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Place, Problems } from './problems.ts';

/** A letter or digit, then also `.`, `_`, `-`, `+`, `@`: fit for logs, commands and a section's name. */
const SITE_ID = /^[\p{L}\p{N}_][\p{L}\p{N}._@+-]{0,127}$/u;

/** Reports an id that cannot be one. */
export function checkSiteId(id: string, place: Place, problems: Problems): void {
  if (SITE_ID.test(id)) return;
  problems.error(
    place,
    '',
    `${JSON.stringify(id)} is not a site's id: letters, digits and . _ - + @, beginning with a letter or digit`,
  );
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder === '/' ? folder : `${folder}/`);
}

/** Names in a folder that match a pattern with `*`, sorted; a hidden name only when the pattern is for them. */
function matches(folder: string, pattern: string, place: Place, problems: Problems): string[] {
  const source = pattern.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  const expression = new RegExp(`^${source.join('.*')}$`, 's');
  try {
    const names = readdirSync(folder).filter((name) => expression.test(name));
    return names.filter((name) => pattern.startsWith('.') || !name.startsWith('.')).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') problems.warn(place, 'Include', `the folder ${folder} is missing`);
    else problems.error(place, 'Include', `the folder ${folder} cannot be read: ${code ?? String(error)}`);
    return [];
  }
}

/**
 * The files that the value of one `Include[]` names, in order.
 * @param root folder of the server's file: symlinks must lead to a place below it, or below the pattern's own
 *   folder (sites-enabled to sites-available)
 */
export function includedFiles(path: string, root: string, place: Place, problems: Problems): string[] {
  const folder = dirname(path);
  if (folder.includes('*')) {
    problems.error(place, 'Include', "* is allowed in the file's name only");
    return [];
  }
  const pattern = basename(path);
  const names = pattern.includes('*') ? matches(folder, pattern, place, problems) : [pattern];
  const files = names.map((name) => join(folder, name));
  return files.filter((file) => isUsable(file, root, place, problems));
}

function isUsable(file: string, root: string, place: Place, problems: Problems): boolean {
  try {
    const real = realpathSync(file);
    if (!isBelow(real, realpathSync(root)) && !isBelow(real, realpathSync(dirname(file)))) {
      problems.error(place, 'Include', `${file} leads out of the configuration, to ${real}`);
      return false;
    }
    if (statSync(real).isFile()) return true;
    problems.error(place, 'Include', `${file} is not a file`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    problems.error(
      place,
      'Include',
      code === 'ENOENT' ? `${file} is missing` : `${file}: ${code ?? String(error)}`,
    );
  }
  return false;
}
