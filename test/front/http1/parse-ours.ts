/** All requests of some bytes, as src/front reads them. */
import { type BodyDecoder, LengthDecoder } from '../../../src/front/http1/body-decoder.ts';
import { ChunkedDecoder } from '../../../src/front/http1/chunked-decoder.ts';
import { HttpError } from '../../../src/front/errors.ts';
import { HeadReader } from '../../../src/front/http1/head-reader.ts';
import type { RequestHead } from '../../../src/front/http1/request-head.ts';
import { parseHost } from '../../../src/front/host.ts';
import { parseTarget } from '../../../src/front/target.ts';
import { LIMITS } from './support.ts';

export interface ParsedRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface Parsed {
  /** Those that came to their end. */
  readonly requests: readonly ParsedRequest[];
  /** How it ended: a status, the connection's last request, or more bytes were expected. */
  readonly end: number | 'close' | 'more';
}

export function parseOurs(pieces: readonly Buffer[]): Parsed {
  const reader = new HeadReader(LIMITS);
  const requests: ParsedRequest[] = [];
  let head: RequestHead | null = null;
  let decoder: BodyDecoder | null = null;
  let body = '';
  const finish = (): boolean => {
    if (head === null || !(decoder?.complete ?? true)) return false;
    const { method, target, httpVersion, rawHeaders, keepAlive } = head;
    requests.push({ method, target, version: httpVersion, rawHeaders, body });
    head = null;
    decoder = null;
    body = '';
    return !keepAlive;
  };
  try {
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; ) {
        if (decoder !== null) {
          at = decoder.push(piece, at, (data) => (body += data.toString('latin1')));
        } else {
          const end = reader.read(piece, at);
          if (end === -1) break;
          at = end;
          head = reader.head;
          const { authority } = parseTarget(head.method, head.target);
          if (authority !== null) parseHost(authority);
          if (head.chunked) decoder = new ChunkedDecoder();
          else if (head.hasBody) decoder = new LengthDecoder(head.contentLength ?? 0);
        }
        if (finish()) return { requests, end: 'close' };
      }
    }
  } catch (error) {
    if (error instanceof HttpError) return { requests, end: error.status };
    throw error;
  }
  return { requests, end: 'more' };
}
