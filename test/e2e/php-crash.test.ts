/** A PHP process that crashes costs its own request, and the log says what it was. */
import { Agent } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import type { TestSite } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: PHP that crashes');
const lacks = missing({ root: true, programs: ['php-cgi'] });

function site(lifetime: string): TestSite {
  return {
    files: {
      'www/pid.php': '<?php echo getmypid();',
      'www/sub/crash.php': '<?php posix_kill(getmypid(), 11); sleep(60);',
      'www/began.php':
        '<?php echo getmypid(), str_repeat("\n", 200_000); flush(); posix_kill(getmypid(), 11); sleep(60);',
      'www/slow.php': '<?php touch(__DIR__ . "/runs"); sleep(1); echo "done";',
    },
    config: `[php]\nLifetime = ${lifetime}\nMaxChildren = 3\n[limits]\nCore = 0\n`,
  };
}

for (const lifetime of ['connection', 'pool']) {
  testWith(test, lacks, `Lifetime = ${lifetime}: its request only`, () =>
    withServer({ sites: { a: site(lifetime) }, config: 'Fronts = 1\n' }, async (server) => {
      const get = (path: string, agent?: Agent): ReturnType<typeof ask> =>
        ask(server.port, 'a.test', path, agent === undefined ? {} : { agent });
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const other = get('/slow.php');
      const pid = (await get('/pid.php', agent)).text;
      for (let n = 1; n <= 5; n++) {
        assert.is((await get('/sub/crash.php', agent)).status, 502);
        const next = await get('/pid.php', agent);
        assert.is(next.status, 200);
        assert.is.not(next.text, pid, 'another process');
      }
      assert.is((await other).text, 'done', 'a request that ran meanwhile');
      agent.destroy();
      // What it was, of which script, and of which process.
      const lines = /\[error\] \[a\] 502 \/sub\/crash\.php: php: the program closed its connection/g;
      await eventually('the lines', () => server.log().match(lines)?.length === 5);
      const signals =
        /\[a\] php\[\d+\]: php-cgi: pid \d+ was ended by signal 11 \(.+\) after \d+ requests: \S+\/sub\/crash\.php/g;
      await eventually('the signals', () => server.log().match(signals)?.length === 5);
      assert.match(server.log(), `pid ${pid} was ended by signal 11`);

      const cut = await get('/began.php').then(
        () => 'answered',
        (error: Error) => error.message,
      );
      assert.is(cut, 'aborted', 'an answer that is cut is not one that ended');
      await eventually('its line', () =>
        /\[error\] \[a\] \/began\.php: php: the program .+ in the middle of the answer/.test(server.log()),
      );
      assert.is((await get('/pid.php')).status, 200);
    }),
  );
}

test.run();
