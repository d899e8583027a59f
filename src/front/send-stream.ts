import type { Readable } from 'node:stream';
import { ENOUGH, together } from './gathering.ts';
import type { Sending } from './send-answer.ts';
import { ShortWait } from './sockets/short-wait.ts';

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
  /** Bytes of the body that wait for more. */
  let gathered: Buffer[] = [];
  let size = 0;

  /** Sends what has gathered. @returns false: the client takes less than it was sent */
  const send = (last: boolean): boolean => {
    gathering.giveUp();
    let before = unsent;
    let after = last && chunked ? '0\r\n\r\n' : '';
    if (chunked && size > 0) {
      before += `${size.toString(16)}\r\n`;
      after = `\r\n${after}`;
    }
    const bytes = together(gathered);
    unsent = '';
    gathered = [];
    size = 0;
    if (bytes.length > 0) return connection.writePiece(before, bytes, after, last);
    return before + after === '' || connection.write(before + after, last);
  };
  const cut = (): void => {
    if (ended) return;
    ended = true;
    // What came before the failure came in order.
    if (size > 0) send(false);
    body.destroy();
    connection.socket.destroy();
  };
  const sendLate = (): void => {
    if (!ended && !send(false)) body.pause();
  };
  const gathering = new ShortWait(sendLate);
  setImmediate(() => {
    if (!ended && unsent !== '') sendLate();
  });
  sending.onDrain = () => void body.resume();
  body.on('data', (chunk: Buffer) => {
    if (ended || chunk.length === 0) return;
    sending.sent += chunk.length;
    if (length !== null && sending.sent > length) {
      cut();
      return;
    }
    gathered.push(chunk);
    size += chunk.length;
    if (unsent !== '' || size >= ENOUGH) {
      if (!send(false)) body.pause();
    } else gathering.begin();
  });
  body.on('end', () => {
    if (length !== null && sending.sent !== length) {
      cut();
      return;
    }
    if (ended) return;
    ended = true;
    send(true);
    if (connection.blocked) sending.onDrain = () => sending.complete();
    else sending.complete();
  });
  body.on('error', cut);
  body.on('close', cut);
  // Closed before anybody listened.
  if (body.destroyed) cut();
}
