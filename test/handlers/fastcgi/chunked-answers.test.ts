/** Bodies that an NPH script sends in chunks of its own. */
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { collect, gate, job, pool, rejection } from './jobs.ts';
import { end, serve, startPeer, stdout } from './peer.ts';
import type { Peer } from './peer.ts';

const test = suite('chunked answers');
const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

/** A worker whose script writes `first`, and `second` when it may. */
function inTwo(first: string, second: string, go: Promise<void>): Promise<Peer> {
  return startPeer((socket) =>
    serve(socket, () => {
      socket.write(stdout(first));
      void go.then(() => socket.write(Buffer.concat([stdout(second), end()])));
    }),
  );
}

test('split at any place, the chunks are what they were', async () => {
  const bytes = `${HEAD}5\r\nfirst\r\n7;x=y\r\n second\r\n0\r\n\r\n`;
  for (let at = HEAD.length; at <= bytes.length; at += 1) {
    const { passed, open } = gate();
    const peer = await inTwo(bytes.slice(0, at), bytes.slice(at), passed);
    const asked = job({ nph: true });
    const { body } = await pool(peer.path).ask(asked);
    assert.ok(body instanceof Readable);
    open();
    assert.is(await collect(body), 'first second', `split at ${at}`);
    assert.equal(asked.logged, []);
    await peer.close();
  }
});

test('an answer that came whole has no chunks left', async () => {
  const peer = await startPeer((socket) =>
    serve(socket, () => void socket.write(Buffer.concat([stdout(`${HEAD}2\r\nab\r\n0\r\n\r\n`, 3), end()]))),
  );
  const { body } = await pool(peer.path).ask(job({ nph: true }));
  assert.ok(Buffer.isBuffer(body));
  assert.is(await collect(body), 'ab');
  await peer.close();
});

for (const [what, rest, message] of [
  ['a size that is none', 'x\r\n', 'test: a bad chunk size'],
  ['a chunk longer than its size', '1\r\nabc\r\n', 'test: a chunk that is longer than it says'],
  ['an end within a chunk', '5\r\nab', 'test: the body ends before its last chunk'],
  ['no last chunk', '2\r\nab\r\n', 'test: the body ends before its last chunk'],
] as const) {
  test(`${what}: a broken body and a line; an error while nothing has been answered`, async () => {
    const { passed, open } = gate();
    const peer = await inTwo(`${HEAD}1\r\n-\r\n`, rest, passed);
    const asked = job({ nph: true });
    const { body } = await pool(peer.path).ask(asked);
    assert.ok(body instanceof Readable);
    open();
    assert.is((await rejection(collect(body))).message, message);
    assert.equal(asked.logged, [message]);
    await peer.close();

    const whole = await startPeer((socket) =>
      serve(socket, () => void socket.write(Buffer.concat([stdout(HEAD + rest), end()]))),
    );
    const error = await rejection(pool(whole.path).ask(job({ nph: true })));
    assert.is(error.status, 502);
    assert.is(error.message, message);
    await whole.close();
  });
}

test('what follows the last chunk is cut off, with a line', async () => {
  const peer = await inTwo(`${HEAD}2\r\nab\r\n0\r\n\r\n`, 'forged', Promise.resolve());
  const asked = job({ nph: true });
  assert.is(await collect((await pool(peer.path).ask(asked)).body), 'ab');
  assert.equal(asked.logged, ['test: the body goes on after its last chunk: cut']);
  await peer.close();
});

test('HEAD: nobody looks at the chunks', async () => {
  const peer = await inTwo(HEAD, 'none', Promise.resolve());
  const asked = job({ nph: true, headOnly: true });
  assert.is((await pool(peer.path).ask(asked)).body, null);
  await peer.close();
});

test.run();
