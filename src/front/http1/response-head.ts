/** The head of an answer as text, ready to be sent. */
import { isFieldValue } from './octets.ts';
import { reasonPhrase } from './reason-phrases.ts';

/** How the end of the body is told: by a length, in chunks, by the end of the connection, or there is none. */
export type ResponseFraming = number | 'chunked' | 'none';

export interface ResponseHead {
  readonly status: number;
  /** Default: the standard phrase. */
  readonly reason: string | undefined;
  /** `Name: value` lines, already checked (response-fields.ts). */
  readonly lines: string;
  readonly dated: boolean;
  readonly framing: ResponseFraming;
  /** Seconds that an idle connection is kept; 0: this answer is its last. */
  readonly keep: number;
}

const statusLines = new Map<number, string>();

/** @throws TypeError when the reason phrase has bytes that may not be sent */
function statusLine(status: number, reason: string | undefined): string {
  if (reason !== undefined) {
    if (!isFieldValue(reason)) throw new TypeError('a reason phrase with bytes that may not be sent');
    return `HTTP/1.1 ${status} ${reason}\r\nServer: itkd\r\n`;
  }
  let line = statusLines.get(status);
  if (line === undefined) {
    line = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\nServer: itkd\r\n`;
    statusLines.set(status, line);
  }
  return line;
}

let second = -1;
let dateLine = '';

/** Made anew once a second. */
function currentDate(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    dateLine = `Date: ${new Date(now * 1000).toUTCString()}\r\n`;
  }
  return dateLine;
}

/** @throws TypeError when the reason phrase has bytes that may not be sent */
export function responseHead(head: ResponseHead): string {
  const { framing, keep } = head;
  let text = statusLine(head.status, head.reason) + head.lines;
  if (typeof framing === 'number') text += `Content-Length: ${framing}\r\n`;
  else if (framing === 'chunked') text += 'Transfer-Encoding: chunked\r\n';
  if (!head.dated) text += currentDate();
  return keep === 0
    ? `${text}Connection: close\r\n\r\n`
    : `${text}Connection: keep-alive\r\nKeep-Alive: timeout=${keep}\r\n\r\n`;
}
