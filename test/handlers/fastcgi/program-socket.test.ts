import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ProgramSocket, type SocketUser } from '../../../handlers/fastcgi/program-socket.ts';
import { until } from './jobs.ts';
import { startPeer } from './peer.ts';

const test = suite('program socket');

/** Notes what it is told. */
class Noting implements SocketUser {
  silences = 0;
  silentAt = 0;
  bytes = '';
  silencesBefore = -1;
  gones: (Error | undefined)[] = [];

  received(bytes: Buffer): void {
    this.bytes += bytes.toString('latin1');
    this.silencesBefore = this.silences;
  }

  gone(cause?: Error): void {
    this.gones.push(cause);
  }

  drained(): void {}

  silent(): void {
    this.silences += 1;
    this.silentAt = performance.now();
  }
}

async function open(path: string): Promise<{ socket: ProgramSocket; user: Noting }> {
  const socket = new ProgramSocket();
  const user = new Noting();
  await new Promise<void>((resolve, reject) =>
    socket.open({ path }, (error) => (error === null ? resolve() : reject(error))),
  );
  socket.user = user;
  return { socket, user };
}

test('its silence is told when it has lasted, and again; what comes breaks it', async () => {
  const peer = await startPeer(() => {});
  const { socket, user } = await open(peer.path);
  await until(() => peer.sockets.length === 1);
  let sent = performance.now();
  socket.setTimeout(200);
  for (let times = 0; times < 20; times += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    peer.sockets[0]?.write('x');
    sent = performance.now();
  }
  await until(() => user.bytes.length === 20);
  const before = user.silences;
  await until(() => user.silences > before);
  assert.ok(user.silentAt - sent >= 200, `${user.silentAt - sent} ms`);
  await until(() => user.silences > before + 1);
  socket.destroy();
  await peer.close();
});

test('what has come while this process did not run is no silence, and breaks it', async () => {
  const peer = await startPeer(() => {});
  const { socket, user } = await open(peer.path);
  await until(() => peer.sockets.length === 1);
  // Behind immediates Node looks at its timers, and then at its sockets.
  await new Promise((resolve) => setImmediate(resolve));
  socket.setTimeout(200);
  peer.sockets[0]?.write('x');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  const awake = performance.now();
  await until(() => user.bytes === 'x');
  assert.is(user.silencesBefore, 0);
  await until(() => user.silences > 0);
  assert.ok(user.silentAt - awake >= 200, `${user.silentAt - awake} ms`);
  socket.destroy();
  await peer.close();
});

test('without a limit, or destroyed, it tells of no silence', async () => {
  const peer = await startPeer(() => {});
  const [unlimited, destroyed] = [await open(peer.path), await open(peer.path)];
  unlimited.socket.setTimeout(10);
  unlimited.socket.setTimeout(0);
  destroyed.socket.setTimeout(10);
  destroyed.socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.is(unlimited.user.silences, 0);
  assert.is(destroyed.user.silences, 0);
  unlimited.socket.destroy();
  await peer.close();
});

test('a connection that fails is told once, and to whoever opened it', async () => {
  const socket = new ProgramSocket();
  const user = new Noting();
  socket.user = user;
  const told: (Error | null)[] = [];
  socket.open({ path: '/nonexistent/socket' }, (error) => told.push(error));
  await new Promise((resolve) => socket.once('close', resolve));
  assert.is(told.length, 1);
  assert.is((told[0] as NodeJS.ErrnoException).code, 'ENOENT');
  assert.ok(socket.destroyed);
  assert.not.ok(user.gones.some((cause) => cause !== undefined));
});

test('the end of the other side is told', async () => {
  const peer = await startPeer((socket) => socket.end('bye'));
  const { socket, user } = await open(peer.path);
  await until(() => user.gones.length > 0);
  assert.is(user.bytes, 'bye');
  assert.is(user.gones[0], undefined);
  socket.destroy();
  await peer.close();
});

test.run();
