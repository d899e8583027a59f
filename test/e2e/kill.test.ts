/** kill -9 of any process under load: what was in flight in it is lost, and nothing else. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../helpers/http.ts';
import { type Load, type LoadRequest, startLoad } from '../helpers/load.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { descendants, isThere, processesOf, type ProcessInfo, processInfo } from '../helpers/processes.ts';
import { createTestServer, type TestServer } from '../helpers/server.ts';
import { openCount, processTree, restingCount, runtimeFiles, type Tree } from '../helpers/tree.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('e2e: kill -9');
const why = missing({ root: true, programs: ['php-cgi'] });

const CLIENTS = 8;
/** The product's promise is a second; a machine shared by several tests is slower than the product. */
const BACK_WITHIN = 3000;
/** And slower by as much as its answers are: so many of the slowest one of before may pass as well. */
const SLOW_ANSWERS = 10;

const REQUESTS: readonly LoadRequest[] = [
  { kind: 'php', site: 'one', path: '/index.php', expect: 'php says' },
  { kind: 'static', site: 'one', path: '/page.txt', expect: 'a static page' },
  { kind: 'cgi', site: 'one', path: '/cgi-bin/hello.cgi', expect: 'cgi says' },
];
const KINDS = REQUESTS.map(({ kind }) => kind);

const SITE = {
  files: {
    'www/index.php': '<?php usleep(2000); echo "php says ", getmypid();',
    'www/page.txt': 'a static page',
    'cgi-bin/hello.cgi': {
      content: '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\ncgi says $$\\n"\n',
      mode: 0o755,
    },
  },
  config: 'ScriptAlias[] = /cgi-bin/ ../home/one/cgi-bin\n[php]\nMaxChildren = 4\n',
};

async function start(): Promise<TestServer> {
  return createTestServer({ sites: { one: SITE }, config: 'Fronts = 2\nKeepAliveTimeout = 2\n' });
}

interface Victim {
  readonly name: string;
  readonly choose: (tree: Tree) => number | undefined;
  /** What the error log must say about its end. */
  readonly log: (pid: number) => RegExp;
}

const VICTIMS: readonly Victim[] = [
  {
    name: 'a front',
    choose: (tree) => tree.fronts[0]?.pid,
    log: (pid) => new RegExp(`front \\d+ \\(pid ${pid}\\) ended: killed by SIGKILL`),
  },
  {
    name: 'itk',
    choose: (tree) => tree.itk[0]?.pid,
    log: (pid) => new RegExp(`itk \\(pid ${pid}\\) ended: killed by SIGKILL`),
  },
  {
    name: 'a files worker',
    choose: (tree) => tree.files[0]?.pid,
    log: (pid) => new RegExp(`one: files: pid ${pid} ended: killed by SIGKILL`),
  },
  {
    name: 'a cgi worker',
    choose: (tree) => tree.cgi[0]?.pid,
    log: (pid) => new RegExp(`one: cgi: pid ${pid} ended: killed by SIGKILL`),
  },
  {
    name: 'the php-cgi parent',
    choose: (tree) => tree.php[0]?.pid,
    log: (pid) => new RegExp(`one: php: pid ${pid} ended: killed by SIGKILL`),
  },
  {
    name: 'a php-cgi child',
    choose: (tree) => tree.phpChildren[0]?.pid,
    // Its parent, php-cgi, starts another and says nothing: the log has the requests that it took along, if any.
    log: () => /./,
  },
];

/** Milliseconds from `since` until every kind of request that began after it has been answered well. */
async function timeUntilBack(load: Load, since: number): Promise<number> {
  const first = (kind: string): number | undefined => load.answered(kind, since)[0]?.ended;
  await eventually('every kind of request is answered again', () =>
    KINDS.every((kind) => first(kind) !== undefined),
  );
  return Math.max(...KINDS.map((kind) => (first(kind) ?? 0) - since));
}

/** A php-cgi child may end by itself between being seen and being killed: then another is chosen. */
async function killOne(
  server: TestServer,
  name: string,
  choose: Victim['choose'],
): Promise<{ pid: number; since: number }> {
  let pid = 0;
  let since = 0;
  await eventually(`${name} is killed`, () => {
    pid = choose(processTree(server)) ?? 0;
    since = Date.now();
    try {
      return pid > 0 && process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
      throw error;
    }
  });
  return { pid, since };
}

function show(load: Load, since: number): string {
  return load
    .failures(since)
    .map(({ kind, failure }) => `${kind}: ${failure}`)
    .join('; ');
}

/** The same processes as a server that has been used and rests: no idle cgi worker, no script. */
async function untilAtRest(server: TestServer): Promise<Tree> {
  let tree = processTree(server);
  await eventually(
    'the server is at rest',
    () => {
      tree = processTree(server);
      const { cgi, fronts, itk, phpChildren, zombies, others } = tree;
      const extra = cgi.length + zombies.length + others.length;
      return extra === 0 && fronts.length === 2 && itk.length === 1 && phpChildren.length === 1;
    },
    60_000,
  );
  return tree;
}

