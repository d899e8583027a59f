import { EventEmitter, once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { get, harness, status, text } from './support.ts';

const test = suite('draining');

const kept = 'GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n';

test('requests under way and on kept connections are answered, and their connections end', async () => {
  const front = await harness();
  const socket = await front.open();
  let received = '';
  socket.on('data', (chunk: string) => (received += chunk));
  socket.write(kept);
  await once(socket, 'data');
  let drained = false;
  const draining = front.front.drain().then(() => (drained = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.not(drained);
  assert.equal(front.closed, []);
  received = '';
  socket.write(kept);
  await once(socket, 'close');
  assert.is(status(received), 200);
  assert.match(received, /\r\nConnection: close\r\n/);
  await draining;
  assert.equal(front.closed.sort(), ['cgi', 'php', 'resolver', 'static']);
  await front.close();
});

test('a request that runs is waited for', async () => {
  const gate = new EventEmitter();
  const front = await harness({ handle: () => once(gate, 'open').then(() => text('late')) });
  const answer = front.talk(get('/'));
  while (front.front.counters.active === 0) await new Promise((resolve) => setImmediate(resolve));
  const draining = front.front.drain();
  gate.emit('open');
  assert.match(await answer, /late$/);
  await draining;
  await front.close();
});

test('new connections are refused', async () => {
  const front = await harness();
  await front.front.drain();
  let refused = false;
  await front.open().catch(() => (refused = true));
  assert.ok(refused);
  await front.close();
});

test('idle kept connections end by KeepAliveTimeout', async () => {
  const front = await harness({ plan: () => ({ keepAliveTimeout: 50 }) });
  const socket = await front.open();
  socket.write(kept);
  await once(socket, 'data');
  await front.front.drain();
  await front.close();
});

test.run();
