/** A PHP that has nothing to do does nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { processesOf, titleOf } from '../helpers/processes.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: PHP without work');
const lacks = missing({ root: true, programs: ['php-cgi'] });

const CHILDREN = 3;

function phpOf(uid: number): number[] {
  return processesOf(uid)
    .filter(({ pid }) => titleOf(pid).startsWith('php-cgi'))
    .map(({ pid }) => pid)
    .sort((a, b) => a - b);
}

for (const lifetime of ['connection', 'pool'] as const) {
  testWith(test, lacks, `Lifetime = ${lifetime}: its processes wait, and stay the same`, async () => {
    const config = `[php]\nLifetime = ${lifetime}\nMaxChildren = ${CHILDREN}\n`;
    const files = { 'www/a.php': '<?php echo getmypid();' };
    await withServer({ sites: { a: { files, config } } }, async (server) => {
      const uid = server.uids['a'] ?? -1;
      for (let round = 0; round < 3; round += 1) {
        const served = Number((await ask(server.port, 'a.test', '/a.php')).text);
        // The fork server, a spare process and, with pool, the one that has served; or more, where a spare one was slow
        // to take its connection. After that nothing moves.
        let before: number[] = [];
        await eventually('the children are there', async () => {
          before = phpOf(uid);
          await sleep(300);
          return (
            before.length >= 2 &&
            before.length <= 1 + CHILDREN &&
            before.includes(served) === (lifetime === 'pool') &&
            phpOf(uid).join() === before.join()
          );
        });
        await sleep(700);
        assert.equal(phpOf(uid), before);
      }
    });
  });
}

test.run();
