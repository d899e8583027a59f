/** What a killed `itk` leaves behind becomes our child (we are a subreaper) and is ended here. */
import { setTimeout as sleep } from 'node:timers/promises';
import { native } from '../native/native.ts';

const ROUND_MS = 5;
const ROUNDS_MAX = 1000;

/**
 * Ends every child that is not in `ours`, and what those had forked.
 * @returns how many were seen; rejects when some are still there in the end
 */
export async function sweepOrphans(ours: ReadonlySet<number>): Promise<number> {
  let seen = 0;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const left = native.sweepOrphans([...ours]);
    seen += left;
    // A parent that has just been killed hands us its children: look once more.
    if (left === 0 && round > 0) return seen;
    await sleep(ROUND_MS);
  }
  throw new Error('processes of sites could not be ended');
}
