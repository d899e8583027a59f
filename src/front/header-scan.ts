import { HttpError } from './errors.ts';
import { parseHost } from './host.ts';

export interface HeaderLimits {
  readonly limitRequestFields: number;
  readonly limitRequestFieldSize: number;
}

/** What the front itself needs of a request's header fields. */
export interface HeaderScan {
  /** null: no Host field. */
  readonly host: string | null;
  /** null: no Content-Length. */
  readonly contentLength: number | null;
  readonly chunked: boolean;
}

/**
 * Looks once through the fields. Node's parser is strict, but what decides where one request ends and the next
 * begins is checked here again: a proxy before us may read an ambiguous message in the other way (RFC 9112,
 * section 11.2, request smuggling).
 * @param headers name, value, name, value, …
 * @throws HttpError 400, 431, or 501 for a transfer coding that we do not know
 */
export function scanHeaders(
  headers: readonly string[],
  httpVersion: string,
  limits: HeaderLimits,
): HeaderScan {
  if (headers.length > 2 * limits.limitRequestFields) throw new HttpError(431, 'too many header fields');
  let host: string | null = null;
  let length: string | null = null;
  let coding: string | null = null;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    if (name.length + value.length + 2 > limits.limitRequestFieldSize) {
      throw new HttpError(431, 'a header field is too long');
    }
    switch (name.length) {
      case 4:
        if (name.toLowerCase() !== 'host') break;
        if (host !== null) throw new HttpError(400, 'more than one Host');
        host = value;
        break;
      case 14:
        if (name.toLowerCase() !== 'content-length') break;
        if (length !== null) throw new HttpError(400, 'more than one Content-Length');
        length = value;
        break;
      case 17:
        if (name.toLowerCase() !== 'transfer-encoding') break;
        if (coding !== null) throw new HttpError(400, 'more than one Transfer-Encoding');
        coding = value;
        break;
      default:
    }
  }
  if (coding !== null) {
    if (length !== null) throw new HttpError(400, 'both Content-Length and Transfer-Encoding');
    if (httpVersion !== '1.1') throw new HttpError(400, 'Transfer-Encoding in HTTP/1.0');
    if (coding.toLowerCase() !== 'chunked') throw new HttpError(501, 'an unknown transfer coding');
  }
  if (length !== null && !/^[0-9]{1,15}$/.test(length)) throw new HttpError(400, 'a bad Content-Length');
  if (host === null && httpVersion === '1.1') throw new HttpError(400, 'no Host');
  return {
    host: host === null ? null : parseHost(host),
    contentLength: length === null ? null : Number(length),
    chunked: coding !== null,
  };
}
