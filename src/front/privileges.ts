import process from 'node:process';
import { readdirSync, readFileSync } from 'node:fs';
import posix from 'posix';
import { native } from '../native/native.ts';
import { expectedStatus, type Ids, statusDifferences } from './thread-status.ts';

/**
 * Gives up root for good, then looks at every thread of the process: an identity belongs to a thread, and one that
 * was missed could still do everything.
 * @throws Error naming what was not given up; the process must end then
 */
export function dropPrivileges(ids: Ids): void {
  if (ids.uid === 0 || ids.gid === 0) throw new Error('the fronts may not be root');
  process.setgroups?.([]);
  // From root, both set the saved id too: there is no way back, and setreuid empties the capabilities.
  posix.setregid(ids.gid, ids.gid);
  posix.setreuid(ids.uid, ids.uid);
  native.setUndumpable();
  checkThreads(ids);
}

/** @throws Error */
function checkThreads(ids: Ids): void {
  const expected = expectedStatus(ids);
  for (const thread of readdirSync('/proc/self/task')) {
    let status: string;
    try {
      status = readFileSync(`/proc/self/task/${thread}/status`, 'latin1');
    } catch (error) {
      // A thread that has ended meanwhile holds nothing.
      if (
        (error as NodeJS.ErrnoException).code === 'ENOENT' ||
        (error as NodeJS.ErrnoException).code === 'ESRCH'
      )
        continue;
      throw error;
    }
    const differences = statusDifferences(status, expected);
    if (differences.length > 0)
      throw new Error(`thread ${thread} kept privileges: ${differences.join(', ')}`);
  }
}
