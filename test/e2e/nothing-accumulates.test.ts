/** Many requests of all kinds leave processes, descriptors and memory as they were. ITKD_LONG=100000 makes that many. */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { requestCount } from '../helpers/long.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { processInfo } from '../helpers/processes.ts';
import type { TestServer } from '../helpers/server.ts';
import { openCount, processTree } from '../helpers/tree.ts';
import { eventually } from '../helpers/wait.ts';
import { withServer } from '../helpers/with-server.ts';

const test = suite('e2e: nothing accumulates');
const lacks = missing({ root: true, programs: ['php-cgi'] });
const REQUESTS = requestCount(3000);
const WARM_UP = Math.min(REQUESTS, 10_000);
const CLIENTS = 8;
const CHILDREN = 4;
/** Node's heap grows and shrinks as it likes; what grew with every request would be far more after 100,000. */
const NODE_GROWTH = 48 * 1024;
/** Longer than a front keeps a connection to PHP, or a file, that nobody asks for. */
const REST = 2500;
/** What the C library and the kernel keep for later use. */
const GROWTH = 2 * 1024;

interface Measured {
  /** Role, or title, and number among its like; with the number of its descriptors. */
  readonly descriptors: readonly string[];
  /** Resident KiB by role; php's children taken together are new each time, and are left out. */
  readonly memory: ReadonlyMap<string, number>;
}

function measure(server: TestServer): Measured {
  const { fronts, itk, files, cgi, php, phpChildren, others, zombies } = processTree(server);
  const roles = { fronts, itk, files, cgi, php, phpChildren, others, zombies };
  const supervisor = processInfo(server.pid);
  const named = Object.entries({ supervisor: supervisor === null ? [] : [supervisor], ...roles }).flatMap(
    ([role, processes]) => processes.map((process, n) => ({ ...process, label: `${role} ${n}`, role })),
  );
  return {
    descriptors: named.map(({ label, pid }) => `${label}: ${openCount(pid)} descriptors`),
    memory: new Map(
      named.filter(({ role }) => role !== 'phpChildren').map(({ label, rss }) => [label, rss] as const),
    ),
  };
}

/** One connection after the other, with one to six requests: of PHP with and without a body, of files, and some cut off. */
async function client(port: number, count: number): Promise<void> {
  let cut = 0;
  for (let done = 0, turn = 0; done < count; turn++) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let n = 0; n <= turn % 6; n++, done++) {
      const kind = done % 20;
      const options = kind < 5 ? { agent, body: 'x'.repeat(kind * 5000 + 1) } : { agent };
      const asked = ask(port, 'a.test', kind === 19 ? '/page.txt' : '/count.php', {
        ...options,
        ...(kind === 10 ? { signal: AbortSignal.timeout(3) } : {}),
      });
      if (kind === 10) {
        await asked.catch(() => (cut += 1));
        continue;
      }
      const { status, text } = await asked;
      assert.is(status, 200, text);
      assert.is(text, kind === 19 ? 'a page' : String(options.body?.length ?? 0));
    }
    agent.destroy();
  }
}

async function requests(server: TestServer, count: number): Promise<void> {
  await Promise.all(Array.from({ length: CLIENTS }, () => client(server.port, count / CLIENTS)));
}

for (const lifetime of ['connection', 'pool']) {
  testWith(test, lacks, `Lifetime = ${lifetime}: ${REQUESTS} requests`, () =>
    withServer(
      {
        config: 'Fronts = 2\n',
        sites: {
          a: {
            files: {
              'www/count.php': '<?php echo strlen(file_get_contents("php://input"));',
              'www/page.txt': 'a page',
            },
            // At rest all of them wait.
            config: `[php]\nLifetime = ${lifetime}\nMaxChildren = ${CHILDREN}\nMinSpare = ${CHILDREN}\n`,
          },
        },
      },
      async (server) => {
        await requests(server, WARM_UP);
        let before = measure(server);
        await eventually(
          'all is at rest',
          async () => {
            before = measure(server);
            await sleep(REST);
            const same = measure(server).descriptors.join() === before.descriptors.join();
            return same && processTree(server).phpChildren.length === CHILDREN;
          },
          30_000,
        );
        const started = Date.now();
        await requests(server, REQUESTS);
        const seconds = (Date.now() - started) / 1000;
        let after = measure(server);
        await eventually('as many processes and descriptors as before', () => {
          after = measure(server);
          return after.descriptors.join() === before.descriptors.join();
        }).catch(() => assert.equal(after.descriptors, before.descriptors));
        console.log(`  ${REQUESTS} requests in ${seconds.toFixed(0)} s; ${after.descriptors.join(', ')}`);
        for (const [label, rss] of after.memory) {
          const grown = rss - (before.memory.get(label) ?? 0);
          console.log(`  ${label}: ${rss} KiB resident, ${grown} more than before`);
          const node = label === 'supervisor 0' || label.startsWith('fronts');
          assert.ok(grown <= (node ? NODE_GROWTH : GROWTH), `${label}: ${grown} KiB`);
        }
      },
    ),
  );
}

test.run();
