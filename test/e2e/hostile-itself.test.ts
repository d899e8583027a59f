/** A site that stops, kills or starves what serves it: it does so to itself alone, and nothing piles up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCli } from '../helpers/cli.ts';
import { assertUnharmed, createHostileServer, runTool, statusOf, watchVictim } from '../helpers/hostile.ts';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { processesOf, processInfo } from '../helpers/processes.ts';
import type { TestServer } from '../helpers/server.ts';
import { openCount, processTree } from '../helpers/tree.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: a hostile site stops its own service');
const lacks = missing({ root: true, programs: ['php-cgi', 'perl'] });
const MALLORY = '[php]\nMaxChildren = 3\nRequestTimeout = 2s\n[cgi]\nTimeout = 2s\n';
const PAGES = ['/hello.php', '/page.txt', '/cgi-bin/run.cgi?nothing'];
/** More than any request of mallory's can take: the longest waits for the files worker, up to 10 s, and starts another. */
const LONGEST = 40_000;

async function withMallory(use: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createHostileServer({ mallory: MALLORY, config: 'Fronts = 1\nDrainTimeout = 2s\n' });
  try {
    // Two seconds may be too few for the start of PHP when the machine has much to do.
    for (const page of PAGES)
      await eventually(page, async () => (await statusOf(server, 'mallory', page)) === 200);
    await use(server);
  } finally {
    await server.dispose();
  }
}

/** Every request has an end, and one that tells the truth. */
async function statuses(server: TestServer, paths: readonly string[]): Promise<string> {
  const all = await Promise.all(paths.map((path) => statusOf(server, 'mallory', path, LONGEST)));
  for (const [index, status] of all.entries())
    assert.ok([200, 500, 502, 503, 504].includes(status), `${paths[index]}: ${status}`);
  return [...new Set(all)].toSorted((a, b) => a - b).join(', ');
}

async function reloadAndStop(server: TestServer): Promise<void> {
  const started = performance.now();
  assert.is((await runCli('reload', server.configFile)).status, 0);
  await eventually('mallory serves again', async () =>
    (await Promise.all(PAGES.map((page) => statusOf(server, 'mallory', page)))).every((s) => s === 200),
  );
  const reloaded = performance.now();
  assert.is(await server.end(), 0);
  assert.equal(processesOf(server.uids['mallory'] ?? 0), []);
  const [first, second] = [reloaded - started, performance.now() - reloaded].map(Math.round);
  console.log(`  reload: ${first} ms, stop: ${second} ms`);
}

testWith(test, lacks, 'every process of its own is stopped (SIGSTOP)', () =>
  withMallory(async (server) => {
    const watch = watchVictim(server);
    await runTool(server, ['signal.pl', 'STOP', 'php-cgi']);
    const php = await statuses(
      server,
      Array.from({ length: 20 }, () => '/hello.php'),
    );
    // Last of all its own worker, whose answer then never comes.
    const own = runTool(server, ['signal.pl', 'STOP+', 'php-cgi,itk-'], 15_000).catch(() => undefined);
    const rest = await statuses(server, [...PAGES, ...PAGES, ...PAGES]);
    await own;
    console.log(`  stopped PHP: ${php}; stopped workers: ${rest}`);
    assertUnharmed(await watch.stop(), 'stopped');
    await reloadAndStop(server);
  }),
);

testWith(test, lacks, '1500 requests at once to a site that is stopped', () =>
  withMallory(async (server) => {
    await runTool(server, ['signal.pl', 'STOP', 'php-cgi']);
    const front = processTree(server).fronts[0]?.pid ?? 0;
    const [descriptors, memory] = [openCount(front), processInfo(front)?.rss ?? 0];
    const watch = watchVictim(server);
    const counts = new Map<number, number>();
    const started = performance.now();
    let most = 0;
    const sampling = setInterval(() => (most = Math.max(most, openCount(front))), 200);
    await Promise.all(
      Array.from({ length: 1500 }, async () => {
        const status = await statusOf(server, 'mallory', '/hello.php', 90_000);
        counts.set(status, (counts.get(status) ?? 0) + 1);
      }),
    );
    clearInterval(sampling);
    console.log(
      `  ${[...counts].map(([status, n]) => `${n} times ${status}`).join(', ')}, all within ` +
        `${Math.round(performance.now() - started)} ms; descriptors: ${descriptors}, at most ${most}`,
    );
    for (const status of counts.keys()) assert.ok([502, 503, 504].includes(status), `status ${status}`);
    assertUnharmed(await watch.stop(), '1500 requests');
    await eventually('no descriptor is left', () => openCount(front) <= descriptors + 20);
    assert.ok((processInfo(front)?.rss ?? 0) - memory < 150 * 1024, 'memory of the front');
    await reloadAndStop(server);
  }),
);

testWith(test, lacks, 'whatever is started is killed at once, for five seconds', () =>
  withMallory(async (server) => {
    const watch = watchVictim(server);
    const before = server.log().length;
    await ask(server.port, 'mallory.test', '/run.php?signal.pl+KILL+php-cgi,itk-+5');
    const until = Date.now() + 5000;
    const seen: string[] = [];
    while (Date.now() < until)
      seen.push(
        await statuses(
          server,
          Array.from({ length: 10 }, (_, n) => PAGES[n % 2] ?? ''),
        ),
      );
    const grown = server.log().length - before;
    console.log(
      `  killed: ${[...new Set(seen)].join(' | ')}; ${seen.length} rounds; log: ${grown >> 10} KiB`,
    );
    // The limiter's burst, its refill in that time, and the supervisor's own lines.
    assert.ok(grown < 2 * 1024 * 1024, 'the log is not filled by it');
    assertUnharmed(await watch.stop(), 'killed');
    await reloadAndStop(server);
  }),
);

testWith(
  test,
  lacks,
  'its workers cannot be looked into, and what prlimit does to them is its own harm',
  () =>
    withMallory(async (server) => {
      const watch = watchVictim(server);
      const look = (await runTool(server, ['own.pl', 'look'])).text;
      assert.match(look, /^done: [2-9] workers\n$/);
      // Its own CGI worker is one of them: the answer may not arrive.
      await runTool(server, ['own.pl', 'limit']).catch(() => undefined);
      // Longer than FileCacheTTL.
      await sleep(1200);
      console.log(`  then: ${await statuses(server, PAGES)}`);
      assertUnharmed(await watch.stop(), 'limited');
      await reloadAndStop(server);
    }),
);

test.run();
