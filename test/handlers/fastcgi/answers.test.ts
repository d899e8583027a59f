import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ENOUGH } from '../../../src/front/gathering.ts';
import { Response } from '../../../handlers/fastcgi/response.ts';
import { collect, gate, job, pool, rejection } from './jobs.ts';
import { end, record, serve, startPeer, stderr, stdout } from './peer.ts';
import type { Peer } from './peer.ts';

const test = suite('answers');

/** A program that sends these bytes for every request, then what `after` says. */
function scripted(bytes: Buffer[], after: 'stay' | 'close' = 'stay'): Promise<Peer> {
  return startPeer((socket) =>
    serve(socket, () => {
      for (const chunk of bytes) socket.write(chunk);
      if (after === 'close') socket.end();
    }),
  );
}

test('an answer in one piece is a Buffer', async () => {
  const peer = await scripted([
    Buffer.concat([stdout('Content-Type: text/plain\r\nX: \xfc\r\n\r\nhello', 3), end()]),
  ]);
  const answer = await pool(peer.path).ask(job());
  assert.is(answer.head.status, 200);
  assert.equal(answer.head.headers, ['Content-Type', 'text/plain', 'X', '\xfc']);
  assert.ok(Buffer.isBuffer(answer.body));
  assert.is(await collect(answer.body), 'hello');
  await peer.close();
});

test('an answer in pieces is streamed before it ends', async () => {
  const finish = gate();
  const peer = await startPeer((socket) =>
    serve(socket, () => {
      socket.write(stdout('Status: 201 Made\n\nfirst '));
      void finish.passed.then(() => socket.write(Buffer.concat([stdout('second'), end()])));
    }),
  );
  const { head, body } = await pool(peer.path).ask(job());
  assert.is(head.status, 201);
  assert.is(head.reason, 'Made');
  assert.ok(body instanceof Readable);
  finish.open();
  assert.is(await collect(body), 'first second');
  await peer.close();
});

test('one byte at a time', async () => {
  const bytes = Buffer.concat([
    stdout('A: b\r\n\r\nbo', 1),
    stderr('w\n'),
    record(9, 'x', 0),
    stdout('dy'),
    end(),
  ]);
  const peer = await startPeer((socket) =>
    serve(socket, () => {
      const next = (at: number): void => {
        socket.write(bytes.subarray(at, at + 1));
        if (at + 1 < bytes.length) setImmediate(next, at + 1);
      };
      next(0);
    }),
  );
  const asked = job();
  const { body } = await pool(peer.path).ask(asked);
  assert.is(await collect(body), 'body');
  assert.equal(asked.logged, ['w']);
  await peer.close();
});

test('pieces soon after each other are one answer', async () => {
  const peer = await startPeer((socket) =>
    serve(socket, () => {
      socket.write(stdout('A: b\n\nfirst, '));
      setImmediate(() => {
        socket.write(stdout('second, '));
        setImmediate(() => socket.write(Buffer.concat([stdout('third'), end()])));
      });
    }),
  );
  // Not every time is this process fast enough.
  let whole = 0;
  for (let attempt = 0; attempt < 50 && whole === 0; attempt += 1) {
    const { body } = await pool(peer.path).ask(job());
    if (Buffer.isBuffer(body)) whole += 1;
    assert.is(await collect(body), 'first, second, third');
  }
  assert.is(whole, 1);
  await peer.close();
});

test('what is long enough waits for no more, nor does what has no body', () => {
  const source = { pause() {}, resume() {}, abandon() {} };
  const response = new Response(job(), source);
  response.push(Buffer.from('A: b\n\n'));
  assert.not.ok(response.hasEnough);
  for (let pieces = 0; pieces < 4; pieces += 1) {
    assert.not.ok(response.hasEnough);
    response.push(Buffer.alloc(ENOUGH / 4));
  }
  assert.ok(response.hasEnough);
  const bodiless = new Response(job(), source);
  bodiless.push(Buffer.from('Status: 304\n\n'));
  assert.ok(bodiless.hasEnough);
});

test('a program that dies at any byte before its answer is given: an error', async () => {
  const head = stdout('A: b\n\n');
  const bytes = Buffer.concat([head, stdout('body of it'), end()]);
  for (let at = 0; at < bytes.length; at += 1) {
    const peer = await scripted([bytes.subarray(0, at)], 'close');
    const answer = pool(peer.path).ask(job());
    // This process may be so slow that the answer is given, and breaks.
    const error = await rejection(answer.then(({ body }) => collect(body)));
    assert.is(error.status, 502, `after ${at} bytes: ${error.message}`);
    assert.match(
      error.message,
      at < head.length ? /before the end of the header/ : /in the middle of the answer/,
    );
    await peer.close();
  }
});

test('a program that dies at any byte after its answer was given: a broken body', async () => {
  const head = stdout('A: b\n\n');
  const bytes = Buffer.concat([head, stdout('body of it'), end()]);
  for (let at = head.length; at < bytes.length; at += 1) {
    const peer = await scripted([bytes.subarray(0, at)]);
    const asked = job();
    const { body } = await pool(peer.path).ask(asked);
    assert.ok(body instanceof Readable, `after ${at} bytes`);
    for (const socket of peer.sockets) socket.end();
    assert.match((await rejection(collect(body))).message, /in the middle of the answer/);
    assert.is(asked.logged.length, 1);
    await peer.close();
  }
});

