import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Answer } from '../../src/front/handler.ts';
import { get, harness, status, text } from './support.ts';

const test = suite('answers');

async function answered(answer: () => Answer, request = get('/')): Promise<string> {
  const front = await harness({ handle: answer });
  const received = await front.talk(request);
  await front.close();
  return received;
}

function streamed(): Answer {
  return { status: 200, headers: [], body: Readable.from([Buffer.from('ab'), Buffer.from('c')]) };
}

const HOP_BY_HOP =
  'Connection X-Gone Keep-Alive x Transfer-Encoding gzip Trailer x Upgrade h2c X-Gone 1 Proxy-Connection x Server other X-Kept 1';

const head = get('/').replace('GET', 'HEAD');

test('a body of known length has a Content-Length, once, whatever the handler says', async () => {
  const answer = await answered(() => text('hello', ['Content-Length', '99', 'content-length', '5']));
  assert.is(answer.match(/content-length/gi)?.length, 1);
  assert.match(answer, /\r\nContent-Length: 5\r\n/);
  assert.match(answer, /\r\nServer: itkd\r\n/);
  assert.match(answer, /\r\nDate: \w{3}, /);
  assert.match(answer, /\r\n\r\nhello$/);
});

test('a stream of unknown length is chunked in 1.1, and ends with the connection in 1.0', async () => {
  const chunked = await answered(streamed);
  assert.match(chunked, /\r\nTransfer-Encoding: chunked\r\n/);
  assert.match(chunked, /\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n$/);
  const plain = await answered(streamed, 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
  assert.not.match(plain, /Transfer-Encoding|Content-Length/i);
  assert.match(plain, /\r\nConnection: close\r\n/);
  assert.match(plain, /\r\n\r\nabc$/);
});

test('the head of an answer is sent before its body begins', async () => {
  const body = new Readable({ read() {} });
  const front = await harness({ handle: () => ({ status: 200, headers: ['X-Early', '1'], body }) });
  const received = await front.talk(get('/'), /X-Early: 1\r\n[^]*\r\n\r\n/);
  assert.match(received, /\r\n\r\n$/);
  body.push(null);
  await front.close();
});

test('pieces that follow the first one soon are sent together, and what comes later is not kept waiting', async () => {
  const body = new Readable({ read() {} });
  const front = await harness({ handle: () => ({ status: 200, headers: [], body }) });
  const soon = front.talk(get('/'), /cd/);
  body.push('ab');
  await new Promise((resolve) => setTimeout(resolve, 30));
  body.push('c');
  body.push('d');
  assert.match(await soon, /\r\n\r\n2\r\nab\r\n2\r\ncd\r\n$/);
  const later = new Readable({ read() {} });
  const another = await harness({ handle: () => ({ status: 200, headers: [], body: later }) });
  later.push('first');
  const until = another.talk(get('/'), /second/);
  await new Promise((resolve) => setTimeout(resolve, 30));
  later.push('second');
  // Nothing else comes: it must not wait for the end.
  assert.match(await until, /6\r\nsecond\r\n$/);
  later.push(null);
  await front.close();
  await another.close();
});

test('what came before a stream failed is sent', async () => {
  const body = new Readable({ read() {} });
  const front = await harness({ handle: () => ({ status: 200, headers: [], body }) });
  const received = front.talk(get('/'));
  body.push('first');
  await new Promise((resolve) => setTimeout(resolve, 30));
  body.push('second');
  setImmediate(() => body.destroy(new Error('broken')));
  assert.match(await received, /5\r\nfirst\r\n6\r\nsecond\r\n$/);
  await front.close();
});

test('a stream of known length is sent with it', async () => {
  const answer = await answered(() => ({
    status: 200,
    headers: ['Content-Length', '3'],
    body: Readable.from([Buffer.from('abc')]),
  }));
  assert.match(answer, /\r\nContent-Length: 3\r\n/);
  assert.match(answer, /\r\n\r\nabc$/);
});

for (const [name, length] of [
  ['longer', '2'],
  ['shorter', '9'],
] as const) {
  test(`a stream ${name} than announced cuts the connection`, async () => {
    const front = await harness({
      handle: () => ({
        status: 200,
        headers: ['Content-Length', length],
        body: Readable.from([Buffer.from('abc')]),
      }),
    });
    const answer = await front.talk(
      'GET / HTTP/1.1\r\nHost: shop.test\r\n\r\nGET / HTTP/1.1\r\nHost: shop.test\r\n\r\n',
    );
    assert.ok((answer.match(/HTTP\/1\.1 200/g)?.length ?? 0) <= 1);
    assert.not.match(answer, /abc.*HTTP/s);
    await front.close();
  });
}

test('a stream that fails cuts the connection without a proper end', async () => {
  const answer = await answered(() => ({
    status: 200,
    headers: [],
    body: Readable.from(
      (function* () {
        yield Buffer.from('ab');
        throw new Error('the program died');
      })(),
    ),
  }));
  assert.not.match(answer, /0\r\n\r\n$/);
});

test('a stream that was destroyed before it is sent cuts the connection', async () => {
  const body = Readable.from([Buffer.from('ab')]).on('error', () => {});
  body.destroy(new Error('the program died'));
  await new Promise((resolve) => body.once('close', resolve));
  assert.is(await answered(() => ({ status: 200, headers: [], body })), '');
});

test('HEAD has the head of GET and no body', async () => {
  const long = await answered(
    () => ({ status: 200, headers: ['Content-Length', '12345'], body: null }),
    head,
  );
  assert.match(long, /\r\nContent-Length: 12345\r\n/);
  assert.match(long, /\r\n\r\n$/);
  const buffered = await answered(() => text('hello'), head);
  assert.not.match(buffered, /hello/);
  let destroyed = false;
  const body = new Readable({ read() {}, destroy: (_error, done) => ((destroyed = true), done()) });
  assert.match(await answered(() => ({ status: 200, headers: [], body }), head), /\r\n\r\n$/);
  assert.ok(destroyed);
});

test('204 and 304 have no body; 304 may tell the length, 204 may not', async () => {
  for (const code of [204, 304]) {
    const answer = await answered(() => ({
      status: code,
      headers: ['Content-Length', '5'],
      body: Buffer.from('hello'),
    }));
    assert.is(status(answer), code);
    assert.match(answer, /\r\n\r\n$/);
    assert.is(/Content-Length: 5/.test(answer), code === 304);
    assert.not.match(answer, /Transfer-Encoding/);
  }
});

test("hop-by-hop fields, and what Connection names, are the front's own", async () => {
  const answer = await answered(() => text('x', HOP_BY_HOP.split(' ')));
  assert.not.match(answer, /gone|gzip|trailer|upgrade|proxy-|other/i);
  assert.match(answer, /\r\nX-Kept: 1\r\n/);
});

test('repeated fields stay repeated, and bytes above ASCII stay bytes', async () => {
  const answer = await answered(() => text('x', ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=\xe9']));
  assert.match(answer, /\r\nSet-Cookie: a=1\r\nSet-Cookie: b=\xe9\r\n/);
});

for (const [name, answer] of [
  ['a line break in a value', { status: 200, headers: ['X', 'a\r\nY: b'], body: null }],
  ['a blank in a name', { status: 200, headers: ['X Y', 'a'], body: null }],
  ['a line break in the reason', { status: 200, reason: 'a\r\nY: b', headers: [], body: null }],
  ['a status of 99', { status: 99, headers: [], body: null }],
  ['a status of 101', { status: 101, headers: [], body: null }],
  ['a status of 700', { status: 700, headers: [], body: null }],
] as const) {
  test(`${name} in a handler's answer is a 500`, async () => {
    let done = 0;
    const received = await answered(() => ({ ...answer, done: () => void (done += 1) }));
    assert.is(status(received), 500);
    assert.not.match(received, /Y: b/);
    assert.is(done, 1);
  });
}

test("a handler's own reason phrase is sent", async () => {
  assert.match(
    await answered(() => ({ status: 200, reason: 'Fine', headers: [], body: null })),
    /^HTTP\/1\.1 200 Fine\r\n/,
  );
});

test('done is called once, when the body is sent', async () => {
  let done = 0;
  await answered(() => ({ ...text('x'), done: () => void (done += 1) }));
  assert.is(done, 1);
});

test.run();
