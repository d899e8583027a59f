import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { describeWaitStatus } from '../../../handlers/cgi/failures.ts';
import { createCgiHandler } from '../../../handlers/cgi/handler.ts';
import type { Handler } from '../../../src/front/handler.ts';
import { collect, gate, rejection } from '../fastcgi/jobs.ts';
import { end, serve, startPeer, stdout } from '../fastcgi/peer.ts';
import type { Peer } from '../fastcgi/peer.ts';
import { exchange } from '../php/exchanges.ts';

const test = suite('cgi handler');

async function withWorker(
  bytes: Buffer[],
  body: (handler: Handler, peer: Peer) => Promise<void>,
): Promise<void> {
  const peer = await startPeer((socket) => serve(socket, () => socket.write(Buffer.concat(bytes))));
  renameSync(peer.path, join(dirname(peer.path), '0.cgi'));
  const handler = createCgiHandler({ socketDirectory: dirname(peer.path) });
  try {
    await body(handler, peer);
  } finally {
    handler.close();
    await peer.close();
  }
}

const place = { root: '/srv/x', file: '/a.cgi' };

test('passes a document on', () =>
  withWorker([stdout('Content-Type: text/plain\n\nhi'), end()], async (handler) => {
    const answer = await handler.handle(exchange(place));
    assert.is(answer.status, 200);
    assert.equal(answer.headers, ['Content-Type', 'text/plain']);
    assert.is(await collect(answer.body), 'hi');
  }));

test('a local redirect is the front’s to follow', () =>
  withWorker([stdout('Location: /other?x\n\n'), end()], async (handler) => {
    const answer = await handler.handle(exchange(place));
    assert.is(answer.localRedirect, '/other?x');
    assert.is(answer.body, null);
  }));

test('a site without CGI runs no scripts', () =>
  withWorker([], async (handler, peer) => {
    assert.is((await rejection(handler.handle(exchange({ ...place, site: { cgi: null } })))).status, 403);
    assert.is(peer.sockets.length, 0);
  }));

for (const [appStatus, status, message] of [
  [0x10000 | 403, 403, /refused by the checks/],
  [0x10000 | 404, 404, /no such script/],
  [0x10000 | 400, 400, /refused the variables/],
  [0x10000 | 500, 500, /could not be started/],
  [0x10000 | 503, 503, /could not be started/],
  [0x10000 | 504, 504, /did not end in time/],
  [0, 500, /without a header: exit status 0$/],
  [3 << 8, 500, /exit status 3$/],
  [9, 500, /signal 9 \(SIGKILL\)$/],
  [0x10000 | 99, 500, /without a header/],
] as const) {
  test(`an end with ${appStatus.toString(16)} and no header is a ${status}`, () =>
    withWorker([end(appStatus)], async (handler) => {
      const error = await rejection(handler.handle(exchange(place)));
      assert.is(error.status, status);
      assert.match(error.message, message);
      assert.is(error.quiet, false, 'the owner must learn why');
    }));
}

test('an unfinished or malformed header is a 500', async () => {
  await withWorker([stdout('Content-Type: text'), end(1 << 8)], async (handler) =>
    assert.match(
      (await rejection(handler.handle(exchange(place)))).message,
      /within its header: exit status 1/,
    ),
  );
  await withWorker([stdout('hello world\n\n'), end()], async (handler) =>
    assert.is((await rejection(handler.handle(exchange(place)))).status, 500),
  );
});

test('a script that is killed within its output never looks complete', async () => {
  for (const [appStatus, complete] of [
    [9, false],
    [1 << 8, true],
  ] as const) {
    const finish = gate();
    const peer = await startPeer((socket) =>
      serve(socket, () => {
        socket.write(stdout('A: b\n\npart'));
        void finish.passed.then(() => socket.write(end(appStatus)));
      }),
    );
    renameSync(peer.path, join(dirname(peer.path), '0.cgi'));
    const handler = createCgiHandler({ socketDirectory: dirname(peer.path) });
    const { body } = await handler.handle(exchange(place));
    finish.open();
    if (complete) assert.is(await collect(body), 'part');
    else assert.match((await rejection(collect(body))).message, /SIGKILL/);
    handler.close();
    await peer.close();
  }
});

test('an overloaded worker is a 503 with Retry-After', () =>
  withWorker([end(0, 2)], async (handler) => {
    const error = await rejection(handler.handle(exchange(place)));
    assert.is(error.status, 503);
    assert.ok(error.headers.includes('Retry-After'));
  }));

test('wait statuses in words', () => {
  assert.is(describeWaitStatus(0), 'exit status 0');
  assert.is(describeWaitStatus(255 << 8), 'exit status 255');
  assert.is(describeWaitStatus(11 | 0x80), 'signal 11 (SIGSEGV)');
});

test.run();
