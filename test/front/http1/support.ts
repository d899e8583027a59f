/** Pure readers, fed with bytes cut in any way. */
import type { BodyDecoder } from '../../../src/front/http1/body-decoder.ts';
import { HttpError } from '../../../src/front/errors.ts';
import { type HeadLimits, HeadReader } from '../../../src/front/http1/head-reader.ts';
import type { RequestHead } from '../../../src/front/http1/request-head.ts';

export const LIMITS: HeadLimits = {
  limitRequestLine: 8190,
  limitRequestFields: 100,
  limitRequestFieldSize: 8190,
};

/** What became of some bytes: a head and where it ended, an error's status, or neither yet. */
export type HeadResult = { head: RequestHead; end: number } | { status: number } | 'incomplete';

/** Pieces of at most `size` bytes, or cut at the places given. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...places, bytes.length];
  return edges.slice(1).map((edge, index) => Buffer.from(bytes.subarray(edges[index] ?? 0, edge)));
}

export function readHead(pieces: readonly Buffer[], limits: HeadLimits = LIMITS): HeadResult {
  const reader = new HeadReader(limits);
  let before = 0;
  for (const piece of pieces) {
    let end;
    try {
      end = reader.read(piece, 0);
    } catch (error) {
      if (error instanceof HttpError) return { status: error.status };
      throw error;
    }
    if (end !== -1) return { head: reader.head, end: before + end };
    before += piece.length;
  }
  return 'incomplete';
}

/** What became of a body: its bytes and where it ended, an error's status, or its bytes so far. */
export type BodyResult = { body: string; end: number } | { status: number } | { soFar: string };

export function readBody(decoder: BodyDecoder, pieces: readonly Buffer[]): BodyResult {
  let body = '';
  let before = 0;
  for (const piece of pieces) {
    let end;
    try {
      end = decoder.push(piece, 0, (data) => (body += data.toString('latin1')));
    } catch (error) {
      if (error instanceof HttpError) return { status: error.status };
      throw error;
    }
    if (decoder.complete) return { body, end: before + end };
    before += piece.length;
  }
  return { soFar: body };
}
