import { connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StreamSocket } from '../../../src/front/sockets/stream-socket.ts';
import { native } from '../../../src/native/native.ts';
import { eventually } from '../../helpers/wait.ts';

const test = suite('stream socket');

class Plain extends StreamSocket {
  protected received(): void {}
  protected ended(): void {}
  protected drained(): void {}
  protected alive(): void {}
  protected failed(): void {}
  protected closed(): void {}
}

for (const [how, write] of [
  ['a text', (socket: Plain) => socket.write('answer', true)],
  ['a piece', (socket: Plain) => socket.writePiece('an', Buffer.from('sw'), 'er', true)],
] as const)
  test(`the last bytes arrive before a close, also where the client has sent more than was read: ${how}`, async () => {
    const listener = native.listenTcp('127.0.0.1', 0, 5, true);
    let text = '';
    const client = connect(native.localPort(listener), '127.0.0.1');
    const closed = new Promise((resolve) => client.once('close', resolve));
    // A reset follows: the client is not to read before it is there.
    client.on('error', () => {}).pause();
    let fd = -1;
    await eventually('it is there', () => (fd = native.accept(listener, Buffer.alloc(20))) >= 0);
    client.write('unread');
    const socket = new Plain(fd);
    let sent = false;
    await eventually('its bytes have come', () => {
      sent ||= client.bytesWritten === 6 && client.writableLength === 0;
      return sent;
    });
    client.on('data', (bytes: Buffer) => (text += bytes.toString()));
    write(socket);
    socket.destroy();
    client.resume();
    await closed;
    assert.is(text, 'answer');
    native.close(listener);
  });

test.run();