test('a peer that is no FastCGI program is a 502', async () => {
  const peer = await scripted([Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')]);
  const error = await rejection(pool(peer.path).ask(job()));
  assert.is(error.status, 502);
  assert.match(error.message, /version 72/);
  await peer.close();
});

test('malformed and endless headers are the status that the program says', async () => {
  for (const bytes of [
    stdout('no header here\n\n'),
    ...Array.from({ length: 3 }, () => stdout('A: ' + 'x'.repeat(30_000))),
  ]) {
    const peer = await scripted([bytes, bytes, bytes, end()]);
    assert.is((await rejection(pool(peer.path).ask(job()))).status, 502);
    await peer.close();
  }
});

test('an end without a header is told to the program, with what is known', async () => {
  for (const [bytes, message] of [
    [[end(256)], '{"appStatus":256,"protocolStatus":0,"silent":true}'],
    [[end(0, 2)], '{"appStatus":0,"protocolStatus":2,"silent":true}'],
    [[stdout('Content-'), end(9)], '{"appStatus":9,"protocolStatus":0,"silent":false}'],
  ] as const) {
    const peer = await scripted([Buffer.concat(bytes)]);
    assert.is((await rejection(pool(peer.path).ask(job()))).message, `headless ${message}`);
    await peer.close();
  }
});

test('STDERR becomes lines, cut when they are long', async () => {
  const peer = await scripted([
    stderr('one\ntw'),
    stderr('o\r\n\n' + 'x'.repeat(10_000)),
    Buffer.concat([stdout('A: b\n\n'), end()]),
  ]);
  const asked = job();
  await collect((await pool(peer.path).ask(asked)).body);
  assert.equal(
    asked.logged.map((line) => (line.length > 10 ? line.length : line)),
    ['one', 'two', 8192, 10_000 - 8192],
  );
  await peer.close();
});

test('HEAD, 204 and 304 have no body, whatever the script prints', async () => {
  for (const [status, headOnly] of [
    [200, true],
    [204, false],
    [304, false],
  ] as const) {
    const peer = await scripted([stdout(`Status: ${status}\n\n${'x'.repeat(60_000)}`), stdout('y'), end()]);
    const asking = pool(peer.path, { keep: 1 });
    for (let time = 0; time < 3; time += 1) assert.is((await asking.ask(job({ headOnly }))).body, null);
    await peer.close();
  }
});

test('a wrong Content-Length is corrected when the body came at once', async () => {
  const peer = await scripted([Buffer.concat([stdout('Content-Length: 99\n\nshort'), end()])]);
  const { head, body } = await pool(peer.path).ask(job());
  assert.equal(head.headers, ['Content-Length', '5']);
  assert.is(await collect(body), 'short');
  await peer.close();
});

test('a streamed body that is shorter than its Content-Length ends with an error, a longer one is cut', async () => {
  for (const [length, ending] of [
    [99, /shorter/],
    [7, null],
  ] as const) {
    const finish = gate();
    const peer = await startPeer((socket) =>
      serve(socket, () => {
        socket.write(stdout(`Content-Length: ${length}\n\nfirst `));
        void finish.passed.then(() => socket.write(Buffer.concat([stdout('second'), end()])));
      }),
    );
    const asked = job();
    const { body } = await pool(peer.path).ask(asked);
    finish.open();
    if (ending === null) assert.is(await collect(body), 'first s');
    else assert.match((await rejection(collect(body))).message, ending);
    assert.is(asked.logged.length, 1);
    await peer.close();
  }
});

test('silence of the program is a 504, or cuts the answer', async () => {
  const peer = await startPeer((socket, index) =>
    serve(socket, () => index === 1 && socket.write(stdout('A: b\n\nx'))),
  );
  const asking = pool(peer.path, { timeout: 1000 });
  assert.is((await rejection(asking.ask(job()))).status, 504);
  const { body } = await asking.ask(job());
  assert.is((await rejection(collect(body))).status, 504);
  await peer.close();
});

test('a client that leaves ends the connection', async () => {
  for (const bytes of [[], [stdout('A: b\n\nx')]]) {
    const closed = gate();
    const asked = gate();
    const peer = await startPeer((socket) => {
      socket.on('end', closed.open);
      serve(socket, () => {
        for (const chunk of bytes) socket.write(chunk);
        asked.open();
      });
    });
    const leaving = job();
    const answer = pool(peer.path, { keep: 1 }).ask(leaving);
    await asked.passed;
    if (bytes.length > 0) {
      const { body } = await answer;
      leaving.abort.abort();
      assert.is((await rejection(collect(body))).status, 499);
    } else {
      leaving.abort.abort();
      assert.is((await rejection(answer)).status, 499);
    }
    await closed.passed;
    await peer.close();
  }
});

test.run();
