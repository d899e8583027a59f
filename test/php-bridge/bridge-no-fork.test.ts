/** A site that may have no more processes: what waits is served as soon as one can be made, or refused after a while. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRoot, missing, testWith } from '../helpers/needs.ts';
import { processesOf } from '../helpers/processes.ts';
import { eventually } from '../helpers/wait.ts';
import { freshUid } from '../helpers/server.ts';
import { type Bridge, type BridgeSetup, startBridge } from './bridge.ts';

const test = suite('php-bridge: no more processes');
const needs = missing({ root: true, programs: ['php-cgi', 'prlimit'] });
const OVERLOADED = 2;
const scripts = { 'pid.php': '<?php echo getmypid();' };

/** RLIMIT_NPROC counts all processes of the user, so it has to be one of whom there are no others. */
const uid = isRoot ? freshUid() : 0;

/** What processes that are started from now on inherit: as many as that for their user. Root itself is not counted. */
function limitProcesses(most: number | 'unlimited'): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(process.pid), `--nproc=${most}:`], {
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
}

/** @param most processes of the site, the fork server included */
const php = (
  name: string,
  most: number,
  settings: NonNullable<BridgeSetup['settings']>,
  body: (bridge: Bridge) => Promise<void>,
): void =>
  testWith(test, needs, name, async () => {
    const before = /^Max processes +(\d+|unlimited) /m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    limitProcesses(most);
    const starting = startBridge({ scripts, uid, settings });
    const bridge = await starting.finally(() => limitProcesses(Number(before) || 'unlimited'));
    try {
      await body(bridge);
    } finally {
      await bridge.stop();
    }
  });

/** Takes the place of a process of the site's. */
function occupy(): ChildProcess {
  return spawn('sleep', ['600'], { uid, gid: uid, stdio: 'ignore', cwd: '/' });
}

for (const spare of [0, 1]) {
  php(
    `one that waits is served as soon as one can be made (spare ${spare})`,
    2,
    { spare },
    async (bridge) => {
      await bridge.get('pid.php');
      await eventually('at rest', () => bridge.children().length === spare);
      const other = occupy();
      try {
        await eventually('it runs', () => processesOf(uid).length === spare + 2);
        // The process that waits serves one connection more, and ends with it.
        if (spare === 1) assert.match(await bridge.get('pid.php'), /^\d+$/);
        const waiting = await bridge.connect();
        waiting.send('pid.php', { keep: false });
        await eventually('it is said', () => bridge.log().includes('\n'));
        await eventually('nobody serves', () => bridge.children().length === 0);
        other.kill('SIGKILL');
        assert.match((await waiting.answer()).body ?? '', /^\d+$/);
        await waiting.end();
        assert.match(bridge.log(), /^(php-cgi: fork: Resource temporarily unavailable\n)+$/);
      } finally {
        other.kill('SIGKILL');
      }
    },
  );
}

for (const spare of [0, 1]) {
  php(
    `those that wait in vain are told that they were not served (spare ${spare})`,
    1,
    { spare },
    async (bridge) => {
      const connections = await Promise.all(Array.from({ length: 3 }, () => bridge.connect()));
      for (const connection of connections) connection.send('pid.php', { body: 'x'.repeat(9000) });
      for (const connection of connections) {
        const { body, protocolStatus } = await connection.answer();
        assert.is(body, '');
        assert.is(protocolStatus, OVERLOADED);
        assert.is(connection.error, null);
        await connection.end();
      }
    },
  );
}

php(
  'an idle kept connection is given up for each that waits, and one line says why',
  2,
  { spare: 0, children: 9 },
  async (bridge) => {
    let idle = await bridge.connect();
    let pid = await idle.get('pid.php');
    for (let i = 0; i < 4; i++) {
      const next = await bridge.connect();
      const other = await next.get('pid.php');
      assert.is.not(other, pid);
      assert.is((await idle.answer()).body, null);
      await idle.end();
      idle = next;
      pid = other;
    }
    await idle.end();
    assert.is(bridge.log(), 'php-cgi: fork: Resource temporarily unavailable\n');
  },
);

test.run();
