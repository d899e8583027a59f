/** Where the event loop waits while sockets of ours are watched. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { native, type Poller } from '../../src/native/native.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('native: the poller');
const run = promisify(execFile);
// Of epoll_ctl(2).
const IN = 0x1;
const EDGE = 0x8000_0001;

interface Pair {
  /** A socket of ours. */
  readonly fd: number;
  readonly peer: Socket;
}

/** Connections to a listener of ours, and their ends. */
async function withPairs(count: number, body: (pairs: readonly Pair[]) => Promise<void>): Promise<void> {
  const listener = native.listenTcp('127.0.0.1', 0, 16, true);
  const address = Buffer.alloc(20);
  const pairs: Pair[] = [];
  while (pairs.length < count) {
    const peer = connect(native.localPort(listener), '127.0.0.1').on('error', () => {});
    let fd = -1;
    await eventually('it is accepted', () => (fd = native.accept(listener, address)) >= 0);
    pairs.push({ fd, peer });
  }
  try {
    await body(pairs);
  } finally {
    for (const { fd, peer } of pairs) {
      native.close(fd);
      peer.destroy();
    }
    native.close(listener);
  }
}

async function whileStarted(poller: Poller, body: () => Promise<void>): Promise<void> {
  poller.start();
  try {
    await body();
  } finally {
    poller.stop();
  }
}

test('it tells of many at once, as often as there is something, and not of those that were removed', () =>
  withPairs(200, async (pairs) => {
    const ready = new Int32Array(257);
    const told = new Map<number, number>();
    const poller = native.createPoller(ready, (count) => {
      for (let i = 0; i < count; i += 1) {
        const fd = ready[2 * i] ?? -1;
        told.set(fd, (told.get(fd) ?? 0) + 1);
      }
    });
    const [first] = pairs;
    assert.ok(first);
    await whileStarted(poller, async () => {
      for (const { fd } of pairs) assert.is(poller.add(fd, EDGE), 0);
      assert.ok(poller.add(first.fd, EDGE) < 0);
      assert.is(poller.remove(first.fd, 0), 0);
      for (const { peer } of pairs) peer.write('x');
      await eventually('all but one', () => told.size === 199);
      for (const { peer } of pairs) peer.write('y');
      await eventually('again', () => [...told.values()].every((times) => times >= 2));
      assert.not.ok(told.has(first.fd));
    });
  }));

test('an Int32Array that is too short is refused', () => {
  assert.throws(() => native.createPoller(new Int32Array(256), () => {}), /257/);
});

/** Whatever else an event loop waits for. */
async function everythingElse(): Promise<void> {
  await sleep(20);
  await immediate();
  await Promise.all([1, 5, 10].map((time) => sleep(time)));
  assert.ok((await readFile('/proc/self/stat')).length > 0, 'a thread of the pool');
  assert.is((await run('/bin/echo', ['hello'])).stdout, 'hello\n', 'a process');
  const signalled = new Promise((resolve) => process.once('SIGUSR2', resolve));
  process.kill(process.pid, 'SIGUSR2');
  await signalled;
  const server = createServer((socket) => socket.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  let text = '';
  await new Promise((resolve) =>
    connect(port, '127.0.0.1')
      .on('data', (bytes: Buffer) => (text += bytes.toString()))
      .on('close', resolve),
  );
  assert.is(text, 'hello', 'a socket of node:net');
  await new Promise((resolve) => server.close(resolve));
}

test('everything else goes on while its sockets are silent', () =>
  withPairs(1, async ([pair]) => {
    const poller = native.createPoller(new Int32Array(257), () => assert.unreachable());
    assert.is(poller.add(pair?.fd ?? -1, EDGE), 0);
    await whileStarted(poller, everythingElse);
    await everythingElse();
  }));

test('everything else goes on while its sockets always have something', () =>
  withPairs(1, async ([pair]) => {
    let told = 0;
    const poller = native.createPoller(new Int32Array(257), () => (told += 1));
    assert.is(poller.add(pair?.fd ?? -1, IN), 0);
    pair?.peer.write('x');
    await whileStarted(poller, async () => {
      await everythingElse();
      await eventually('it was told of all the time', () => told > 1000);
    });
  }));

test('what it tells of may stop it, throw, and leave work for the loop', () =>
  withPairs(1, async ([pair]) => {
    const done: string[] = [];
    const poller = native.createPoller(new Int32Array(257), () => {
      poller.stop();
      process.nextTick(() => done.push('tick'));
      void Promise.resolve().then(() => done.push('microtask'));
      setImmediate(() => done.push('immediate'));
      setTimeout(() => done.push('timer'), 1);
      throw new Error('thrown');
    });
    assert.is(poller.add(pair?.fd ?? -1, IN), 0);
    const thrown = new Promise<Error>((resolve) => process.once('uncaughtException', resolve));
    poller.start();
    pair?.peer.write('x');
    assert.is((await thrown).message, 'thrown');
    await eventually('all of it', () => done.length === 4);
    await sleep(20);
    assert.is(done.length, 4, 'told once');
    assert.is(done[0], 'tick');
  }));

test('it tells of nothing in time, once for each time that it is asked to, and of what comes before that', () =>
  withPairs(1, async ([pair]) => {
    const ready = new Int32Array(257);
    const told: number[] = [];
    const poller = native.createPoller(ready, (count) => told.push(count));
    assert.is(poller.add(pair?.fd ?? -1, EDGE), 0);
    await whileStarted(poller, async () => {
      for (let times = 1; times <= 3; times += 1) {
        ready[256] = 1;
        await eventually('told of nothing', () => told.length === times);
      }
      await everythingElse();
      assert.equal(told, [0, 0, 0]);
      ready[256] = 600_000;
      pair?.peer.write('x');
      await eventually('told of something', () => told.length > 3);
      assert.equal(told, [0, 0, 0, 1]);
    });
  }));

for (const [what, begin] of [
  ['a timer', () => setInterval(() => {}, 2)],
  ['immediates', () => setInterval(() => setImmediate(() => setImmediate(() => {})), 1)],
] as const)
  test(`in time it is called also beside ${what}`, async () => {
    const ready = new Int32Array(257);
    let told = 0;
    const poller = native.createPoller(ready, () => (told += 1));
    await whileStarted(poller, async () => {
      const busy = begin();
      ready[256] = 5;
      await eventually('told of nothing', () => told === 1);
      clearInterval(busy);
    });
  });

test('it tells of its sockets although a paused socket of node:net has something', async () => {
  // In a process of its own: here a timer would wake the loop.
  const program = fileURLToPath(new URL('../fixtures/poller-beside-paused.ts', import.meta.url));
  const { stdout } = await run(process.execPath, ['--import', 'tsx', program]);
  assert.is(stdout, 'xyz\n');
});

test('a started one keeps a process alive, and a stopped one does not', async () => {
  const program = `
    const { native } = await import(${JSON.stringify(new URL('../../src/native/native.ts', import.meta.url).href)});
    const listener = native.listenTcp('127.0.0.1', 0, 16, true);
    const poller = native.createPoller(new Int32Array(257), () => {});
    poller.add(listener, 1);
    poller.start();
    setTimeout(() => { poller.stop(); console.log('stopped'); }, 50).unref();
  `;
  const { stdout } = await run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
  assert.is(stdout, 'stopped\n');
});

test.run();
