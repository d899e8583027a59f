import type { Readable } from 'node:stream';
import type { Sending } from './send-answer.ts';

/**
 * Passes a stream on, as fast as the client takes it. By hand: `stream/promises` pipeline costs a factor of five on
 * small bodies. A body of another length than announced cuts the connection, for the client would take what follows
 * for the next answer, or the next answer for the rest.
 * @param head sent with the first piece, or by itself when that takes longer
 * @param framing the length announced in the head, or how the end of the body is told
 */
export function sendStream(
  sending: Sending,
  head: string,
  body: Readable,
  framing: number | 'chunked' | 'none',
): void {
  const { connection } = sending;
  const length = typeof framing === 'number' ? framing : null;
  const chunked = framing === 'chunked';
  let unsent = head;
  let ended = false;
  const takeHead = (): string => {
    const text = unsent;
    unsent = '';
    return text;
  };
  const cut = (): void => {
    if (ended) return;
    ended = true;
    body.destroy();
    connection.socket.destroy();
  };
  setImmediate(() => {
    if (ended || unsent === '' || connection.write(takeHead())) return;
    body.pause();
  });
  sending.onDrain = () => void body.resume();
  body.on('data', (chunk: Buffer) => {
    if (ended || chunk.length === 0) return;
    sending.sent += chunk.length;
    if (length !== null && sending.sent > length) {
      cut();
      return;
    }
    const before = takeHead() + (chunked ? `${chunk.length.toString(16)}\r\n` : '');
    if (!connection.writePiece(before, chunk, chunked ? '\r\n' : '')) body.pause();
  });
  body.on('end', () => {
    if (length !== null && sending.sent !== length) {
      cut();
      return;
    }
    if (ended) return;
    ended = true;
    const tail = takeHead() + (chunked ? '0\r\n\r\n' : '');
    if (tail !== '') connection.write(tail);
    if (connection.blocked) sending.onDrain = () => sending.complete();
    else sending.complete();
  });
  body.on('error', cut);
  body.on('close', cut);
  // Closed before anybody listened.
  if (body.destroyed) cut();
}
