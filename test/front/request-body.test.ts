import { EventEmitter, once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Exchange } from '../../src/front/handler.ts';
import { harness, makeSite, status, text } from './support.ts';

const test = suite('request bodies');

async function length({ request }: Exchange): Promise<number> {
  let bytes = 0;
  if (request.body !== null) for await (const chunk of request.body) bytes += (chunk as Buffer).length;
  return bytes;
}

function post(fields: string, body = ''): string {
  return `POST / HTTP/1.1\r\nHost: shop.test\r\n${fields}\r\n${body}`;
}

const close = 'Connection: close\r\n';

test('a body is streamed to the handler: with a length, in chunks, or empty', async () => {
  const front = await harness({
    handle: async (exchange) =>
      text(`${exchange.request.body === null} ${exchange.request.contentLength} ${await length(exchange)}`),
  });
  assert.match(await front.talk(post(`${close}Content-Length: 3\r\n`, 'abc')), /\r\n\r\nfalse 3 3$/);
  const chunked = post(`${close}Transfer-Encoding: chunked\r\n`, '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n');
  assert.match(await front.talk(chunked), /\r\n\r\nfalse null 5$/);
  assert.match(await front.talk(post(`${close}Content-Length: 0\r\n`)), /\r\n\r\ntrue 0 0$/);
  await front.close();
});

test('a body announced as longer than LimitRequestBody is a 413 before anything is read', async () => {
  let asked = 0;
  const front = await harness({
    plan: () => ({ sites: [makeSite({ limitRequestBody: 10 })] }),
    handle: () => ((asked += 1), text('')),
  });
  const answer = await front.talk(post('Content-Length: 11\r\n', 'abcdefghijk'));
  assert.is(status(answer), 413);
  assert.is(asked, 0);
  await front.close();
});

test('a chunked body that grows beyond LimitRequestBody is a 413, and the handler is told', async () => {
  let failure = '';
  const front = await harness({
    plan: () => ({ sites: [makeSite({ limitRequestBody: 10 })] }),
    handle: async (exchange) => {
      try {
        await length(exchange);
      } catch (error) {
        failure = (error as Error).message;
        assert.ok(exchange.request.signal.aborted);
      }
      return text('read it all');
    },
  });
  const answer = await front.talk(
    post('Transfer-Encoding: chunked\r\n', '6\r\nabcdef\r\n6\r\nghijkl\r\n0\r\n\r\n'),
  );
  assert.is(status(answer), 413);
  assert.match(answer, /\r\nConnection: close\r\n/);
  assert.not.match(answer, /read it all/);
  assert.match(failure, /LimitRequestBody/);
  await front.close();
});

test('a client that stops sending its body gets a 408', async () => {
  const front = await harness({
    plan: () => ({ bodyTimeout: 50 }),
    handle: async (exchange) => text(String(await length(exchange))),
  });
  assert.is(status(await front.talk(post('Content-Length: 10\r\n', 'abc'))), 408);
  await front.close();
});

test('100 Continue is sent when the handler begins to read', async () => {
  const front = await harness({ handle: async (exchange) => text(String(await length(exchange))) });
  const socket = await front.open();
  socket.write(post(`${close}Content-Length: 3\r\nExpect: 100-continue\r\n`));
  const [first] = (await once(socket, 'data')) as [string];
  assert.is(first, 'HTTP/1.1 100 Continue\r\n\r\n');
  socket.write('abc');
  const [second] = (await once(socket, 'data')) as [string];
  assert.match(second, /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n3$/s);
  await front.close();
});

test('100 Continue is not sent when nobody wants the body; the connection then ends', async () => {
  const front = await harness({ handle: () => text('no thanks') });
  const answer = await front.talk(post('Content-Length: 3\r\nExpect: 100-continue\r\n'), /no thanks/);
  assert.is(status(answer), 200);
  assert.match(answer, /\r\nConnection: close\r\n/);
  await front.close();
});

test('another expectation is a 417', async () => {
  const front = await harness();
  assert.is(status(await front.talk(post('Content-Length: 0\r\nExpect: miracles\r\n'))), 417);
  await front.close();
});

test('an answer before a short body is read keeps the connection', async () => {
  const front = await harness({ handle: ({ request }) => text(`[${request.path}]`) });
  const answer = await front.talk(
    `${post('Content-Length: 5\r\n', 'abcde')}GET /next HTTP/1.1\r\nHost: shop.test\r\n${close}\r\n`,
  );
  assert.match(answer, /\[\/\].*\[\/next\]$/s);
  await front.close();
});

test('an answer before a long body is read reaches a client that is still sending', async () => {
  const front = await harness({ handle: () => text('enough') });
  const size = 20_000_000;
  const socket = await front.open();
  let received = '';
  socket.on('data', (chunk: string) => (received += chunk)).on('error', () => {});
  socket.write(post(`Content-Length: ${size}\r\n`));
  const block = Buffer.alloc(65536);
  let sent = 0;
  while (sent < size && !received.endsWith('enough') && !socket.destroyed) {
    sent += block.length;
    await new Promise<void>((resolve) => socket.write(block, () => resolve()));
  }
  assert.is(status(received), 200);
  assert.match(received, /\r\nConnection: close\r\n/);
  assert.ok(sent < size);
  await front.close();
});

test('100 Continue is not sent to a client that began without it', async () => {
  const front = await harness({ handle: async (exchange) => text(String(await length(exchange))) });
  const answer = await front.talk(post(`${close}Content-Length: 3\r\nExpect: 100-continue\r\n`, 'abc'));
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n3$/s);
  await front.close();
});

test('a pipelined request behind a body that is answered early is answered too', async () => {
  const front = await harness({
    handle: async (exchange) => {
      if (exchange.request.path === '/read') return text(String(await length(exchange)));
      return text(`[${exchange.request.path}]`);
    },
  });
  const body = 'x'.repeat(50_000);
  const request = post('Content-Length: 50000\r\n', body);
  const answer = await front.talk(
    `${request}${request.replace('/', '/read')}GET /end HTTP/1.1\r\nHost: shop.test\r\n${close}\r\n`,
  );
  assert.match(answer, /\[\/\]HTTP.*\r\n\r\n50000HTTP.*\[\/end\]$/s);
  await front.close();
});

test('a body is not read faster than the handler takes it', async () => {
  const front = await harness({
    handle: async ({ request }) => {
      request.body?.once('readable', () => {});
      await once(request.signal, 'abort');
      return text('');
    },
  });
  const socket = await front.open();
  socket.on('error', () => {});
  socket.write(post('Content-Length: 100000000\r\n'));
  const block = Buffer.alloc(1024 * 1024);
  // The kernel's buffers and ours take a few megabytes; then writing must stop.
  for (let count = 0; count < 100 && socket.writableLength < 8 * block.length; count += 1) {
    socket.write(block);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(socket.writableLength > 0);
  await front.close();
});

test('a client that leaves in the middle of its body aborts the handler', async () => {
  const failures = new EventEmitter();
  const front = await harness({
    handle: async (exchange) => {
      await length(exchange).catch((error: unknown) => failures.emit('failure', error));
      return text('');
    },
  });
  const socket = await front.open();
  socket.write(post('Content-Length: 10\r\n', 'abc'));
  setImmediate(() => void socket.end());
  const [failure] = (await once(failures, 'failure')) as [unknown];
  assert.ok(failure instanceof Error);
  await front.close();
});

test.run();
