import { once } from 'node:events';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Answer } from '../../src/front/handler.ts';
import { get, harness, status, text } from './support.ts';

const test = suite('client connections');

const kept = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: shop.test\r\n\r\n`;

test('pipelined requests are handled one after the other and answered in order', async () => {
  let running = 0;
  let most = 0;
  const connections = new Set<object>();
  const front = await harness({
    handle: async ({ request }) => {
      connections.add(request.connection);
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return text(`[${request.path}]`);
    },
  });
  const answer = await front.talk(kept('/1') + kept('/2') + kept('/3') + get('/4'));
  assert.equal(answer.match(/\[\/\d\]/g), ['[/1]', '[/2]', '[/3]', '[/4]']);
  assert.is(most, 1);
  assert.is(connections.size, 1);
  await front.close();
});

test('a client that pipelines without end is not read from while a request is answered', async () => {
  const front = await harness({
    handle: async ({ request }) => {
      await once(request.signal, 'abort');
      return text('');
    },
  });
  const socket = await front.open();
  socket.on('error', () => {});
  const block = kept('/').repeat(10_000);
  // The kernel's buffers and ours take a few megabytes; then writing must stop.
  for (let count = 0; count < 100 && socket.writableLength < 8 * block.length; count += 1) {
    socket.write(block);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(socket.writableLength > 0);
  assert.is(front.front.counters.requests, 1);
  await front.close();
});

test('hundreds of requests in one piece are answered in order', async () => {
  const front = await harness({ handle: ({ request }) => text(`[${request.path}]`) });
  const paths = Array.from({ length: 500 }, (_, index) => `/${index}`);
  const answer = await front.talk(`${paths.map(kept).join('')}${get('/end')}`);
  assert.equal(answer.match(/(?<=\[)\/\w+(?=\])/g), [...paths, '/end']);
  await front.close();
});

test('slow headers of a second request do not cut the first', async () => {
  const front = await harness({
    plan: () => ({ headerTimeout: 50 }),
    handle: async ({ request }) => {
      if (request.path === '/slow') await new Promise((resolve) => setTimeout(resolve, 300));
      return text(`[${request.path}]`);
    },
  });
  const answer = await front.talk(`${kept('/slow')}GET /half HTTP/1.1\r\nHo`);
  assert.match(answer, /^HTTP\/1\.1 200 .*\[\/slow\]HTTP\/1\.1 408 /s);
  await front.close();
});

test('empty lines before a request are skipped, and do not begin one', async () => {
  const front = await harness({ plan: () => ({ headerTimeout: 100, keepAliveTimeout: 300 }) });
  const answer = await front.talk(`\r\n${kept('/1')}\r\n\r\n${kept('/2')}\r\n`);
  assert.equal(answer.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200']);
  await front.close();
});

test('a client that closes its side behind its request gets its answer', async () => {
  const front = await harness({
    handle: async ({ request }) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return text(`[${request.path}]`);
    },
  });
  const socket = await front.open();
  let received = '';
  socket.on('data', (chunk: string) => (received += chunk));
  socket.end(kept('/1') + kept('/2'));
  await once(socket, 'close');
  assert.equal(received.match(/\[\/\d\]/g), ['[/1]', '[/2]']);
  await front.close();
});

test('a method that nobody knows reaches the handler', async () => {
  const front = await harness({ handle: ({ request }) => text(`[${request.method}]`) });
  assert.match(await front.talk(get('/').replace('GET', 'x-FROB')), /\[x-FROB\]$/);
  await front.close();
});

test('half a header ends with a 408; an idle connection that sent nothing just ends', async () => {
  const front = await harness({ plan: () => ({ headerTimeout: 100 }) });
  assert.is(status(await front.talk('GET / HTTP/1.1\r\nHost: sh')), 408);
  assert.is(await front.talk(''), '');
  await front.close();
});

test('without a limit a header may take its time', async () => {
  const front = await harness({ plan: () => ({ headerTimeout: 0, keepAliveTimeout: 20 }) });
  const socket = await front.open();
  let received = '';
  socket.on('data', (chunk: string) => (received += chunk));
  for (const piece of ['GET / HTT', 'P/1.1\r\nHost: shop.test\r\n', '\r\n']) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    socket.write(piece);
  }
  await once(socket, 'close');
  assert.is(status(received), 200);
  await front.close();
});

test('an idle kept connection ends after KeepAliveTimeout', async () => {
  const front = await harness({ plan: () => ({ keepAliveTimeout: 50 }) });
  assert.is(status(await front.talk(kept('/'))), 200);
  await front.close();
});

test('KeepAliveTimeout 0 and MaxKeepAliveRequests close', async () => {
  const never = await harness({ plan: () => ({ keepAliveTimeout: 0 }) });
  assert.match(await never.talk(kept('/') + kept('/2')), /^[^]*\r\nConnection: close\r\n[^]*static \/\n$/);
  await never.close();
  const two = await harness({ plan: () => ({ maxKeepAliveRequests: 2 }) });
  const answer = await two.talk(kept('/1') + kept('/2') + kept('/3'));
  assert.is(answer.match(/static/g)?.length, 2);
  assert.not.match(answer, /503/);
  await two.close();
});

test('Upgrade is ignored', async () => {
  const front = await harness();
  const answer = await front.talk(
    get('/').replace('close', 'close, upgrade').replace('\r\n\r\n', '\r\nUpgrade: x\r\n\r\n'),
  );
  assert.is(status(answer), 200);
  await front.close();
});

test('connections beyond MaxConnections wait until one has gone', async () => {
  const front = await harness({ plan: () => ({ maxConnections: 1 }) });
  const first = await front.open();
  first.write(kept('/'));
  await once(first, 'data');
  const answers: string[] = [];
  const all = Promise.all(['/', '/', '/'].map(async (path) => answers.push(await front.talk(get(path)))));
  // More than a second: each front looks by itself so often.
  await new Promise((resolve) => setTimeout(resolve, 1300));
  assert.is(answers.length, 0);
  assert.is(front.front.counters.connections, 1);
  first.destroy();
  await all;
  assert.equal(answers.map(status), [200, 200, 200]);
  await front.close();
});

test('a client that leaves aborts the request, and what comes of it later is given back', async () => {
  let destroyed = 0;
  let done = 0;
  const body = new Readable({ read() {}, destroy: (_error, callback) => ((destroyed += 1), callback()) });
  const front = await harness({
    handle: async ({ request }) => {
      socket.destroy();
      if (!request.signal.aborted) await once(request.signal, 'abort');
      return { status: 200, headers: [], body, done: () => void (done += 1) };
    },
  });
  const socket = await front.open();
  socket.write(kept('/'));
  await once(body, 'close');
  assert.is(destroyed, 1);
  assert.is(done, 1);
  assert.is(front.front.counters.active, 0);
  await front.close();
});

test('a client that leaves in the middle of an answer ends its body', async () => {
  let done = 0;
  const body = new Readable({ read() {} });
  const front = await harness({
    handle: () => ({ status: 200, headers: [], body, done: () => void (done += 1) }),
  });
  const socket = await front.open();
  socket.write(kept('/'));
  body.push('first');
  await once(socket, 'data');
  const closed = once(body, 'close');
  socket.destroy();
  await closed;
  assert.ok(body.destroyed);
  assert.is(done, 1);
  await front.close();
});

test('a client that does not read holds the body back', async () => {
  let produced = 0;
  const block = Buffer.alloc(65536);
  const body = new Readable({
    read() {
      produced += block.length;
      setImmediate(() => this.push(block));
    },
  });
  const front = await harness({ handle: (): Answer => ({ status: 200, headers: [], body }) });
  const socket = await front.open();
  socket.pause();
  socket.write(kept('/'));
  let before = -1;
  // Until nothing more is produced for a hundred turns: the kernel's buffers are full.
  for (let still = 0; still < 100; ) {
    await new Promise((resolve) => setImmediate(resolve));
    still = produced === before && produced > 0 ? still + 1 : 0;
    before = produced;
  }
  assert.ok(produced < 64 * 1024 * 1024);
  await front.close();
});

test('requests behind a refused one are not handled, and leave nothing under way', async () => {
  const handled: string[] = [];
  const front = await harness({
    handle: ({ request }) => {
      handled.push(request.path);
      return text(request.path);
    },
  });
  const refused = kept('/b').replace('\r\n\r\n', '\r\nExpect: miracles\r\n\r\n');
  const answer = await front.talk(kept('/a') + refused + kept('/c'));
  assert.equal(answer.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 417']);
  assert.equal(handled, ['/a']);
  while (front.front.counters.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.is(front.front.counters.active, 0);
  await front.close();
});

test('counters count', async () => {
  const front = await harness({
    handle: () =>
      text(
        `${front.front.counters.requests} ${front.front.counters.connections} ${front.front.counters.active}`,
      ),
  });
  assert.match(await front.talk(get('/')), /1 1 1$/);
  assert.match(await front.talk(get('/')), /2 1 1$/);
  await front.close();
});

test.run();
