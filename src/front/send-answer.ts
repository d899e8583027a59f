import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { reasonPhrase } from './error-page.ts';
import type { Answer } from './handler.ts';
import { responseFields } from './response-fields.ts';
import type { SendTimeout } from './send-timeout.ts';

/** Bodies up to here are cheaper copied than sent as a piece of their own. */
const SMALL = 4096;

/** Where the bytes sent are counted. */
export interface Sending {
  readonly response: ServerResponse;
  readonly timeout: SendTimeout;
  sent: number;
  /** The head's fields, for the log. */
  fields: readonly string[];
}

/**
 * Writes head and body. HEAD, 204 and 304 get the head that the body would have had.
 * @throws TypeError when a field or the reason phrase has bytes that may not be sent; nothing was sent then
 */
export function sendAnswer(sending: Sending, answer: Answer): void {
  const { response } = sending;
  const { body, status } = answer;
  const { fields, length } = responseFields(answer.headers);
  sending.fields = fields;
  const bodiless = response.req.method === 'HEAD' || status === 204 || status === 304;
  if (body === null || body instanceof Uint8Array) {
    if (!bodiless) fields.push('Content-Length', String(body === null ? 0 : body.length));
    else if (length !== null && status !== 204) fields.push('Content-Length', String(length));
    writeHead(response, answer, fields);
    if (bodiless || body === null || body.length === 0) {
      response.end();
      return;
    }
    sending.sent = body.length;
    // One string with the head: one write of one piece.
    if (body.length <= SMALL) response.end(body.toString('latin1'), 'latin1');
    else response.end(body);
    if (response.writableLength > 0) sending.timeout.arm();
    return;
  }
  if (length !== null && status !== 204) fields.push('Content-Length', String(length));
  // Only the end of the connection can tell an HTTP/1.0 client where such a body ends.
  else if (response.req.httpVersion === '1.0') response.shouldKeepAlive = false;
  try {
    writeHead(response, answer, fields);
  } catch (error) {
    body.on('error', () => {}).destroy();
    throw error;
  }
  if (bodiless) {
    body.on('error', () => {}).destroy();
    response.end();
    return;
  }
  sendStream(sending, body, length);
}

function writeHead(response: ServerResponse, { status, reason }: Answer, fields: string[]): void {
  // Always named: node:http remembers the phrase of a head that it refused.
  response.writeHead(status, reason ?? reasonPhrase(status), fields);
}

/**
 * Passes a stream on, as fast as the client takes it. By hand: `stream/promises` pipeline costs a factor of five on
 * small bodies.
 * @param length announced in the head; a body of another length cuts the connection, for the client would take what
 *   follows for the next answer, or the next answer for the rest
 */
function sendStream(sending: Sending, body: Readable, length: number | null): void {
  const { response, timeout } = sending;
  let ended = false;
  const cut = (): void => {
    if (ended) return;
    ended = true;
    body.destroy();
    response.destroy();
  };
  body.on('data', (chunk: Buffer) => {
    if (ended) return;
    sending.sent += chunk.length;
    if (length !== null && sending.sent > length) {
      cut();
      return;
    }
    if (response.write(chunk)) return;
    body.pause();
    timeout.arm();
  });
  response.on('drain', () => {
    timeout.clear();
    body.resume();
  });
  body.on('end', () => {
    if (length !== null && sending.sent !== length) {
      cut();
      return;
    }
    ended = true;
    response.end();
    if (response.writableLength > 0) timeout.arm();
  });
  body.on('error', cut);
  body.on('close', cut);
}
