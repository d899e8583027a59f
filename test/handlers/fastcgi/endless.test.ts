import type { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { collect, job, pool } from './jobs.ts';
import { serve, startPeer, stdout } from './peer.ts';
import type { Peer } from './peer.ts';

const test = suite('fastcgi: a program that goes on when its client has everything');
const PIECE = stdout('x'.repeat(60_000));

/** Sends `head` and then more for as long as it is read. */
function endless(head: string): Promise<Peer> {
  return startPeer((socket) =>
    serve(socket, () => {
      socket.write(stdout(head));
      const more = (): void => {
        while (!socket.destroyed && socket.write(PIECE));
      };
      socket.on('drain', more);
      more();
    }),
  );
}

async function isCutOff({ sockets }: Peer): Promise<void> {
  const [socket] = sockets as [Socket];
  // Not `once`: the reset that it is cut off with would reject.
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
}

for (const [name, head, over] of [
  ['HEAD', 'Content-Type: text/plain\r\n\r\n', { headOnly: true }],
  ['204', 'Status: 204 No Content\r\n\r\n', {}],
  ['304', 'Status: 304 Not Modified\r\n\r\n', {}],
] as const) {
  test(`${name}: it is cut off`, async () => {
    const peer = await endless(head);
    const { body } = await pool(peer.path, { keep: 1, running: 1 }).ask(job(over));
    assert.is(body, null);
    await isCutOff(peer);
    await peer.close();
  });
}

test('a full Content-Length: the body ends and it is cut off, and its turn is free', async () => {
  const peer = await endless('Content-Length: 4\r\n\r\nfine');
  const one = pool(peer.path, { keep: 1, running: 1 });
  for (let turn = 0; turn < 2; turn++) {
    const { body } = await one.ask(job());
    assert.is(await collect(body), 'fine');
  }
  await isCutOff(peer);
  await peer.close();
});

test.run();
