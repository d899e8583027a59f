import { readdirSync, readFileSync } from 'node:fs';
import { expectedStatus, type Ids, statusDifferences } from '../../src/front/thread-status.ts';

/** What any thread of a process still holds beyond an identity; empty: nothing. */
export function checkThreadStatuses(pid: number, ids: Ids): string[] {
  const expected = expectedStatus(ids);
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    statusDifferences(readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1'), expected),
  );
}
