import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LocalSocket } from '../../../handlers/fastcgi/local-socket.ts';
import type { ProgramSocket, SocketUser } from '../../../handlers/fastcgi/program-socket.ts';
import { RemoteSocket } from '../../../handlers/fastcgi/remote-socket.ts';
import { until } from './jobs.ts';
import { startPeer } from './peer.ts';

/** Notes what it is told. */
class Noting implements SocketUser {
  silences = 0;
  drains = 0;
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

  drained(): void {
    this.drains += 1;
  }

  silent(): void {
    this.silences += 1;
    this.silentAt = performance.now();
  }
}

type Open = (path: string) => Promise<ProgramSocket>;

function kinds(name: string, connect: Open): void {
  const test = suite(name);

  async function open(path: string): Promise<{ socket: ProgramSocket; user: Noting }> {
    const socket = await connect(path);
    const user = new Noting();
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

  test('the end of the other side is told', async () => {
    const peer = await startPeer((socket) => socket.end('bye'));
    const { socket, user } = await open(peer.path);
    await until(() => user.gones.length > 0);
    assert.is(user.bytes, 'bye');
    assert.is(user.gones[0], undefined);
    socket.destroy();
    await peer.close();
  });

  test('what its peer does not read is kept, then told, and what it wrote can still be read', async () => {
    const peer = await startPeer((socket) => socket.pause());
    const { socket, user } = await open(peer.path);
    await until(() => peer.sockets.length === 1);
    const piece = Buffer.alloc(1024 * 1024, 'a');
    assert.is(socket.write(piece), false);
    assert.is(user.drains, 0);
    let taken = 0;
    peer.sockets[0]?.on('data', (bytes: Buffer) => (taken += bytes.length)).resume();
    await until(() => user.drains === 1);
    socket.cork();
    for (let i = 0; i < 3; i += 1) socket.write(Buffer.from(`b${i}`));
    socket.uncork();
    await until(() => taken === piece.length + 6);
    peer.sockets[0]?.end('the answer');
    await until(() => user.bytes === 'the answer' && user.gones.length > 0);
    peer.sockets[0]?.destroy();
    await until(() => {
      socket.write(piece);
      return socket.writeFailed;
    });
    assert.not.ok(socket.destroyed);
    assert.is(socket.write(piece), true);
    socket.destroy();
    await peer.close();
  });

  test('paused, it reads nothing; and all of it afterwards', async () => {
    const peer = await startPeer((socket) => socket.write('first'));
    const { socket, user } = await open(peer.path);
    await until(() => user.bytes === 'first');
    socket.pause();
    assert.ok(socket.isPaused());
    peer.sockets[0]?.end('second');
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.is(user.bytes, 'first');
    socket.resume();
    await until(() => user.bytes === 'firstsecond' && user.gones.length > 0);
    socket.destroy();
    await peer.close();
  });

  test('who waits for its end is told, after it was closed', async () => {
    const peer = await startPeer(() => {});
    const { socket } = await open(peer.path);
    let closed = 0;
    socket.onceClosed(() => (closed += 1));
    socket.destroy();
    socket.destroy();
    assert.is(closed, 0);
    await until(() => closed > 0);
    await new Promise((resolve) => setImmediate(resolve));
    assert.is(closed, 1);
    await peer.close();
  });

  test.run();
}

kinds('program socket: of the site', async (path) => new LocalSocket(path));
kinds('program socket: of somebody else', (path) => {
  const socket = new RemoteSocket();
  return new Promise((resolve, reject) =>
    socket.open({ path }, (error) => (error === null ? resolve(socket) : reject(error))),
  );
});

const failures = suite('program socket: no connection');

failures('one that fails at once throws, with the reason', () => {
  assert.throws(
    () => new LocalSocket('/nonexistent/socket'),
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
});

failures('one that fails later is told once, and to whoever opened it', async () => {
  const socket = new RemoteSocket();
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

failures.run();
