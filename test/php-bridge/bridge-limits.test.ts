import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missing, testWith } from '../helpers/needs.ts';
import { processInfo } from '../helpers/processes.ts';
import { eventually } from '../helpers/wait.ts';
import { record } from '../handlers/fastcgi/peer.ts';
import { type BridgeSetup, type Bridge, request, withBridge } from './bridge.ts';
import { COUNT, countRequests, OVERLOADED } from './count-requests.ts';
import { givesUpTheOldest } from './given-up.ts';

const test = suite('php-bridge: limits');
const needs = missing({ programs: ['php-cgi'] });
const scripts = {
  'pid.php': '<?php echo getmypid();',
  'count.php': COUNT,
  'hang.php': '<?php while (true) sleep(1);',
  'wait.php':
    '<?php $t = microtime(true); sleep(1); echo round(microtime(true) - $t, 1) >= 1 ? "slept" : "woken";',
  'mark.php': '<?php touch(__DIR__ . "/begun"); while (true) sleep(1);',
};

const php = (name: string, setup: BridgeSetup, body: (bridge: Bridge) => Promise<void>): void =>
  testWith(test, needs, name, () => withBridge({ scripts, ...setup }, body));

const gone = (pid: number): boolean => processInfo(pid)?.zombie ?? true;

/** Processor time of a process so far, in clock ticks. */
async function ticks(pid: number): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const fields = (await readFile(`/proc/${pid}/stat`, 'latin1')).replace(/^.*\) /s, '').split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

php('an idle kept connection is given up for one that waits', { settings: { children: 2 } }, (bridge) =>
  givesUpTheOldest(bridge),
);

php(
  'what a program has left of a request does not make its client look less silent',
  { settings: { children: 2 } },
  (bridge) => givesUpTheOldest(bridge, (connection) => connection.socket.write(record(5))),
);

php(
  'a request that has come in part is refused, with the end of the one before in front of it too',
  { settings: { requests: 1 } },
  async (bridge) => {
    const connection = await bridge.connect();
    const next = request(join(bridge.root, 'pid.php'), true);
    const first = request(join(bridge.root, 'pid.php'), true, '', false);
    // All at once: it is there when the process, which serves no second request, looks for one.
    connection.socket.write(Buffer.concat([first, record(5), next.subarray(0, 40)]));
    assert.match((await connection.answer()).body ?? '', /^\d+$/);
    assert.is((await connection.answer()).protocolStatus, OVERLOADED);
    await connection.end();
  },
);

php(
  'giving up loses no request and runs none twice',
  { settings: { children: 2, lifetime: 'pool' } },
  async (bridge) => {
    const { done, repeated } = await countRequests(bridge, 5, 16);
    assert.is(done, 80);
    assert.is(statSync(join(bridge.root, 'runs')).size, 80);
    assert.ok(repeated > 0);
  },
);

php('a request that runs too long is ended', { settings: { timeout: 1500 } }, async (bridge) => {
  const connection = await bridge.connect();
  const pid = Number(await connection.get('pid.php'));
  connection.send('hang.php');
  assert.is((await connection.answer()).body, null);
  await eventually('it is gone', () => gone(pid));
  await eventually('a line', () =>
    bridge.log().includes(`pid ${pid} is ended: RequestTimeout: ${bridge.root}/hang.php\n`),
  );
});

php('a process that waits between requests is not timed', { settings: { timeout: 1500 } }, async (bridge) => {
  const connection = await bridge.connect();
  const pid = await connection.get('pid.php');
  await new Promise((resolve) => setTimeout(resolve, 2500));
  assert.is(await connection.get('pid.php'), pid);
  await connection.end();
});

php('a request whose client has left is ended', { settings: { kill: 1 } }, async (bridge) => {
  const connection = await bridge.connect();
  const pid = Number(await connection.get('pid.php'));
  connection.send('mark.php');
  await eventually('it runs', () => existsSync(join(bridge.root, 'begun')));
  await connection.end();
  await eventually('it is gone', () => gone(pid));
  await eventually('a line', () =>
    bridge.log().includes(`pid ${pid} is ended: its client has left: ${bridge.root}/mark.php\n`),
  );
});

php(
  'looking for the client does not disturb a script',
  { settings: { kill: 1, timeout: 20_000 } },
  async (bridge) => {
    assert.is(await bridge.get('wait.php'), 'slept');
  },
);

php(
  'without work for `idle`, nothing is left, and it ends with 0',
  { settings: { idle: 1500, spare: 2 } },
  async (bridge) => {
    await bridge.get('pid.php');
    assert.is(await bridge.ended, 0);
  },
);

php(
  'a connection that is kept too long without a request is given up',
  { settings: { idle: 1500 } },
  async (bridge) => {
    const connection = await bridge.connect();
    await connection.get('pid.php');
    assert.is((await connection.answer()).body, null);
    assert.is(await bridge.ended, 0);
  },
);

php(
  'more waiting processes than `spare` end',
  { settings: { lifetime: 'pool', children: 4, idle: 4000 } },
  async (bridge) => {
    const connections = await Promise.all(Array.from({ length: 4 }, () => bridge.connect()));
    await Promise.all(connections.map((connection) => connection.get('pid.php')));
    await Promise.all(connections.map((connection) => connection.end()));
    assert.is(bridge.children().length, 4);
    // In turn: each of four would wait for longer than `idle`.
    const kept = setInterval(() => void bridge.get('pid.php').catch(() => undefined), 1300);
    try {
      await eventually('few are left', () => bridge.children().length < 4);
    } finally {
      clearInterval(kept);
    }
  },
);

for (const spare of [0, 1]) {
  php(
    `nothing spins while all are busy and others wait (spare ${spare})`,
    { settings: { children: 1, spare, kill: 1, timeout: 30_000 } },
    async (bridge) => {
      const busy = await bridge.connect();
      await busy.get('pid.php');
      busy.send('hang.php');
      const waiting = await bridge.connect();
      waiting.send('pid.php');
      await new Promise((resolve) => setTimeout(resolve, 200));
      const before = await ticks(bridge.pid);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      // A hundredth of a second each: what spins has more of them even where it has a processor a third of the time.
      assert.ok((await ticks(bridge.pid)) - before <= 15);
      await busy.end();
      assert.match((await waiting.answer()).body ?? '', /^\d+$/);
      await waiting.end();
    },
  );
}

php('nothing outlives the fork server', { settings: { children: 3, spare: 2 } }, async (bridge) => {
  const connection = await bridge.connect();
  connection.send('mark.php');
  await eventually('it runs', () => existsSync(join(bridge.root, 'begun')));
  await eventually('children', () => bridge.children().length === 3);
  const children = bridge.children();
  process.kill(bridge.pid, 'SIGKILL');
  await eventually('all are gone', () => children.every(gone));
});

php('SIGTERM ends it and all its children', { settings: { children: 3, spare: 1 } }, async (bridge) => {
  const running = await bridge.connect();
  const idle = await bridge.connect();
  await idle.get('pid.php');
  running.send('hang.php');
  await eventually('children', () => bridge.children().length === 3);
  const children = bridge.children();
  process.kill(bridge.pid, 'SIGTERM');
  assert.is(await bridge.ended, 'SIGTERM');
  await eventually('all are gone', () => children.every(gone));
});

test.run();