testWith(test, why, 'each loses what was in flight in it; afterwards all is as before', async () => {
  const server = await start();
  try {
    for (const { path } of REQUESTS) assert.is((await ask(server.port, 'one.test', path)).status, 200);
    const supervisorBefore = await restingCount(server.pid);
    const itkBefore = await restingCount(processTree(server).itk[0]?.pid ?? 0);
    const runtimeBefore = runtimeFiles(server);
    const load = startLoad({ port: server.port, clients: CLIENTS, requests: REQUESTS });
    await sleep(1000);
    assert.is(load.failures().length, 0, `before anything was killed: ${show(load, 0)}`);
    const slowest = Math.max(...load.outcomes.map(({ started, ended }) => ended - started));
    const within = BACK_WITHIN + SLOW_ANSWERS * slowest;
    console.log(`  the slowest answer before: ${slowest} ms`);

    for (const { name, choose, log } of VICTIMS) {
      const { pid, since } = await killOne(server, name, choose);
      const back = await timeUntilBack(load, since);
      await sleep(1000);
      const lost = load.failures(since);
      const last = Math.max(0, ...lost.map(({ ended }) => ended - since));
      console.log(
        `  ${name}: ${lost.length} lost (last after ${last} ms), back after ${back} ms  ${show(load, since)}`,
      );
      assert.ok(lost.length <= CLIENTS, `${name}: ${lost.length} requests lost: ${show(load, since)}`);
      assert.ok(Math.max(back, last) < within, `${name}: back after ${back} ms, lost until ${last} ms`);
      await eventually(`the log tells of ${name}`, () => log(pid).test(server.log()));
      // It is one for a moment, between its end and its parent's wait.
      await eventually(`${name} is no zombie`, () => processInfo(pid)?.zombie !== true);
    }

    await load.stop();
    console.log(`  ${load.outcomes.length} requests in all, ${load.failures().length} lost`);
    const tree = await untilAtRest(server);
    assert.equal(runtimeFiles(server), runtimeBefore);
    // A front or a worker that runs has the same pipes as the one before it.
    assert.is(await restingCount(server.pid), supervisorBefore, 'descriptors of the supervisor');
    assert.is(await restingCount(tree.itk[0]?.pid ?? 0), itkBefore, 'descriptors of itk');
    let held: number[] = [];
    await eventually('both fronts hold as many descriptors', () => {
      held = tree.fronts.map(({ pid }) => openCount(pid));
      return Math.abs((held[0] ?? 0) - (held[1] ?? 0)) <= 12;
    });
    console.log(`  descriptors: supervisor ${supervisorBefore}, itk ${itkBefore}, fronts ${held.join(' ')}`);
    assert.is(await server.end(), 0);
    assert.is(processesOf(server.uids['one'] ?? 0).length, 0);
  } catch (error) {
    console.log(server.log().slice(-4000));
    throw error;
  } finally {
    await server.dispose();
  }
});

testWith(test, why, 'of the supervisor: all ends with it, and a new start takes over at once', async () => {
  const server = await start();
  try {
    const load = startLoad({ port: server.port, clients: 4, requests: REQUESTS });
    await eventually('all kinds', () => KINDS.every((kind) => load.answered(kind, 0).length > 0));
    const { fronts, itk, files, cgi, php, phpChildren } = processTree(server);
    const old = [fronts, itk, files, cgi, php, phpChildren].flat();
    assert.ok(old.length >= 8, `${old.length} processes`);
    await load.stop();
    const since = Date.now();
    assert.is(await server.end('SIGKILL'), 'SIGKILL');
    assert.ok(runtimeFiles(server).includes('itkd.pid'), 'nobody was there to remove the pid file');

    // As a service manager would: without waiting for anything.
    const again = await server.startAgain();
    console.log(`  ready again ${Date.now() - since} ms after the end of the supervisor`);
    try {
      for (const { path, expect } of REQUESTS) {
        assert.ok((await ask(server.port, 'one.test', path)).text.includes(expect), path);
      }
      // Nobody of itkd's is their parent any more: whoever is waits for them when it comes to it.
      const lives = (process: ProcessInfo): boolean => isThere(process) && !processInfo(process.pid)?.zombie;
      assert.equal(old.filter(lives), [], 'fronts, itk and handlers of the old one');
      const pidFile = readFileSync(`${server.folder}/run/itkd.pid`, 'latin1');
      assert.is(Number(pidFile), again.pid);
    } finally {
      assert.is(await again.end(), 0);
    }
    assert.is(processesOf(server.uids['one'] ?? 0).length, 0);
    assert.equal(runtimeFiles(server), []);
  } finally {
    await server.dispose();
  }
});

testWith(test, why, 'of the supervisor under load: nothing is left when nobody starts it again', async () => {
  const server = await start();
  try {
    const load = startLoad({ port: server.port, clients: 4, requests: REQUESTS });
    await eventually('all kinds', () => KINDS.every((kind) => load.answered(kind, 0).length > 0));
    const all = descendants(server.pid);
    const since = Date.now();
    assert.is(await server.end('SIGKILL'), 'SIGKILL');
    await eventually('all end', () => !all.some(isThere));
    console.log(`  ${all.length} processes gone ${Date.now() - since} ms after the supervisor`);
    await load.stop();
    assert.is(processesOf(server.uids['one'] ?? 0).length, 0);
  } finally {
    await server.dispose();
  }
});

test.run();
