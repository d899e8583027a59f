/**
 * The fields that decide where a request ends and what becomes of the connection. A proxy before us may read an
 * ambiguous message in the other way (RFC 9112, section 11.2, request smuggling): whatever is ambiguous is refused.
 */
import { HttpError } from '../errors.ts';
import { parseHost } from '../host.ts';
import type { RequestHead } from './request-head.ts';

/** Fields of one request, as far as they have been seen. */
export class FramingFields {
  #host: string | null = null;
  #length: string | null = null;
  #coding: string | null = null;
  #connection = '';
  #expect: string | null = null;

  /**
   * Looks at one field; nearly all are none of ours, which their length and first letter tell.
   * @throws HttpError 400
   */
  note(name: string, value: string): void {
    const first = name.charCodeAt(0) | 0x20;
    switch (name.length) {
      case 4:
        if (first !== 0x68 || name.toLowerCase() !== 'host') break;
        if (this.#host !== null) throw new HttpError(400, 'more than one Host');
        this.#host = value;
        break;
      case 6:
        if (first !== 0x65 || name.toLowerCase() !== 'expect') break;
        this.#expect = this.#expect === null ? value : `${this.#expect}, ${value}`;
        break;
      case 10:
        if (first !== 0x63 || name.toLowerCase() !== 'connection') break;
        this.#connection = this.#connection === '' ? value : `${this.#connection},${value}`;
        break;
      case 14:
        if (first !== 0x63 || name.toLowerCase() !== 'content-length') break;
        if (this.#length !== null) throw new HttpError(400, 'more than one Content-Length');
        this.#length = value;
        break;
      case 17:
        if (first !== 0x74 || name.toLowerCase() !== 'transfer-encoding') break;
        if (this.#coding !== null) throw new HttpError(400, 'more than one Transfer-Encoding');
        this.#coding = value;
        break;
      default:
    }
  }

  /**
   * Called at the end of the head.
   * @throws HttpError 400, or 501 for a transfer coding that we do not know
   */
  settle(head: RequestHead): void {
    const { httpVersion } = head;
    const length = this.#length;
    const coding = this.#coding;
    if (coding !== null) {
      if (length !== null) throw new HttpError(400, 'both Content-Length and Transfer-Encoding');
      if (httpVersion !== '1.1') throw new HttpError(400, 'Transfer-Encoding in HTTP/1.0');
      if (coding.toLowerCase() !== 'chunked') throw codingError(coding);
      head.chunked = true;
    }
    if (length !== null) {
      if (!/^[0-9]{1,15}$/.test(length)) throw new HttpError(400, 'a bad Content-Length');
      head.contentLength = Number(length);
    }
    if (this.#host !== null) head.host = parseHost(this.#host);
    else if (httpVersion === '1.1') throw new HttpError(400, 'no Host');
    if (this.#connection !== '' || httpVersion === '1.0') head.keepAlive = this.#keeps(httpVersion);
    // What follows is not HTTP, whatever we answer (RFC 9110, section 9.3.6).
    if (head.method === 'CONNECT') head.keepAlive = false;
    // An HTTP/1.0 client cannot know of 100 Continue (RFC 9110, section 10.1.1).
    if (this.#expect !== null && httpVersion === '1.1') {
      head.expect = this.#expect.toLowerCase() === '100-continue' ? 'continue' : 'unknown';
    }
  }

  #keeps(httpVersion: string): boolean {
    // What nearly every client says.
    if (this.#connection === 'keep-alive') return true;
    if (this.#connection === 'close') return false;
    let keeps = httpVersion === '1.1';
    for (const option of this.#connection.toLowerCase().split(',')) {
      const name = option.trim();
      if (name === 'close') return false;
      if (name === 'keep-alive') keeps = true;
    }
    return keeps;
  }
}

/** `chunked` must be the last coding, and only once (RFC 9112, section 6.1); others are simply not known here. */
function codingError(value: string): HttpError {
  const codings = value.split(',').map((coding) => coding.trim().toLowerCase());
  const misplaced = codings.indexOf('chunked') !== -1 && codings.indexOf('chunked') < codings.length - 1;
  return misplaced
    ? new HttpError(400, 'a transfer coding after chunked')
    : new HttpError(501, 'an unknown transfer coding');
}
