import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Of a body that no handler read, this much is thrown away to keep the connection. */
const DRAIN_BYTES = 64 * 1024;
const DRAIN_TIME = 5000;
/** After a close, what the client still sends is thrown away for so long, so that it can read the answer. */
const LINGER_BYTES = 1024 * 1024;
const LINGER_TIME = 2000;

/**
 * Called before the head of an answer is written: may the connection be kept although the request's body has not
 * been read to its end?
 * @param expected bytes that are still to come; null: unknown
 * @param refused true when the client was told to wait for `100 Continue` and never got it
 */
export function settleUnreadBody(
  incoming: IncomingMessage,
  response: ServerResponse,
  expected: number | null,
  refused: boolean,
): void {
  if (incoming.complete) return;
  if (!refused && expected !== null && expected <= DRAIN_BYTES) return;
  response.shouldKeepAlive = false;
  const { socket } = incoming;
  // What node:http calls when the answer is out. A plain close with unread bytes makes the kernel send a reset,
  // which can overtake the answer (RFC 9112, section 9.6).
  socket.destroySoon = () => linger(socket, incoming);
}

/** Called when the answer is out and the connection is kept: reads the little that is left of the body. */
export function drainUnreadBody(incoming: IncomingMessage): void {
  const { socket } = incoming;
  const timer = setTimeout(() => socket.destroy(), DRAIN_TIME).unref();
  const stop = (): void => clearTimeout(timer);
  incoming.once('end', stop).once('close', stop);
  incoming.resume();
}

function linger(socket: Socket, incoming: IncomingMessage): void {
  if (incoming.complete) {
    endSocket(socket);
    return;
  }
  const before = socket.bytesRead;
  const timer = setTimeout(() => socket.destroy(), LINGER_TIME).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.end();
  incoming.on('data', () => {
    if (socket.bytesRead - before > LINGER_BYTES) socket.destroy();
  });
  incoming.once('end', () => socket.destroy());
  incoming.resume();
}

/** What destroySoon does: close once everything is written. */
function endSocket(socket: Socket): void {
  socket.end();
  if (socket.writableFinished) socket.destroy();
  else socket.once('finish', () => socket.destroy());
}
