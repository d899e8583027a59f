/** What a process asks of the kernel about itself. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('native: the process');
const program = fileURLToPath(new URL('../fixtures/schedule-as-batch.ts', import.meta.url));

/** The policies before and after. @param chosen an option of chrt(1) */
function policies(chosen: string): string {
  const args = [chosen, '0', process.execPath, '--import', 'tsx', program];
  return execFileSync('chrt', args, { encoding: 'utf8' });
}

test('it can be scheduled as batch work', () => {
  assert.is(policies('--other'), 'SCHED_OTHER SCHED_BATCH\n');
});

test('another policy that was chosen for it stays', () => {
  assert.is(policies('--idle'), 'SCHED_IDLE SCHED_IDLE\n');
});

test.run();
