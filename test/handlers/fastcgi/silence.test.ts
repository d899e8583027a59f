import { connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Silence } from '../../../handlers/fastcgi/silence.ts';
import { until } from './jobs.ts';
import { startPeer } from './peer.ts';

const test = suite('silence');

test('is told when it has lasted, and again', async () => {
  const started = performance.now();
  let told = 0;
  const silence = new Silence(() => (told += 1));
  silence.watch(30);
  await until(() => told > 0);
  assert.ok(performance.now() - started >= 30);
  await until(() => told > 1);
  silence.stop();
});

test('is broken by what happens', async () => {
  let told = 0;
  let broken = performance.now();
  let lasted = 0;
  const silence = new Silence(() => {
    told += 1;
    lasted = performance.now() - broken;
  });
  silence.watch(200);
  for (let times = 0; times < 30; times += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    broken = performance.now();
    silence.broken();
  }
  await until(() => told > 0);
  silence.stop();
  assert.ok(lasted >= 200, `${lasted} ms`);
});

test('what has come while this process did not run is no silence', async () => {
  const peer = await startPeer(() => {});
  const socket = connect(peer.path);
  await until(() => peer.sockets.length === 1);
  let told = 0;
  const silence = new Silence(() => (told += 1));
  const heard = new Promise<number>((resolve) => {
    socket.on('data', () => {
      silence.broken();
      resolve(told);
    });
  });
  // Behind immediates Node looks at its timers, and then at its sockets.
  await new Promise((resolve) => setImmediate(resolve));
  silence.watch(30);
  peer.sockets[0]?.write('x');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  assert.is(await heard, 0);
  await until(() => told === 1);
  silence.stop();
  socket.destroy();
  await peer.close();
});

test('a shorter limit holds at once, whatever the longer one before it', async () => {
  let told = 0;
  const silence = new Silence(() => (told += 1));
  silence.watch(3_600_000);
  silence.watch(20);
  await until(() => told === 1);
  silence.watch(0);
  silence.watch(20);
  await until(() => told === 2);
  silence.stop();
});

test('without a limit, or stopped, nothing is told', async () => {
  let told = 0;
  const silence = new Silence(() => (told += 1));
  silence.watch(10);
  silence.watch(0);
  const stopped = new Silence(() => (told += 1));
  stopped.watch(10);
  stopped.stop();
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.is(told, 0);
  silence.stop();
});

test.run();
