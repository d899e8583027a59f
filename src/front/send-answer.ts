import type { Answer } from './handler.ts';
import type { HttpConnection } from './http1/connection.ts';
import type { RequestHead } from './http1/request-head.ts';
import { responseFields } from './http1/response-fields.ts';
import { responseHead } from './http1/response-head.ts';
import { sendStream } from './send-stream.ts';

/** An answer on its way to the client. */
export interface Sending {
  readonly connection: HttpConnection;
  readonly head: RequestHead;
  /** Status of the head that was handed to the connection; 0: none was. */
  status: number;
  /** Bytes of the body that were handed to the connection. */
  sent: number;
  /** The head that was handed to the connection, for the log. */
  headText: string;
  /** Called when the client takes more again. */
  onDrain: (() => void) | null;
  /** Called when all of it was handed to the connection, and the client has taken most of it. */
  complete(): void;
}

/**
 * Sends head and body. HEAD, 204 and 304 get the head that the body would have had.
 * @throws TypeError when a field or the reason phrase has bytes that may not be sent; nothing was sent then
 */
export function sendAnswer(sending: Sending, answer: Answer): void {
  const { connection, head } = sending;
  const { body, status, reason } = answer;
  const { lines, length, dated } = responseFields(answer.headers);
  const bodiless = head.method === 'HEAD' || status === 204 || status === 304;
  const whole = body === null || body instanceof Uint8Array;
  let framing: number | 'chunked' | 'none';
  if (status === 204) framing = 'none';
  else if (whole && !bodiless) framing = body === null ? 0 : body.length;
  else if (length !== null) framing = length;
  else if (bodiless) framing = whole && body !== null && status !== 304 ? body.length : 'none';
  else if (head.httpVersion !== '1.0') framing = 'chunked';
  else {
    // Only the end of the connection can tell an HTTP/1.0 client where such a body ends.
    framing = 'none';
    connection.keepAlive = false;
  }
  const text = responseHead({ status, reason, lines, dated, framing, keep: connection.keepSeconds });
  sending.status = status;
  sending.headText = text;
  if (!whole && !bodiless) {
    sendStream(sending, text, body, framing);
    return;
  }
  if (!whole) body.on('error', () => {}).destroy();
  if (whole && body !== null && !bodiless) {
    sending.sent = body.length;
    connection.writePiece(text, body, '', true);
  } else {
    connection.write(text, true);
  }
  if (connection.blocked) sending.onDrain = () => sending.complete();
  else sending.complete();
}
