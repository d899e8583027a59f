import { renameSync } from 'node:fs';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProgramAnswer } from '../../../handlers/fastcgi/job.ts';
import type { Pool } from '../../../handlers/fastcgi/pool.ts';
import { collect, job, pool, rejection, until } from './jobs.ts';
import { end, serve, startPeer, stdout } from './peer.ts';
import type { Peer, PeerRequest } from './peer.ts';

const test = suite('pool');
const hello = Buffer.concat([stdout('A: b\n\nhello'), end()]);

/** As a program does: closes after the answer unless it was asked to keep the connection. */
function answer(request: PeerRequest): void {
  request.socket.write(hello);
  if (!request.keep) request.socket.end();
}

test('keeps as many connections as it may, and closes the others promptly', async () => {
  const waiting: PeerRequest[] = [];
  const keeps: boolean[] = [];
  let ended = 0;
  const peer = await startPeer((socket) => {
    socket.on('end', () => (ended += 1));
    serve(socket, (request) => {
      keeps.push(request.keep);
      waiting.push(request);
    });
  });
  const asking = pool(peer.path, { keep: 2 });
  const answers = [1, 2, 3, 4].map(() => asking.ask(job()));
  await until(() => waiting.length === 4);
  for (const request of waiting.splice(0)) answer(request);
  await Promise.all(answers);
  assert.is(keeps.filter(Boolean).length, 2);
  assert.is(asking.idle, 2);
  await until(() => ended === 2);
  const again = asking.ask(job());
  await until(() => waiting.length === 1);
  answer(waiting[0] as PeerRequest);
  await again;
  assert.is(peer.sockets.length, 4, 'an idle connection was used again');
  asking.close();
  await until(() => ended === 4);
  await peer.close();
});

test('opens nothing in advance, and closes what has been idle', async () => {
  let ended = 0;
  const peer = await startPeer((socket) => {
    socket.on('end', () => (ended += 1));
    serve(socket, answer);
  });
  const asking = pool(peer.path, { keep: 2, idle: 30 });
  assert.is(peer.sockets.length, 0);
  await asking.ask(job());
  assert.is(asking.idle, 1);
  await until(() => ended === 1);
  assert.is(asking.idle, 0);
  await asking.ask(job());
  assert.is(peer.sockets.length, 2);
  asking.close();
  await peer.close();
});

test('drops an idle connection that the program closes or speaks on', async () => {
  const peer = await startPeer((socket) => serve(socket, answer));
  const asking = pool(peer.path, { keep: 1 });
  await asking.ask(job());
  peer.sockets[0]?.end();
  await until(() => asking.idle === 0);
  await asking.ask(job());
  peer.sockets[1]?.write(hello);
  await until(() => asking.idle === 0);
  await asking.ask(job());
  assert.is(peer.sockets.length, 3);
  asking.close();
  await peer.close();
});

test('requests beyond the limit wait in order', async () => {
  const seen: string[] = [];
  let running = 0;
  let most = 0;
  const peer = await startPeer((socket) =>
    serve(socket, (request) => {
      most = Math.max(most, (running += 1));
      setImmediate(() => {
        running -= 1;
        answer(request);
      });
    }),
  );
  const asking = pool(peer.path, { keep: 1, running: 2 });
  await Promise.all(
    Array.from({ length: 20 }, async (_, number) => {
      await asking.ask(job());
      seen.push(String(number));
    }),
  );
  assert.is(most, 2);
  assert.is(seen.length, 20);
  asking.close();
  await peer.close();
});

test('a wait that is too long is a 503 with Retry-After, and a client that left waits no more', async () => {
  const peer = await startPeer((socket) => serve(socket, () => {}));
  const asking = pool(peer.path, { running: 1, waitMax: 40 });
  const first = job();
  const stuck = rejection(asking.ask(first));
  const late = await rejection(asking.ask(job()));
  assert.is(late.status, 503);
  assert.ok(late.headers.includes('Retry-After'));
  const leaving = job();
  const left = rejection(asking.ask(leaving));
  leaving.abort.abort();
  assert.is((await left).status, 499);
  const many = Array.from({ length: 1024 }, () => asking.ask(job()).catch(() => 'late'));
  assert.match((await rejection(asking.ask(job()))).message, /too many/);
  await Promise.all(many);
  first.abort.abort();
  assert.is((await stuck).status, 499);
  await peer.close();
});

test('waits for a socket that is just being replaced', async () => {
  const first = await startPeer((socket) => serve(socket, answer));
  const path = `${first.path}.new`;
  const asked = pool(path).ask(job());
  setTimeout(() => renameSync(first.path, path), 60);
  assert.is(await collect((await asked).body), 'hello');
  await first.close();
});

test('a socket that stays away is a 502', async () => {
  const error = await rejection(pool('/nonexistent/itkd/socket').ask(job()));
  assert.is(error.status, 502);
  assert.match(error.message, /ENOENT/);
});

test('a connection closed without a word is a 502, not an endless retry', async () => {
  const peer = await startPeer((socket) => socket.destroy());
  assert.is((await rejection(pool(peer.path, { keep: 1 }).ask(job()))).status, 502);
  assert.is(peer.sockets.length, 1);
  await peer.close();
});

