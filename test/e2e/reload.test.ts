/** Reloading under load loses no request, and leaves nothing of the old generations. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCli } from '../helpers/cli.ts';
import { ask } from '../helpers/http.ts';
import { type LoadRequest, startLoad } from '../helpers/load.ts';
import { isRoot, missing, testWith } from '../helpers/needs.ts';
import { isThere, processesOf, type ProcessInfo, processInfo } from '../helpers/processes.ts';
import { createTestServer } from '../helpers/server.ts';
import { processTree, restingCount, runtimeFiles } from '../helpers/tree.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: reload under load');
const why = missing({ programs: ['php-cgi'] });

const RELOADS = 20;

const REQUESTS: readonly LoadRequest[] = [
  { kind: 'php', site: 'one', path: '/index.php', expect: 'php says' },
  { kind: 'static', site: 'one', path: '/page.txt', expect: 'a static page' },
  { kind: 'cgi', site: 'one', path: '/cgi-bin/hello.cgi', expect: 'cgi says' },
  {
    kind: 'upload',
    site: 'one',
    path: '/upload.php',
    expect: 'got 100000',
    body: Buffer.alloc(100_000, 'x'),
  },
];

const SITE = {
  files: {
    'www/index.php': '<?php usleep(2000); echo "php says ", getmypid();',
    'www/upload.php': '<?php echo "got ", strlen(file_get_contents("php://input"));',
    'www/page.txt': 'a static page',
    'cgi-bin/hello.cgi': {
      content: '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\ncgi says $$\\n"\n',
      mode: 0o755,
    },
  },
  config: 'ScriptAlias[] = /cgi-bin/ ../home/one/cgi-bin\n',
};

testWith(
  test,
  why,
  `${RELOADS} reloads lose no request; old processes, sockets and descriptors go`,
  async () => {
    const server = await createTestServer({
      sites: { one: SITE },
      config: 'Fronts = 2\nKeepAliveTimeout = 1\nCustomLog = log/access.log\n',
    });
    try {
      const { port } = server;
      for (const { path } of REQUESTS) assert.is((await ask(port, 'one.test', path)).status, 200);
      const descriptors = await restingCount(server.pid);
      const filesBefore = runtimeFiles(server);
      const keeping = startLoad({ port, clients: 4, requests: REQUESTS });
      const coming = startLoad({ port, clients: 3, requests: REQUESTS, keepAlive: false });
      const started = Date.now();
      const old: ProcessInfo[] = [];
      for (let number = 1; number <= RELOADS; number++) {
        const { fronts, itk } = processTree(server);
        old.push(...fronts, ...itk);
        // Half by the command, half by the signal alone.
        if (number % 2 === 0) {
          const reload = await runCli('reload', server.configFile);
          assert.is(reload.status, 0, reload.stderr);
          assert.match(reload.stdout, `generation ${number + 1} serves`);
        } else {
          process.kill(server.pid, 'SIGHUP');
          await eventually(`generation ${number + 1} serves`, () =>
            server.log().includes(`generation ${number + 1} serves`),
          );
        }
      }
      await sleep(300);
      await Promise.all([keeping.stop(), coming.stop()]);
      const seconds = (Date.now() - started) / 1000;
      const lost = [...keeping.failures(), ...coming.failures()];
      console.log(
        `  ${RELOADS} reloads in ${seconds.toFixed(1)} s; lost ${lost.length} of ${keeping.outcomes.length} on kept ` +
          `and ${coming.outcomes.length} on new connections`,
      );
      assert.equal(
        lost.map(({ kind, failure }) => `${kind}: ${failure}`),
        [],
      );
      assert.ok(keeping.outcomes.length > RELOADS && coming.outcomes.length > RELOADS);

      await eventually(
        `generation ${RELOADS} has ended`,
        () => server.log().includes(`generation ${RELOADS} has ended`),
        60_000,
      );
      const status = await runCli('status', server.configFile);
      assert.match(status.stdout, `(generation ${RELOADS + 1})`);
      const { fronts, itk } = processTree(server);
      for (const { pid } of [...fronts, ...itk]) assert.match(status.stdout, String(pid));
      assert.is(fronts.length, 2);
      assert.is(itk.length, 1);
      assert.equal(old.filter(isThere), [], 'of an old generation');
      // A PHP whose connection has just ended is a zombie until its parent waits for it.
      await eventually('no zombie, and no process that nobody knows', () => {
        const { zombies, others } = processTree(server);
        return zombies.length + others.length === 0;
      });
      const inNewFolder = filesBefore.map((name) => name.replace(/^g1(?=\/|$)/, `g${RELOADS + 1}`));
      assert.equal(runtimeFiles(server), inNewFolder);
      assert.is(await restingCount(server.pid), descriptors, 'descriptors of the supervisor');
      console.log(
        `  supervisor: ${descriptors} descriptors before and after, ${processInfo(server.pid)?.rss} KiB`,
      );
      assert.is(await server.end(), 0);
      assert.equal(runtimeFiles(server), []);
      if (isRoot) assert.equal(processesOf(server.uids['one'] ?? 0), []);
    } finally {
      await server.dispose();
    }
  },
);

test.run();
