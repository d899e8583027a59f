import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Addresses, type AddressesOptions } from '../../../handlers/fastcgi/addresses.ts';
import type { Connection } from '../../../handlers/fastcgi/connection.ts';
import type { ProgramAddress } from '../../../src/front/handler.ts';
import { job, rejection, type TestJob, until } from './jobs.ts';
import { type Peer, startPeer } from './peer.ts';
import { freePort } from '../../helpers/free-port.ts';

const test = suite('addresses of a program');

const unix = (path: string): ProgramAddress => ({ kind: 'unix', path, name: `unix:${path}` });
const tcp = (port: number): ProgramAddress => ({
  kind: 'tcp',
  host: '127.0.0.1',
  port,
  name: `tcp://127.0.0.1:${port}`,
});

function addresses(list: readonly ProgramAddress[], over: Partial<AddressesOptions> = {}): Addresses {
  return new Addresses(list, { name: 'test', patience: 0, ...over });
}

async function withPeers(count: number, use: (peers: Peer[]) => Promise<void>): Promise<void> {
  const peers = await Promise.all(Array.from({ length: count }, () => startPeer(() => {})));
  try {
    await use(peers);
  } finally {
    await Promise.all(peers.map((peer) => peer.close()));
  }
}

/** Open connections by peer. */
async function load(peers: readonly Peer[], expected: readonly number[]): Promise<void> {
  const counts = (): number[] =>
    peers.map(
      ({ sockets }) => sockets.filter(({ destroyed, readableEnded }) => !destroyed && !readableEnded).length,
    );
  for (const { sockets } of peers) for (const socket of sockets) socket.resume();
  await until(() => counts().join() === expected.join());
}

test('the least busy one is asked, and equals in turn', () =>
  withPeers(3, async (peers) => {
    const all = addresses(peers.map(({ path }) => unix(path)));
    const held: Connection[] = [];
    for (let at = 0; at < 6; at += 1) held.push(await all.connect(job()));
    await load(peers, [2, 2, 2]);
    const ended = held.filter((_, at) => at % 3 === 1);
    const closed = ended.map(({ socket }) => new Promise<void>((resolve) => socket.onceClosed(resolve)));
    for (const connection of ended) connection.close();
    await load(peers, [2, 0, 2]);
    await Promise.all(closed);
    for (let at = 0; at < 2; at += 1) held.push(await all.connect(job()));
    await load(peers, [2, 2, 2]);
    for (const connection of held) connection.close();
  }));

test('one that cannot be reached is left alone, and a request goes on to the next', () =>
  withPeers(1, async ([peer]) => {
    const all = addresses([unix('/nonexistent/s'), unix(peer?.path ?? '')]);
    const asked: TestJob[] = [];
    for (let at = 0; at < 6; at += 1) {
      const one = job();
      asked.push(one);
      (await all.connect(one)).close();
    }
    assert.equal(
      asked.flatMap(({ logged }) => logged),
      ['test: unix:/nonexistent/s cannot be reached (ENOENT): left alone'],
      'said once',
    );
  }));

/** A folder for the socket of a program that is not there yet. */
async function withPlace(use: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-place-'));
  try {
    await use(join(folder, 's'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('one that is there again is asked again, and a line says so', () =>
  withPlace((path) =>
    withPeers(1, async ([peer]) => {
      const all = addresses([unix(path), unix(peer?.path ?? '')]);
      const held = [await all.connect(job()), await all.connect(job())];
      const again = await startPeer(() => {}, path);
      const asked = job();
      while (asked.logged.length === 0) {
        held.push(await all.connect(asked));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.equal(asked.logged, [`test: unix:${path} can be reached again`]);
      for (const connection of held) connection.close();
      await again.close();
    }),
  ));

test('none can be reached: each is named, once for the whole outage', async () => {
  const port = await freePort();
  const all = addresses([unix('/nonexistent/s'), tcp(port)]);
  const first = await rejection(all.connect(job()));
  assert.is(first.status, 502);
  assert.is(
    first.message,
    `test: cannot be reached: unix:/nonexistent/s (ENOENT), tcp://127.0.0.1:${port} (ECONNREFUSED)`,
  );
  assert.is(first.quiet, false);
  for (let at = 0; at < 3; at += 1) {
    const next = await rejection(all.connect(job()));
    assert.equal([next.status, next.quiet], [502, true]);
  }
});

test('a program that is being restarted is waited for', () =>
  withPlace(async (path) => {
    const connecting = addresses([unix(path)], { patience: 60_000 }).connect(job());
    await new Promise((resolve) => setTimeout(resolve, 100));
    const again = await startPeer(() => {}, path);
    (await connecting).close();
    await again.close();
  }));

/** A listener whose queue is full: a connection to it is never made. */
async function withDeaf(use: (port: number) => Promise<void>): Promise<void> {
  const port = await freePort();
  const script = `use IO::Socket::INET;
    my $s = IO::Socket::INET->new(Listen => 1, ReuseAddr => 1, LocalAddr => '127.0.0.1', LocalPort => ${port}) or die $!;
    print "ready\\n"; close STDOUT; sleep 600;`;
  const child = spawn('perl', ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const filling: Socket[] = [];
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve));
    for (let at = 0; at < 8; at += 1) filling.push(connect(port, '127.0.0.1').on('error', () => {}));
    await until(() => filling.some((socket) => !socket.connecting));
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(
      filling.some((socket) => socket.connecting),
      'the queue is full',
    );
    await use(port);
  } finally {
    for (const socket of filling) socket.destroy();
    child.kill('SIGKILL');
  }
}

test('one that does not answer at all: the next one after the time for connecting', () =>
  withDeaf((port) =>
    withPeers(1, async ([peer]) => {
      const all = addresses([tcp(port), unix(peer?.path ?? '')], { connectTimeout: 300 });
      const asked = job();
      const held = [await all.connect(asked)];
      const begun = performance.now();
      for (let at = 0; at < 3; at += 1) held.push(await all.connect(asked));
      assert.ok(performance.now() - begun < 30_000);
      assert.equal(asked.logged, [`test: tcp://127.0.0.1:${port} cannot be reached (ETIMEDOUT): left alone`]);
      await load(peer === undefined ? [] : [peer], [4]);
      for (const connection of held) connection.close();
      const alone = await rejection(addresses([tcp(port)], { connectTimeout: 300 }).connect(job()));
      assert.equal(
        [alone.status, alone.message],
        [502, `test: cannot be reached: tcp://127.0.0.1:${port} (ETIMEDOUT)`],
      );
    }),
  ));

test('a client that leaves is not connected for', () =>
  withDeaf(async (port) => {
    const asked = job();
    const connecting = rejection(addresses([tcp(port)], { connectTimeout: 600_000 }).connect(asked));
    asked.abort.abort();
    assert.is((await connecting).status, 499);
  }));

test.run();