/** Answers one request on the first connection, then does `then` with the second one. */
function onceThen(then: (request: PeerRequest) => void): Promise<Awaited<ReturnType<typeof startPeer>>> {
  return startPeer((socket, index) => {
    let count = 0;
    serve(socket, (request) => {
      count += 1;
      if (index > 0 || count === 1) answer(request);
      else then(request);
    });
  });
}

/** With a kept connection that its other side has closed, which ours has not seen yet: ask in the same tick. */
async function leftUnseen(peer: Peer): Promise<Pool> {
  const asking = pool(peer.path, { keep: 1 });
  await asking.ask(job());
  await until(() => asking.idle === 1);
  peer.sockets[0]?.destroy();
  await new Promise((resolve) => process.nextTick(resolve));
  return asking;
}

test('repeats a request when a kept connection was closed before it was written', async () => {
  const peer = await onceThen(() => assert.unreachable());
  const asking = await leftUnseen(peer);
  assert.is(await collect((await asking.ask(job())).body), 'hello');
  assert.is(peer.sockets.length, 2);
  asking.close();
  await peer.close();
});

/** Answers one request, and reads no other one on the first connection. */
function quitter(): Promise<Awaited<ReturnType<typeof startPeer>>> {
  return startPeer((socket, index) => {
    serve(socket, (request) => {
      // `pause` would still read once.
      if (index === 0) (socket as unknown as { _handle: { readStop(): void } })._handle.readStop();
      answer(request);
    });
  });
}

/** Asks again, and lets the first connection end when the request lies in its queue: destroying resets. */
async function askAndLeave(
  peer: Awaited<ReturnType<typeof startPeer>>,
  asking: Pool,
): Promise<ProgramAnswer> {
  const asked = asking.ask(job());
  // Here and below it is the caller that waits for it.
  asked.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 50));
  peer.sockets[0]?.destroy();
  return asked;
}

test('repeats a request that php-cgi at its end has not read', async () => {
  const peer = await quitter();
  const asking = pool(peer.path, { keep: 1, leaves: 'abruptly' });
  await asking.ask(job());
  assert.is(await collect((await askAndLeave(peer, asking)).body), 'hello');
  assert.is(peer.sockets.length, 2);
  asking.close();
  await peer.close();
});

test('does not repeat it for a program of which that is not known', async () => {
  const peer = await quitter();
  const asking = pool(peer.path, { keep: 1 });
  await asking.ask(job());
  assert.is((await rejection(askAndLeave(peer, asking))).status, 502);
  assert.is(peer.sockets.length, 1);
  await peer.close();
});

test('sends no body over a kept connection that may end any time', async () => {
  const peer = await startPeer((socket) =>
    serve(socket, (request) => (request.onBody = () => answer(request))),
  );
  const asking = pool(peer.path, { keep: 2, leaves: 'abruptly' });
  for (const connections of [1, 2, 3]) {
    const body = Readable.from([Buffer.from('form=1')]);
    assert.is(await collect((await asking.ask(job({ body, contentLength: 6 }))).body), 'hello');
    assert.is(peer.sockets.length, connections);
  }
  assert.is(asking.idle, 2);
  asking.close();
  await peer.close();
});

test('sends a small body once more when nothing of it was read', async () => {
  const peer = await onceThen(() => assert.unreachable());
  const asking = await leftUnseen(peer);
  const body = Readable.from([Buffer.from('form=1')]);
  assert.is(await collect((await asking.ask(job({ body, contentLength: 6 }))).body), 'hello');
  assert.is(peer.sockets.length, 2);
  asking.close();
  await peer.close();
});

test('repeats nothing when the program may have worked on it', async () => {
  const peer = await onceThen(({ socket }) => socket.destroy());
  const asking = pool(peer.path, { keep: 1 });
  await asking.ask(job());
  assert.is((await rejection(asking.ask(job()))).status, 502);
  assert.is(peer.sockets.length, 1);
  // Gone in the middle of a body: the write that fails is not the request's first.
  const reading = await startPeer((socket, index) => {
    let count = 0;
    serve(socket, (request) => {
      count += 1;
      if (index === 0 && count === 1) answer(request);
      else setTimeout(() => request.socket.destroy(), 20);
    });
  });
  const uploading = pool(reading.path, { keep: 1 });
  await uploading.ask(job());
  const body = new Readable({
    read() {
      setTimeout(() => this.push(Buffer.from('x')), 1);
    },
  });
  assert.is((await rejection(uploading.ask(job({ body, contentLength: 60_000 })))).status, 502);
  assert.is(reading.sockets.length, 1);
  body.destroy();
  await reading.close();
  const half = await onceThen(({ socket }) => socket.end(stdout('A:')));
  const other = pool(half.path, { keep: 1 });
  await other.ask(job());
  assert.is((await rejection(other.ask(job()))).status, 502);
  assert.is(half.sockets.length, 1);
  await peer.close();
  await half.close();
});

test.run();
