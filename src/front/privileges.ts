import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { native } from '../native/native.ts';

/** Package posix, as far as it is used here. */
const posix = createRequire(import.meta.url)('posix') as {
  setregid(real: number, effective: number): void;
  setreuid(real: number, effective: number): void;
};

export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** What a thread's /proc status must say: `Name:` and its value with single blanks. */
export function expectedStatus({ uid, gid }: Ids): ReadonlyMap<string, string> {
  const none = '0'.repeat(16);
  return new Map([
    ['Uid', Array(4).fill(uid).join(' ')],
    ['Gid', Array(4).fill(gid).join(' ')],
    ['Groups', ''],
    ['CapInh', none],
    ['CapPrm', none],
    ['CapEff', none],
    ['CapAmb', none],
    ['NoNewPrivs', '1'],
  ]);
}

/** Compares one thread's status with what it must be; answers what differs. */
export function statusDifferences(status: string, expected: ReadonlyMap<string, string>): string[] {
  const lines = new Map<string, string>();
  for (const line of status.split('\n')) {
    const colon = line.indexOf(':');
    if (colon !== -1)
      lines.set(
        line.slice(0, colon),
        line
          .slice(colon + 1)
          .trim()
          .split(/\s+/)
          .join(' '),
      );
  }
  const differences: string[] = [];
  for (const [name, value] of expected) {
    const found = lines.get(name);
    if (found !== value) differences.push(`${name} is "${found ?? 'missing'}", not "${value}"`);
  }
  return differences;
}

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
export function checkThreads(ids: Ids): void {
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
