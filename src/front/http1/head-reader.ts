/**
 * Reads a request's head (RFC 9112, sections 2 to 5): bytes in, a RequestHead out. As strict as the grammar: no line
 * folding, no bare CR or LF, no blank before the colon. The same bytes give the same result however they are cut:
 * every check looks at bytes from left to right, and a limit counts before what stands behind it.
 */
import { Buffer } from 'node:buffer';
import { HttpError } from '../errors.ts';
import { FramingFields } from './framing-fields.ts';
import { BLANK, COLON, CR, FIELD_VALUE, HTAB, LF, TARGET, TOKEN } from './octets.ts';
import { ownName } from './own-text.ts';
import { RequestHead } from './request-head.ts';

export interface HeadLimits {
  readonly limitRequestLine: number;
  readonly limitRequestFields: number;
  readonly limitRequestFieldSize: number;
}

/** Room for ordinary fields beside two long ones: what one connection may make us hold. */
const ORDINARY_FIELDS = 16 * 1024;
/** A head is seldom longer; of a body that came with it no more than this is copied. */
const WINDOW = 4096;
/** Some old clients send an empty line after a form (RFC 9112, section 2.2). */
const MAX_EMPTY_LINES = 4;
const NOTHING = Buffer.alloc(0);

export class HeadReader {
  readonly #limits: HeadLimits;
  readonly #maxSize: number;
  #text = '';
  /** The same as the text, from `#base` on: bytes are looked at faster than characters. */
  #bytes: Buffer = NOTHING;
  #base = 0;
  /** Where the head begins, behind empty lines, and the line that is read next. */
  #start = 0;
  #at = 0;
  #emptyLines = 0;
  #fields: FramingFields | null = null;
  /** What is known of the request that is being read, or was read last. */
  head = new RequestHead();

  constructor(limits: HeadLimits) {
    this.#limits = limits;
    this.#maxSize = limits.limitRequestLine + 2 * limits.limitRequestFieldSize + ORDINARY_FIELDS;
  }

  /** True when a part of a head has been read. */
  get begun(): boolean {
    return this.#text !== '';
  }

