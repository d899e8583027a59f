/** A site that takes all it can get: [limits] and NiceValue leave the others theirs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assertUnharmed, createHostileServer, runTool, statusOf, watchVictim } from '../helpers/hostile.ts';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { processesOf } from '../helpers/processes.ts';
import type { TestServer } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: a hostile site that takes all it can get');
const lacks = missing({ root: true, programs: ['php-cgi', 'perl'] });
const SECONDS = 3;
const PROCESSES = 40;
const MALLORY = `NiceValue = 15
[php]
MaxChildren = 2
[limits]
Processes = ${PROCESSES}
AddressSpace = 200M
OpenFiles = 200
FileSize = 3M
Core = 0
`;

async function takes(use: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createHostileServer({ mallory: MALLORY });
  const uid = server.uids['mallory'] ?? 0;
  try {
    await eventually('mallory serves', async () => (await statusOf(server, 'mallory', '/hello.php')) === 200);
    const watch = watchVictim(server);
    await use(server);
    assertUnharmed(await watch.stop(), 'meanwhile');
    await eventually('mallory serves again', async () => {
      const pages = ['/hello.php', '/page.txt', '/cgi-bin/run.cgi?nothing'];
      const all = await Promise.all(pages.map((page) => statusOf(server, 'mallory', page)));
      return all.every((status) => status === 200);
    });
    const started = performance.now();
    assert.is(await server.end(), 0);
    assert.equal(processesOf(uid), []);
    console.log(`  stop: ${Math.round(performance.now() - started)} ms`);
  } finally {
    await server.dispose();
  }
}

testWith(test, lacks, 'a fork bomb', () =>
  takes(async (server) => {
    const uid = server.uids['mallory'] ?? 0;
    let most = 0;
    const counting = setInterval(() => (most = Math.max(most, processesOf(uid).length)), 50);
    // On a machine with much to do a process of little priority may need seconds to begin.
    const bombs = [0, 1].map(() =>
      runTool(server, ['limits.pl', 'processes', '60'], 90_000).catch(() => null),
    );
    await eventually('the bomb has gone off', () => most >= PROCESSES - 10);
    // Files are not the handlers' business: they are served even now.
    assert.is(await statusOf(server, 'mallory', '/page.txt'), 200);
    writeFileSync(join(server.site('mallory'), 'www/over'), '');
    await Promise.all(bombs);
    clearInterval(counting);
    console.log(`  at most ${most} processes`);
    assert.ok(most <= PROCESSES + 5, `${most} processes`);
  }),
);

testWith(test, lacks, 'a stop in the middle of a fork bomb', async () => {
  const server = await createHostileServer({ mallory: MALLORY, config: 'Fronts = 1\nDrainTimeout = 1s\n' });
  const uid = server.uids['mallory'] ?? 0;
  try {
    const bomb = runTool(server, ['limits.pl', 'processes', '60']).catch(() => null);
    await eventually('the bomb has gone off', () => processesOf(uid).length >= PROCESSES - 10);
    const started = performance.now();
    assert.is(await server.end(), 0);
    assert.equal(processesOf(uid), []);
    console.log(`  stop: ${Math.round(performance.now() - started)} ms`);
    await bomb;
  } finally {
    await server.dispose();
  }
});

testWith(test, lacks, 'memory without an end', () =>
  takes(async (server) => {
    const uid = server.uids['mallory'] ?? 0;
    let most = 0;
    const measuring = setInterval(() => {
      most = Math.max(most, ...processesOf(uid).map(({ rss }) => rss));
    }, 50);
    await Promise.all(
      [0, 1].map(() => runTool(server, ['limits.pl', 'memory', `${SECONDS}`]).catch(() => null)),
    );
    clearInterval(measuring);
    console.log(`  the largest process had ${most >> 10} MiB`);
    assert.ok(most < 210 * 1024, `${most} KiB`);
  }),
);

testWith(test, lacks, 'every processor', () =>
  takes(async (server) => {
    const burning = [0, 1].map(() => runTool(server, ['limits.pl', 'processor', `${SECONDS}`]));
    await Promise.all(burning);
    await eventually(
      'they have burnt out',
      () => processesOf(server.uids['mallory'] ?? 0).length < 8,
      20_000,
    );
  }),
);

testWith(test, lacks, 'descriptors and disk', () =>
  takes(async (server) => {
    const { text } = await ask(server.port, 'mallory.test', `/cgi-bin/run.cgi?limits.pl+files+${SECONDS}`);
    const [, opened = '', written = ''] = /^opened: (\d+), written: (\d+)$/m.exec(text) ?? [];
    assert.ok(Number(opened) > 100 && Number(opened) < 200, text);
    assert.is(written, String(3 * 1024 * 1024));
  }),
);

test.run();
