import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import posix from 'posix';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Address } from '../../../src/front/sockets/address.ts';
import { ListeningSocket, type ListeningUser } from '../../../src/front/sockets/listening-socket.ts';
import { takeInOrder, unwatch } from '../../../src/front/sockets/readiness.ts';
import { native } from '../../../src/native/native.ts';
import { readStanding } from '../../helpers/standing.ts';
import { eventually } from '../../helpers/wait.ts';

const test = suite('listening socket');

class Noting implements ListeningUser {
  readonly peers: Address[] = [];
  readonly failures: string[] = [];
  whenAccepted = (): void => {};

  accepted(fd: number, peer: Address): void {
    this.peers.push(peer);
    native.close(fd);
    this.whenAccepted();
  }

  failed(code: string): void {
    this.failures.push(code);
  }
}

function listen(): { port: number; fd: number; user: Noting; socket: ListeningSocket } {
  const fd = native.listenTcp('127.0.0.1', 0, 100, false);
  const user = new Noting();
  const port = native.localPort(fd);
  return { port, fd, user, socket: new ListeningSocket(fd, user) };
}

function client(port: number): Socket {
  return connect(port, '127.0.0.1').on('error', () => {});
}

test('everybody who connects is accepted, and known by address and port', async () => {
  const { port, user, socket } = listen();
  const clients = Array.from({ length: 50 }, () => client(port));
  const ports: (number | undefined)[] = [];
  for (const one of clients) one.once('connect', () => ports.push(one.localPort));
  await eventually('all are there', () => user.peers.length === 50 && ports.length === 50);
  assert.equal(new Set(user.peers.map((peer) => peer.port)), new Set(ports));
  assert.ok(user.peers.every(({ address }) => address === '127.0.0.1'));
  for (const one of clients) one.destroy();
  socket.close();
  socket.close();
  const refused = await new Promise((resolve) => client(port).once('error', resolve));
  assert.match(String(refused), /ECONNREFUSED/);
});

test('what nobody was told of is found all the same', async () => {
  const fd = native.listenTcp('127.0.0.1', 0, 100, false);
  const port = native.localPort(fd);
  // One process more that is told, and takes none.
  const other = native.createPoller(new Int32Array(257), () => {});
  assert.is(other.add(fd, 0x1000_0001), 0);
  const user = new Noting();
  const socket = new ListeningSocket(fd, user);
  // As if this one had not been told.
  unwatch(fd, false);
  const clients = Array.from({ length: 20 }, () => client(port));
  await eventually('all are there', () => user.peers.length === 20);
  for (const one of clients) one.destroy();
  other.remove(fd, 0);
  socket.close();
});

test('held, it accepts no more until it is resumed; the next process is told', async () => {
  const { port, fd, user, socket } = listen();
  user.whenAccepted = () => socket.hold();
  let told = 0;
  const other = native.createPoller(new Int32Array(257), () => (told += 1));
  assert.is(other.add(fd, 0x1000_0001), 0);
  other.start();
  const clients = Array.from({ length: 3 }, () => client(port));
  // More than a second: it also looks by itself.
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assert.is(user.peers.length, 1);
  assert.ok(told > 0);
  other.remove(fd, 0);
  other.stop();
  socket.resume();
  socket.resume();
  await eventually('one more', () => user.peers.length === 2);
  user.whenAccepted = () => {};
  socket.resume();
  await eventually('all are there', () => user.peers.length === 3);
  for (const one of clients) one.destroy();
  socket.close();
});

test('closed while it is held, it stays so', async () => {
  const { port, user, socket } = listen();
  socket.hold();
  const waiting = client(port);
  await new Promise((resolve) => waiting.once('connect', resolve));
  socket.close();
  socket.resume();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(user.failures, []);
  assert.equal(user.peers, []);
  waiting.destroy();
});

test('without a descriptor for it a connection waits, and that is told a few times a second', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'itkd-listening-'));
  const path = join(folder, 'socket');
  takeInOrder(join(folder, 'precedence'), 0);
  const standing = openSync(join(folder, 'precedence'), 'r');
  const user = new Noting();
  const socket = new ListeningSocket(native.listenUnix(path, 10, -1), user);
  await eventually('it has room', () => readStanding(standing, 0).room === 1);
  const limit = posix.getrlimit('nofile');
  const fd = native.connectStream(path);
  // The client has its descriptor; the rest of them are taken.
  posix.setrlimit('nofile', { soft: readdirSync('/proc/self/fd').length + 20, hard: limit.hard });
  const taken: number[] = [];
  try {
    assert.throws(() => {
      for (;;) taken.push(openSync('/dev/null', 'r'));
    }, /EMFILE/);
    await eventually('it is told', () => user.failures.length > 0);
    assert.is(readStanding(standing, 0).room, 0);
    await new Promise((resolve) => setTimeout(resolve, 250));
  } finally {
    for (const fd of taken) closeSync(fd);
    posix.setrlimit('nofile', limit);
  }
  assert.ok(user.failures.length <= 5, `${user.failures.length} times`);
  assert.is(user.failures[0], 'EMFILE');
  await eventually('it is accepted in the end', () => user.peers.length === 1);
  await eventually('it has room again', () => readStanding(standing, 0).room === 1);
  native.close(fd);
  socket.close();
  closeSync(standing);
  rmSync(folder, { recursive: true });
});

test.run();
