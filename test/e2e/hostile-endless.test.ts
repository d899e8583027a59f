/** A site whose FastCGI server never stops answering: the front reads for nobody, and grows by little. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assertUnharmed, statusOf, takenOver, watchVictim } from '../helpers/hostile.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { processInfo } from '../helpers/processes.ts';
import { processTree } from '../helpers/tree.ts';

const test = suite('e2e: a FastCGI server without an end');
const lacks = missing({ root: true, programs: ['php-cgi', 'perl'] });

/** Ticks of processor time (a hundredth of a second) that a process has used. */
function cpuTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

for (const attack of ['header', 'body', 'cut', '204', 'stderr', 'empty']) {
  testWith(test, lacks, `an answer without an end: ${attack}`, () =>
    takenOver(async (server) => {
      const front = processTree(server).fronts[0]?.pid ?? 0;
      const memory = processInfo(front)?.rss ?? 0;
      const watch = watchVictim(server);
      const path = `/hello.php?attack=endless-${attack}`;
      const asked = Promise.all([0, 1].map(() => statusOf(server, 'mallory', path, 3000)));
      await sleep(2000);
      const grown = (processInfo(front)?.rss ?? 0) - memory;
      assert.ok(grown < 100 * 1024, `the front grew by ${grown} KiB`);
      const statuses = await asked;
      // The client has its answer, or has left: the front does not go on reading for nobody. One that has left may have
      // closed its side only, which is waited for a second.
      let busy = 100;
      for (let second = 0; second < 15 && busy >= 30; second++) {
        const before = cpuTime(front);
        await sleep(1000);
        busy = cpuTime(front) - before;
      }
      console.log(`  ${attack}: ${statuses.join(', ')}; ${grown} KiB; afterwards ${busy} of 100 ticks`);
      assert.ok(busy < 30, 'the front is still busy with it');
      assertUnharmed(await watch.stop(), attack);
      const started = performance.now();
      assert.is(await server.end(), 0);
      assert.ok(performance.now() - started < 30_000, 'the stop is not held up');
    }),
  );
}

test.run();
