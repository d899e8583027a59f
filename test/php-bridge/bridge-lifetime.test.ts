import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missing, testWith } from '../helpers/needs.ts';
import { eventually } from '../helpers/wait.ts';
import { type BridgeSetup, type Bridge, request, withBridge } from './bridge.ts';

const test = suite('php-bridge: lifetime of a process');
const needs = missing({ programs: ['php-cgi'] });
const scripts = {
  'pid.php': '<?php echo getmypid();',
  'count.php': '<?php echo strlen(file_get_contents("php://input"));',
  'static.php':
    '<?php class A { static $n = 0; } echo ++A::$n, function_exists("opcache_get_status") ? 1 : 0;',
  // PHP gives one large block back; of many small ones it keeps about half for the next request.
  'grow.php':
    '<?php ini_set("memory_limit", -1); for ($n = 0; $n < 200_000; $n++) $x[] = str_repeat("x", 1000); echo getmypid();',
  'crash.php': '<?php posix_kill(getmypid(), 11); sleep(5);',
  'whoami.php': '<?php echo posix_getuid(), " ", posix_getppid(), " ", getmypid();',
};

const using = (setup: BridgeSetup, body: (bridge: Bridge) => Promise<void>): Promise<void> =>
  withBridge({ scripts, ...setup }, body);

const php = (name: string, setup: BridgeSetup, body: (bridge: Bridge) => Promise<void>): void =>
  testWith(test, needs, name, () => using(setup, body));

php('with connection, a process serves one connection and ends with it', {}, async (bridge) => {
  const connection = await bridge.connect();
  const first = await connection.get('pid.php');
  assert.is(await connection.get('pid.php'), first);
  assert.ok(bridge.children().includes(Number(first)));
  await connection.end();
  await eventually('its process ends', () => !bridge.children().includes(Number(first)));
  const pids = new Set([first]);
  for (let i = 0; i < 20; i++) pids.add(await bridge.get('pid.php'));
  assert.is(pids.size, 21);
});

php(
  'with pool, a process goes on to other connections',
  { settings: { lifetime: 'pool' } },
  async (bridge) => {
    const pids = new Set<string>();
    for (let i = 0; i < 30; i++) pids.add(await bridge.get('pid.php'));
    assert.ok(pids.size <= 3, [...pids].join(' '));
  },
);

php('children are forked from the process that went through start-up', {}, async (bridge) => {
  const [uid, parent, pid] = (await bridge.get('whoami.php')).split(' ').map(Number);
  assert.is(uid, (await import('./bridge.ts')).UID);
  assert.is(parent, bridge.pid);
  assert.is.not(pid, bridge.pid);
});

php(
  'with pool, a process ends after `requests`',
  { settings: { lifetime: 'pool', requests: 4, children: 1 } },
  async (bridge) => {
    const served = new Map<string, number>();
    for (let i = 0; i < 12; i++) {
      const pid = await bridge.get('pid.php');
      served.set(pid, (served.get(pid) ?? 0) + 1);
    }
    assert.equal([...served.values()], [4, 4, 4]);
  },
);

php('a kept connection is given up after `requests`', { settings: { requests: 2 } }, async (bridge) => {
  const connection = await bridge.connect();
  await connection.get('pid.php');
  await connection.get('pid.php');
  assert.is((await connection.answer()).body, null);
  assert.is(connection.error, null);
  await connection.end();
});

php(
  'with pool, a process that has become too large ends',
  { settings: { lifetime: 'pool', memory: 60_000_000, children: 1 } },
  async (bridge) => {
    const small = await bridge.get('pid.php');
    assert.is(await bridge.get('pid.php'), small);
    assert.is(await bridge.get('grow.php'), small, 'the request that makes it large is served');
    const next = await bridge.get('pid.php');
    assert.is.not(next, small);
    assert.is(await bridge.get('pid.php'), next);
    assert.is(bridge.log(), '', 'its end is no failure');
  },
);

php(
  'a kept connection is given up when its process has become too large',
  { settings: { memory: 60_000_000 } },
  async (bridge) => {
    const connection = await bridge.connect();
    const pid = await connection.get('pid.php');
    assert.is(await connection.get('grow.php'), pid);
    assert.is((await connection.answer()).body, null);
    assert.is(connection.error, null);
    await connection.end();
    assert.is.not(await bridge.get('pid.php'), pid);
  },
);

php(
  'no more than `children`, waiting ones included; the others queue',
  { settings: { children: 2, spare: 2 } },
  async (bridge) => {
    const one = await bridge.connect();
    const two = await bridge.connect();
    await Promise.all([one.get('pid.php'), two.get('pid.php')]);
    assert.is(bridge.children().length, 2);
    await one.end();
    await two.end();
    const bodies = await Promise.all(Array.from({ length: 12 }, () => bridge.get('pid.php')));
    assert.is(new Set(bodies).size, 12);
    assert.ok(bridge.children().length <= 2);
  },
);

php(
  'without spare children, one is forked for each connection',
  { settings: { spare: 0 } },
  async (bridge) => {
    await eventually('start-up', async () => (await bridge.get('pid.php')) !== '');
    await eventually('no process waits', () => bridge.children().length === 0);
    const connection = await bridge.connect();
    const pid = await connection.get('pid.php');
    assert.equal(bridge.children(), [Number(pid)]);
    await connection.end();
  },
);

php('a request’s body is read, however it arrives', {}, async (bridge) => {
  const connection = await bridge.connect();
  assert.is(await connection.get('count.php', { body: 'x'.repeat(60_000) }), '60000');
  assert.is(await connection.get('count.php', { body: 'y' }), '1');
  await connection.end();
});

php('a request is read wherever its bytes are split', {}, async (bridge) => {
  const connection = await bridge.connect();
  const bytes = request(join(bridge.root, 'count.php'), true, 'body');
  for (let at = 1; at < bytes.length; at++) {
    connection.socket.write(bytes.subarray(0, at));
    await new Promise((resolve) => setImmediate(resolve));
    connection.socket.write(bytes.subarray(at));
    assert.is((await connection.answer()).body, '4', `split at ${at}`);
  }
  await connection.end();
});

for (const requests of [0, 2]) {
  const name = requests === 0 ? 'are both run' : 'are both run where the process ends after them';
  php(`requests that arrive together ${name}`, { settings: { requests } }, async (bridge) => {
    const connection = await bridge.connect();
    const first = request(join(bridge.root, 'count.php'), true, 'first');
    const second = request(join(bridge.root, 'count.php'), true, 'the second');
    connection.socket.write(Buffer.concat([first, second]));
    assert.is((await connection.answer()).body, '5');
    assert.is((await connection.answer()).body, '10');
    await connection.end();
  });
}

php('a process that crashes costs its request only, and is in the log', {}, async (bridge) => {
  const connection = await bridge.connect();
  const pid = await connection.get('pid.php');
  connection.send('crash.php');
  assert.is((await connection.answer()).body, null);
  assert.ok((await bridge.get('pid.php')) !== pid);
  await eventually('the line', () => bridge.log().includes('\n'));
  assert.match(
    bridge.log(),
    new RegExp(
      `^php-cgi: pid ${pid} was ended by signal 11 \\(.*\\) after 2 requests: ${bridge.root}/crash.php\\n$`,
    ),
  );
});

php('it serves php-cgi without extensions', { command: ['php-cgi', '-n'] }, async (bridge) => {
  const connection = await bridge.connect();
  assert.is(await connection.get('pid.php'), await connection.get('pid.php'));
  await connection.end();
});

test.run();
