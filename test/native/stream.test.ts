/** System calls on stream sockets, as the addon passes them on. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { native } from '../../src/native/native.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite('native: stream sockets');
const { EAGAIN, ECONNRESET, ENOENT, ENOTCONN, EPIPE } = constants.errno;
const TEXT_MAX = 65536;

const folder = mkdtempSync(join(tmpdir(), 'itkd-stream-'));
const path = join(folder, 'socket');
let server: Server;
const accepted: Socket[] = [];
test.before(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {}).pause();
    accepted.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
});
test.after(() => {
  for (const socket of accepted) socket.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

async function open(): Promise<{ fd: number; peer: Socket }> {
  const before = accepted.length;
  const fd = native.connectStream(path);
  assert.ok(fd >= 0);
  await eventually('it is accepted', () => accepted.length > before);
  return { fd, peer: accepted[before] as Socket };
}

async function heard(peer: Socket, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  peer
    .on('data', (piece: Buffer) => {
      pieces.push(piece);
      size += piece.length;
    })
    .resume();
  await eventually('everything has come', () => size >= length);
  peer.removeAllListeners('data').pause();
  return Buffer.concat(pieces);
}

async function received(fd: number, into: Buffer): Promise<number> {
  let count = -EAGAIN;
  await eventually('something has come', () => (count = native.receive(fd, into)) !== -EAGAIN);
  return count;
}

test('what is not there yet, what there is, the end, and a reset are told apart', async () => {
  const { fd, peer } = await open();
  const into = Buffer.alloc(4);
  assert.is(native.receive(fd, into), -EAGAIN);
  peer.write('12345');
  assert.is(await received(fd, into), 4);
  assert.is(into.toString(), '1234');
  assert.is(await received(fd, into), 1);
  peer.end();
  assert.is(await received(fd, into), 0);
  native.close(fd);
  const other = await open();
  native.sendText(other.fd, 'unread', false);
  other.peer.destroy();
  assert.is(await received(other.fd, into), -ECONNRESET);
  assert.is(native.sendText(other.fd, 'x', false), -EPIPE);
  native.close(other.fd);
});

test('a byte string is sent byte by byte, a long one in part', async () => {
  const { fd, peer } = await open();
  const all = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));
  assert.is(native.sendText(fd, all, false), 256);
  assert.equal(await heard(peer, 256), Buffer.from(all, 'latin1'));
  assert.is(native.sendText(fd, 'a'.repeat(TEXT_MAX + 10), false), TEXT_MAX);
  assert.is((await heard(peer, TEXT_MAX)).length, TEXT_MAX);
  native.close(fd);
});

test('bytes between texts are sent in their order, and nothing behind a text that is cut', async () => {
  const { fd, peer } = await open();
  assert.is(native.sendPiece(fd, 'before ', Buffer.from('bytes'), ' after', false), 18);
  assert.is((await heard(peer, 18)).toString(), 'before bytes after');
  const long = 'a'.repeat(TEXT_MAX + 1);
  assert.is(native.sendPiece(fd, long, Buffer.from('b'), 'c', false), TEXT_MAX);
  assert.is((await heard(peer, TEXT_MAX)).toString(), 'a'.repeat(TEXT_MAX));
  assert.is(native.sendPiece(fd, '', Buffer.from('b'), '', false), 1);
  assert.is(native.sendBytes(fd, Buffer.from('123'), 1), 2);
  assert.is((await heard(peer, 3)).toString(), 'b23');
  native.shutdown(fd);
  await new Promise((resolve) => peer.once('end', resolve).resume());
  assert.is(native.sendText(fd, 'x', false), -EPIPE);
  native.close(fd);
});

test('what is sent with `more` waits for what follows, and goes with the end of the connection', async () => {
  const listener = native.listenTcp('127.0.0.1', 0, 5, true);
  const into = Buffer.alloc(16);
  // The kernel sends it after 0.2 seconds all the same (tcp(7), TCP_CORK): not every time is this process so slow.
  let waited = 0;
  for (const send of [
    (fd: number): number => native.sendText(fd, 'text', true),
    (fd: number): number => native.sendPiece(fd, 't', Buffer.from('ex'), 't', true),
  ]) {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const client = connect(native.localPort(listener), '127.0.0.1').on('error', () => {});
      let fd = -1;
      await eventually('it is there', () => (fd = native.accept(listener, Buffer.alloc(20))) >= 0);
      await eventually('connected', () => !client.connecting);
      const { fd: other } = (client as unknown as { _handle: { fd: number } })._handle;
      assert.is(send(fd), 4);
      if (native.receive(other, into) === -EAGAIN) {
        waited += 1;
        native.close(fd);
        assert.is(native.receive(other, into), 4);
        assert.is(into.toString('latin1', 0, 4), 'text');
        assert.is(native.receive(other, into), 0, 'the end came with it');
      } else native.close(fd);
      client.destroy();
    }
  }
  assert.ok(waited > 5, `${waited} of 10 waited`);
  native.close(listener);
});

for (const [host, kind] of [
  ['127.0.0.1', 4],
  ['::1', 6],
] as const)
  test(`a client at ${host} is known by its address and port`, async () => {
    const listener = native.listenTcp(host, 0, 5, true);
    const port = native.localPort(listener);
    const peer = Buffer.alloc(20, 0xff);
    assert.is(native.accept(listener, peer), -EAGAIN);
    const client = connect(port, host);
    let fd = -1;
    await eventually('it is there', () => (fd = native.accept(listener, peer)) >= 0);
    assert.is(peer[0], kind);
    assert.is(peer.readUInt16BE(2), client.localPort);
    assert.is(native.addressText(peer), host);
    const local = Buffer.alloc(20);
    assert.is(native.localAddress(fd, local), 0);
    assert.is(local.readUInt16BE(2), port);
    assert.is(native.addressText(local), host);
    client.destroy();
    native.close(fd);
    native.close(listener);
    assert.ok(native.accept(listener, peer) < 0);
  });

test('what cannot be is an error', () => {
  assert.is(native.connectStream(join(folder, 'none')), -ENOENT);
  assert.throws(() => native.connectStream('/'.padEnd(200, 'x')), /ENAMETOOLONG|name too long/i);
  assert.throws(() => native.accept(0, Buffer.alloc(19)), /20 bytes/);
  assert.throws(() => native.sendBytes(0, Buffer.alloc(2), 3), /behind the end/);
  assert.throws(() => native.receive(0, 'text' as unknown as Buffer));
  assert.throws(() => (native.sendText as (fd: number) => number)(0), /too few/);
  const listener = native.listenTcp('127.0.0.1', 0, 5, true);
  assert.is(native.sendText(listener, 'x', false), -EPIPE);
  assert.is(native.receive(listener, Buffer.alloc(1)), -ENOTCONN);
  native.close(listener);
});

test.run();
