/** Things that are said once per start, by whichever front comes first. */
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param directory of the fronts' own, emptied at each start
 * @returns true for exactly one caller over all fronts; also when the folder cannot be written, because a
 *   repeated line is better than a lost one
 */
export function once(directory: string, what: string): boolean {
  const name = createHash('sha256').update(what, 'latin1').digest('hex').slice(0, 32);
  try {
    closeSync(openSync(join(directory, name), 'wx', 0o600));
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EEXIST';
  }
}
