import type { Socket } from 'node:net';
import type { Waiting } from './client-connection.ts';
import { reasonPhrase } from './error-page.ts';

/** What node:http's parser reports about a request that it could not read. */
interface ParserError extends Error {
  readonly code?: string;
  readonly bytesParsed?: number;
  readonly rawPacket?: Buffer;
}

const NEWLINE = 0x0a;

/** The status for a request that could not be read; null: there is nobody to answer. */
function clientErrorStatus(error: ParserError): number | null {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ETIMEDOUT':
      return null;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    case 'HPE_HEADER_OVERFLOW': {
      // The limit may have been met in the request line or in a field after it.
      const parsed = error.rawPacket?.subarray(0, error.bytesParsed ?? 0);
      return parsed?.includes(NEWLINE) === false ? 414 : 431;
    }
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 413;
    default:
      return 400;
  }
}

/**
 * Answers with the bare status and closes: what follows on this connection cannot be told apart.
 * @param current the request that is being answered. An error in what follows it, or in its body when its answer has
 *   begun, just cuts: the client would take our status for a part of that answer.
 * @returns the status, or null when nothing was sent
 */
export function answerClientError(
  error: ParserError,
  socket: Socket,
  current: Waiting | null,
): number | null {
  const status = clientErrorStatus(error);
  const taken = current !== null && (current.incoming.complete || current.response.headersSent);
  if (status === null || taken || !socket.writable || (status === 408 && socket.bytesRead === 0)) {
    socket.destroy();
    return null;
  }
  bareAnswer(socket, status);
  return status;
}

/** Writes a status without a body, then closes. */
export function bareAnswer(socket: Socket, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${reasonPhrase(status)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  // A client that keeps its side open must not keep ours.
  const timer = setTimeout(() => socket.destroy(), 2000).unref();
  socket.once('close', () => clearTimeout(timer));
  // node:http takes no more bytes after an error; read them away, or the close becomes a reset.
  socket.resume();
}
