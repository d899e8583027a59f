/** A site that spoils the listener that was handed to it: its own trouble, and only until its service is restarted. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assertUnharmed, createHostileServer, runTool, statusOf, watchVictim } from '../helpers/hostile.ts';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: a hostile site and its listener');
const lacks = missing({ root: true, programs: ['php-cgi', 'perl'] });

const WAYS = {
  blocking: 'made blocking',
  shutdown: 'shut down',
  backlog: 'with room for nobody',
  hold: 'taken by a daemon that never answers',
};

for (const [how, words] of Object.entries(WAYS)) {
  testWith(test, lacks, `a listener ${words}`, async () => {
    const server = await createHostileServer({ mallory: '[php]\nMaxChildren = 3\nRequestTimeout = 2s\n' });
    try {
      assert.is(await statusOf(server, 'victim', '/hello.php'), 200);
      // Two seconds may be too few for the start of PHP when the machine has much to do.
      const serves = async (): Promise<boolean> => (await statusOf(server, 'mallory', '/hello.php')) === 200;
      await eventually('mallory serves', serves);
      const watch = watchVictim(server);
      const { text } = await ask(server.port, 'mallory.test', `/run.php?listener.pl+${how}`, {
        signal: AbortSignal.timeout(60_000),
      });
      assert.is(text, `${how}: done\n`);
      const during = await Promise.all(
        Array.from({ length: 12 }, () => statusOf(server, 'mallory', '/hello.php')),
      );
      for (const status of during) assert.ok([200, 502, 503, 504].includes(status), `status ${status}`);
      console.log(`  ${how}: mallory gets ${[...new Set(during)].join(', ')}`);

      assert.match((await runTool(server, ['signal.pl', 'KILL', 'php-cgi'])).text, /sent: [1-9]/);
      await eventually('mallory serves again', serves);
      // Once more than luck.
      for (let turn = 0; turn < 10; turn++)
        assert.is(await statusOf(server, 'mallory', '/hello.php'), 200, `request ${turn} after the restart`);
      assertUnharmed(await watch.stop(), how);
      const started = performance.now();
      assert.is(await server.end(), 0);
      console.log(`  ${how}: stopped in ${Math.round(performance.now() - started)} ms`);
    } finally {
      await server.dispose();
    }
  });
}

test.run();
