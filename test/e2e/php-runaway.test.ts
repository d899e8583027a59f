/** Scripts of PHP that never end or take all they can get: another site's answers go on, and their own site recovers. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assertUnharmed, createHostileServer, statusOf, watchVictim } from '../helpers/hostile.ts';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { processesOf } from '../helpers/processes.ts';
import type { TestServer } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: scripts that run away');
const lacks = missing({ root: true, programs: ['php-cgi', 'perl'] });
const CHILDREN = 3;
const PROCESSES = 30;
const FILES = {
  'www/loop.php': '<?php while (true);',
  // Nothing but SIGKILL ends it.
  'www/deaf.php': '<?php pcntl_signal(SIGTERM, SIG_IGN); while (true);',
  'www/began.php': '<?php echo str_repeat("x", 100_000); flush(); while (true);',
  'www/memory.php': '<?php ini_set("memory_limit", -1); while (true) $all[] = str_repeat("x", 1000);',
  'www/limit.php': '<?php while (true) $all[] = str_repeat("x", 1000);',
  'www/bomb.php': `<?php
    do { $made[] = @proc_open(['sleep', '5'], [], $pipes); } while (end($made) !== false);
    // Not to wait for them at the end.
    echo count($made) - 1; flush(); posix_kill(getmypid(), SIGKILL);`,
};

/** Each case runs beside the victim; afterwards mallory serves again. */
async function runsAway(
  lifetime: string,
  use: (server: TestServer) => Promise<void>,
  timeout = '1s',
): Promise<void> {
  const server = await createHostileServer({
    files: FILES,
    mallory:
      `[php]\nLifetime = ${lifetime}\nMaxChildren = ${CHILDREN}\nRequestTimeout = ${timeout}\n` +
      `[limits]\nAddressSpace = 300M\nProcesses = ${PROCESSES}\nCore = 0\n`,
  });
  try {
    const serves = async (): Promise<boolean> => (await statusOf(server, 'mallory', '/hello.php')) === 200;
    // A second may be too little for the start of PHP when the machine has much to do.
    await eventually('mallory serves', serves);
    const watch = watchVictim(server);
    await use(server);
    assertUnharmed(await watch.stop(), lifetime);
    await eventually('mallory serves again', serves);
  } finally {
    await server.dispose();
  }
}

/** More at once than there are processes for. */
function several(server: TestServer, path: string): Promise<number[]> {
  const count = CHILDREN + 2;
  return Promise.all(Array.from({ length: count }, () => statusOf(server, 'mallory', path, 60_000)));
}

for (const lifetime of ['connection', 'pool']) {
  testWith(test, lacks, `Lifetime = ${lifetime}: endless loops`, () =>
    runsAway(lifetime, async (server) => {
      assert.is(
        await statusOf(server, 'mallory', '/began.php', 60_000),
        0,
        'an answer that had begun is cut',
      );
      for (const path of ['/loop.php', '/deaf.php']) {
        assert.equal([...new Set(await several(server, path))], [504], path);
        await eventually('a line', () => server.log().includes(`[mallory] 504 ${path}: php: `));
      }
      await eventually('they are ended', () =>
        /\[mallory\] php\[\d+\]: php-cgi: pid \d+ is ended: RequestTimeout/.test(server.log()),
      );
      await eventually('none is left', async () => {
        const { text } = await ask(server.port, 'mallory.test', '/hello.php');
        return text === 'mallory: php' && processesOf(server.uids['mallory'] ?? -1).length < CHILDREN + 5;
      });
    }),
  );

  testWith(test, lacks, `Lifetime = ${lifetime}: memory without an end`, () =>
    runsAway(lifetime, async (server) => {
      const uid = server.uids['mallory'] ?? -1;
      let most = 0;
      const measuring = setInterval(() => {
        most = Math.max(most, ...processesOf(uid).map(({ rss }) => rss));
      }, 20);
      // The second ends by RequestTimeout on a slow machine.
      const statuses = [...(await several(server, '/limit.php')), ...(await several(server, '/memory.php'))];
      clearInterval(measuring);
      for (const status of statuses) assert.ok([500, 502, 504].includes(status), `status ${status}`);
      assert.ok(most < 310 * 1024, `${most} KiB`);
      await eventually('PHP says so', () =>
        /\[mallory\] .*(Allowed memory size|annot allocate memory)/.test(server.log()),
      );
    }),
  );

  testWith(test, lacks, `Lifetime = ${lifetime}: a fork bomb`, () =>
    runsAway(
      lifetime,
      async (server) => {
        const uid = server.uids['mallory'] ?? -1;
        let most = 0;
        const counting = setInterval(() => (most = Math.max(most, processesOf(uid).length)), 20);
        await statusOf(server, 'mallory', '/bomb.php', 60_000);
        clearInterval(counting);
        most = Math.max(most, processesOf(uid).length);
        assert.ok(most > PROCESSES - 5 && most <= PROCESSES, `${most} processes`);
        // No process can be made for these while the others sleep; they are answered all the same.
        for (const status of await several(server, '/hello.php'))
          assert.ok([200, 502, 503, 504].includes(status), `status ${status}`);
        assert.is(await statusOf(server, 'mallory', '/page.txt'), 200);
      },
      // It ends by itself, and not for its time.
      '20s',
    ),
  );
}

test.run();
