/**
 * The chunked transfer coding (RFC 9112, section 7.1), read as strictly as it is written there: sizes are plain
 * hexadecimal digits, lines end with CR LF. Trailer fields are checked and dropped: nobody asked for them.
 */
import { HttpError } from '../errors.ts';
import type { BodyDecoder } from './body-decoder.ts';
import { COLON, CR, FIELD_VALUE, LF, span, TOKEN } from './octets.ts';

/** Of one line; longer ones have no honest use. */
const MAX_LINE = 8190;
/** Extensions and trailers of a whole body: what costs work and carries nothing (CVE-2024-22019). */
const MAX_EXTENSIONS = 16 * 1024;
const MAX_TRAILERS = 16 * 1024;
/** Digits of a size; with more the number would not be exact. Leading zeros count. */
const MAX_DIGITS = 13;

const EXTENSION = /^(?:;[!#$%&'*+.^_`|~\w-]+(?:=(?:[!#$%&'*+.^_`|~\w-]+|"(?:[^"\\]|\\.)*"))?)*$/;

type State = 'size' | 'data' | 'data-end' | 'trailer' | 'complete';

export class ChunkedDecoder implements BodyDecoder {
  readonly left = null;
  #state: State = 'size';
  /** Bytes of the chunk that are still to come. */
  #chunk = 0;
  #line = '';
  #extensions = 0;
  #trailers = 0;

  get complete(): boolean {
    return this.#state === 'complete';
  }

  /**
   * The contents of all chunks are moved together: a body of tiny chunks is passed on in no more pieces than it was
   * read in.
   */
  push(bytes: Buffer, from: number, sink: (data: Buffer) => void): number {
    let at = from;
    let end = from;
    while (at < bytes.length && this.#state !== 'complete') {
      if (this.#state === 'data') {
        const to = Math.min(bytes.length, at + this.#chunk);
        if (end !== at) bytes.copyWithin(end, at, to);
        end += to - at;
        this.#chunk -= to - at;
        at = to;
        if (this.#chunk === 0) this.#state = 'data-end';
      } else {
        at = this.#readLine(bytes, at);
      }
    }
    if (end > from) sink(bytes.subarray(from, end));
    return at;
  }

  /** Reads as much of a line as there is. */
  #readLine(bytes: Buffer, from: number): number {
    const newline = bytes.indexOf(LF, from);
    const to = newline === -1 ? bytes.length : newline + 1;
    const max = this.#state === 'data-end' ? 2 : MAX_LINE + 2;
    const room = Math.max(0, max - this.#line.length);
    this.#line += bytes.toString('latin1', from, Math.min(to, from + room + 1));
    if (this.#line.length > max) throw this.#overlong();
    if (newline === -1) return to;
    const line = this.#line;
    this.#line = '';
    if (line.charCodeAt(line.length - 2) !== CR) throw new HttpError(400, 'a chunk with a bare LF');
    this.#take(line.slice(0, -2));
    return to;
  }

  #overlong(): HttpError {
    switch (this.#state) {
      case 'size':
        return new HttpError(413, 'long chunk extensions');
      case 'trailer':
        return new HttpError(431, 'long trailer fields');
      default:
        return new HttpError(400, 'a chunk that is longer than it says');
    }
  }

  #take(line: string): void {
    if (this.#state === 'size') this.#takeSize(line);
    else if (this.#state === 'trailer') this.#takeTrailer(line);
    else if (line === '') this.#state = 'size';
    else throw new HttpError(400, 'a chunk that is longer than it says');
  }

  #takeSize(line: string): void {
    const digits = /^[0-9A-Fa-f]+/.exec(line)?.[0] ?? '';
    if (digits === '' || digits.length > MAX_DIGITS) throw new HttpError(400, 'a bad chunk size');
    if (digits.length < line.length) {
      this.#extensions += line.length - digits.length;
      if (this.#extensions > MAX_EXTENSIONS) throw new HttpError(413, 'long chunk extensions');
      const extension = line.slice(digits.length);
      if (span(extension, 0, FIELD_VALUE) !== extension.length || !EXTENSION.test(extension))
        throw new HttpError(400, 'a bad chunk extension');
    }
    this.#chunk = Number.parseInt(digits, 16);
    this.#state = this.#chunk === 0 ? 'trailer' : 'data';
  }

  #takeTrailer(line: string): void {
    if (line === '') {
      this.#state = 'complete';
      return;
    }
    this.#trailers += line.length;
    if (this.#trailers > MAX_TRAILERS) throw new HttpError(431, 'long trailer fields');
    const nameEnd = span(line, 0, TOKEN);
    const fine = nameEnd > 0 && line.charCodeAt(nameEnd) === COLON;
    // Framing that comes when the frame is known (RFC 9110, section 6.5.1) is meant for a parser that believes it.
    const framing = /^(?:connection|content-length|transfer-encoding|host)$/i.test(line.slice(0, nameEnd));
    if (!fine || framing || span(line, nameEnd + 1, FIELD_VALUE) !== line.length)
      throw new HttpError(400, 'a bad trailer field');
  }
}
