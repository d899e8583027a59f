import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { collect, gate, job, pool, rejection, until } from './jobs.ts';
import { end, serve, startPeer, stdout } from './peer.ts';
import type { PeerRequest } from './peer.ts';

const test = suite('bodies');
const MIB = 1 << 20;
/** What may lie between a fast side and a stopped one: socket buffers and a few chunks. */
const IN_BETWEEN = 2 * MIB;

/** A body of `length` bytes, made as fast as it is read. `made` counts. */
function source(length: number): { body: Readable; made: () => number } {
  const chunk = Buffer.alloc(64 * 1024, 'u');
  let made = 0;
  const body = new Readable({
    read() {
      if (made >= length) this.push(null);
      else {
        const piece = chunk.subarray(0, Math.min(chunk.length, length - made));
        made += piece.length;
        this.push(piece);
      }
    },
  });
  return { body, made: () => made };
}

test('a request body arrives whole, in records', async () => {
  for (const length of [1, 65_535, 65_536, 3 * MIB + 1]) {
    const content = randomBytes(length);
    let sum = '';
    const peer = await startPeer((socket) =>
      serve(socket, (request) => {
        request.onBody = () => {
          sum = String(request.stdin);
          socket.write(Buffer.concat([stdout(`A: b\n\n${sum}`), end()]));
        };
      }),
    );
    const asking = pool(peer.path, { keep: 1 });
    const chunks = Array.from({ length: Math.ceil(length / 100_000) }, (_, at) =>
      content.subarray(at * 100_000, (at + 1) * 100_000),
    );
    const { body } = await asking.ask(job({ body: Readable.from(chunks), contentLength: length }));
    assert.is(await collect(body), String(length));
    assert.is(asking.idle, 1, 'the connection is kept after a complete body');
    asking.close();
    await peer.close();
  }
});

test('a program that does not read stops the client', async () => {
  const peer = await startPeer(() => {});
  peer.server.on('connection', (socket) => socket.pause());
  const { body, made } = source(200 * MIB);
  const asked = job({ body, contentLength: 200 * MIB });
  const failing = rejection(pool(peer.path).ask(asked));
  await until(() => made() > 0);
  let before = -1;
  while (made() !== before) {
    before = made();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(made() < IN_BETWEEN, `${made()} bytes were read`);
  asked.abort.abort();
  assert.is((await failing).status, 499);
  await peer.close();
});

test('a consumer that does not read stops the program', async () => {
  let written = 0;
  const total = 200 * MIB;
  const chunk = Buffer.alloc(60_000, 'd');
  const peer = await startPeer((socket) =>
    serve(socket, () => {
      socket.write(stdout('A: b\n\n'));
      const more = (): void => {
        while (written < total) {
          written += chunk.length;
          if (!socket.write(stdout(chunk))) {
            socket.once('drain', more);
            return;
          }
        }
        socket.write(end());
      };
      more();
    }),
  );
  const asking = pool(peer.path, { keep: 1, timeout: 1000 });
  const { body } = await asking.ask(job());
  assert.ok(body instanceof Readable);
  let before = -1;
  while (written !== before) {
    before = written;
    // Longer than the timeout: a slow consumer is not a silent program.
    await new Promise((resolve) => setTimeout(resolve, 1200));
  }
  assert.ok(written < IN_BETWEEN, `${written} bytes were written`);
  const hash = createHash('sha1');
  let length = 0;
  for await (const piece of body) {
    hash.update(piece as Buffer);
    length += (piece as Buffer).length;
  }
  assert.is(length, written);
  assert.is(asking.idle, 1);
  asking.close();
  await peer.close();
});

test('an answer before the body was read leaves the rest of the body where it is', async () => {
  const early = Buffer.concat([stdout('Status: 403\n\nno'), end()]);
  const requests: PeerRequest[] = [];
  const peer = await startPeer((socket) =>
    serve(socket, (request) => {
      requests.push(request);
      socket.write(early);
    }),
  );
  const asking = pool(peer.path, { keep: 1 });
  const { body: upload, made } = source(200 * MIB);
  const { head, body } = await asking.ask(job({ body: upload, contentLength: 200 * MIB }));
  assert.is(head.status, 403);
  assert.is(await collect(body), 'no');
  const taken = made();
  assert.ok(taken < 50 * MIB, `${taken} bytes were read`);
  assert.is(asking.idle, 0, 'the program would take the rest for the next request');
  assert.is(upload.destroyed, false);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.ok(made() - taken <= 128 * 1024);
  await peer.close();
});

test('a program that answers and leaves without reading is heard', async () => {
  for (let time = 0; time < 20; time += 1) {
    const peer = await startPeer((socket) => {
      socket.once('data', () => {
        socket.write(
          Buffer.concat([stdout(`Status: 413\n\n${'x'.repeat(100_000)}`.slice(0, 60_000)), end()]),
        );
        socket.destroySoon();
      });
    });
    const { body: upload } = source(20 * MIB);
    const { head, body } = await pool(peer.path).ask(job({ body: upload, contentLength: 20 * MIB }));
    assert.is(head.status, 413);
    assert.is((await collect(body)).length, 60_000 - 'Status: 413\n\n'.length);
    await peer.close();
  }
});

test('a body that ends short of its length, or breaks, never looks complete', async () => {
  for (const body of [
    Readable.from([Buffer.from('half')]),
    new Readable({
      read() {
        this.destroy(new Error('the client broke off'));
      },
    }),
  ]) {
    let complete = false;
    const ended = gate();
    const peer = await startPeer((socket) => {
      socket.on('end', ended.open);
      serve(socket, (request) => (request.onBody = () => (complete = true)));
    });
    const error = await rejection(pool(peer.path).ask(job({ body, contentLength: 8 })));
    assert.is(error.status, 499);
    await ended.passed;
    assert.is(complete, false);
    await peer.close();
  }
});

test('a slow client is not a silent program', async () => {
  const peer = await startPeer((socket) =>
    serve(socket, (request) => {
      request.onBody = () => socket.write(Buffer.concat([stdout('A: b\n\nok'), end()]));
    }),
  );
  const body = new Readable({ read() {} });
  const answer = pool(peer.path, { timeout: 1000 }).ask(job({ body, contentLength: 2 }));
  body.push('a');
  await new Promise((resolve) => setTimeout(resolve, 2500));
  body.push('b');
  body.push(null);
  assert.is(await collect((await answer).body), 'ok');
  await peer.close();
});

test('a consumer that gives up closes the connection', async () => {
  const ended = gate();
  const peer = await startPeer((socket) => {
    socket.on('end', ended.open);
    serve(socket, () => socket.write(stdout('A: b\n\nx')));
  });
  const asking = pool(peer.path, { keep: 1, running: 1 });
  const { body } = await asking.ask(job());
  (body as Readable).destroy();
  await ended.passed;
  await peer.close();
});

test.run();