  /**
   * Takes bytes from `from` on.
   * @returns where the head ends in `bytes`, and `head` is complete; -1: all are taken, and the head goes on
   * @throws HttpError 400, 414, 431, 501, 505; the connection cannot be read any further
   */
  read(bytes: Buffer, from: number): number {
    if (this.#text === '') this.#begin();
    for (let at = from; at < bytes.length; at += WINDOW) {
      const before = this.#text.length;
      const piece = bytes.toString('latin1', at, at + WINDOW);
      this.#text = before === 0 ? piece : this.#text + piece;
      this.#bytes = before === 0 ? bytes : Buffer.from(this.#text, 'latin1');
      this.#base = before === 0 ? at : 0;
      const end = this.#parse();
      if (end === -1) continue;
      this.#text = '';
      this.#bytes = NOTHING;
      this.#emptyLines = 0;
      return at + end - before;
    }
    this.#bytes = NOTHING;
    // Empty lines alone are not the beginning of a request: the connection is still idle.
    if (this.#fields === null && this.#at === this.#text.length) this.#text = '';
    return -1;
  }

  #begin(): void {
    this.head = new RequestHead();
    this.#start = 0;
    this.#at = 0;
    this.#fields = null;
  }

  /** @returns where the head ends in the text; -1: not yet */
  #parse(): number {
    if (this.#fields === null && !(this.#skipEmptyLines() && this.#requestLine())) return -1;
    const text = this.#text;
    while (this.#at < text.length) {
      if (text.charCodeAt(this.#at) === CR) {
        if (!this.#lineEnds(this.#at)) return -1;
        this.#fields?.settle(this.head);
        return this.#at + 2;
      }
      if (!this.#field()) return -1;
    }
    return -1;
  }

  /** @returns false: more may come */
  #skipEmptyLines(): boolean {
    const text = this.#text;
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (code !== CR && code !== LF) {
        this.#start = this.#at;
        return true;
      }
      if (!this.#lineEnds(this.#at)) return false;
      this.#at += 2;
      this.#emptyLines += 1;
      if (this.#emptyLines > MAX_EMPTY_LINES) throw new HttpError(400, 'empty lines instead of a request');
    }
    return false;
  }

  /** @returns false: the line is not complete */
  #requestLine(): boolean {
    const text = this.#text;
    const start = this.#at;
    const methodEnd = this.#span(start, TOKEN);
    if (this.#incompleteLine(methodEnd)) return false;
    if (methodEnd === start || text.charCodeAt(methodEnd) !== BLANK) throw new HttpError(400, 'a bad method');
    const targetEnd = this.#span(methodEnd + 1, TARGET);
    if (this.#incompleteLine(targetEnd)) return false;
    if (targetEnd === methodEnd + 1) throw new HttpError(400, 'no target');
    if (text.charCodeAt(targetEnd) !== BLANK) {
      if (this.#isLineEnd(targetEnd)) {
        if (!this.#lineEnds(targetEnd)) return false;
        throw new HttpError(505, 'HTTP/0.9');
      }
      throw new HttpError(400, 'a byte in the target that may not be there');
    }
    const versionEnd = this.#span(targetEnd + 1, TARGET);
    if (this.#incompleteLine(versionEnd) || !this.#lineEnds(versionEnd)) return false;
    const { head } = this;
    head.method = text.slice(start, methodEnd);
    head.target = text.slice(methodEnd + 1, targetEnd);
    head.httpVersion = versionOf(text.slice(targetEnd + 1, versionEnd));
    this.#fields = new FramingFields();
    this.#at = versionEnd + 2;
    return true;
  }

  #incompleteLine(end: number): boolean {
    if (end - this.#start > this.#limits.limitRequestLine) throw new HttpError(414, 'a long request line');
    return end === this.#text.length;
  }

  /** @returns false: the line is not complete */
  #field(): boolean {
    const text = this.#text;
    const start = this.#at;
    const nameEnd = this.#span(start, TOKEN);
    if (this.#incompleteField(nameEnd)) return false;
    if (nameEnd === start || text.charCodeAt(nameEnd) !== COLON)
      throw new HttpError(400, 'a header line without a name and its colon');
    const stop = this.#span(nameEnd + 1, FIELD_VALUE);
    if (this.#incompleteField(stop) || !this.#lineEnds(stop)) return false;
    const { rawHeaders } = this.head;
    if (rawHeaders.length >= 2 * this.#limits.limitRequestFields)
      throw new HttpError(431, 'too many header fields');
    let from = nameEnd + 1;
    let to = stop;
    while (from < to && isBlank(text.charCodeAt(from))) from += 1;
    while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
    const name = ownName(text.slice(start, nameEnd));
    const value = text.slice(from, to);
    rawHeaders.push(name, value);
    this.#fields?.note(name, value);
    this.#at = stop + 2;
    return true;
  }

  #incompleteField(end: number): boolean {
    if (end - this.#at > this.#limits.limitRequestFieldSize)
      throw new HttpError(431, 'a header field is too long');
    if (end - this.#start > this.#maxSize) throw new HttpError(431, 'the header is too long');
    return end === this.#text.length;
  }

  /** How far the text from `from` on is in `table`. */
  #span(from: number, table: Uint8Array): number {
    const bytes = this.#bytes;
    const end = this.#base + this.#text.length;
    let index = this.#base + from;
    while (index < end && table[bytes[index] ?? 0] === 1) index += 1;
    return index - this.#base;
  }

  #isLineEnd(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    return code === CR || code === LF;
  }

  /** @returns true for CR LF, false for a CR behind which nothing has come yet */
  #lineEnds(at: number): boolean {
    if (this.#text.charCodeAt(at) !== CR) throw new HttpError(400, 'a byte that may not be in a header');
    if (at + 1 === this.#text.length) return false;
    if (this.#text.charCodeAt(at + 1) === LF) return true;
    throw new HttpError(400, 'a CR without LF');
  }
}

function isBlank(code: number): boolean {
  return code === BLANK || code === HTAB;
}

/** @throws HttpError 400, or 505: also for the preface of HTTP/2 */
function versionOf(text: string): string {
  if (text === 'HTTP/1.1') return '1.1';
  if (text === 'HTTP/1.0') return '1.0';
  if (/^HTTP\/[0-9]\.[0-9]$/.test(text)) throw new HttpError(505, text);
  throw new HttpError(400, 'a bad HTTP version');
}
