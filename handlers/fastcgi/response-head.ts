/** The header block of a CGI response to a status and fields (RFC 3875, 6.2 and 6.3). Pure. */
import { COLON, CR, endOfName, fieldValue } from './field-octets.ts';

export interface ResponseHead {
  readonly status: number;
  /** Reason phrase of the Status field; empty when there is none. */
  readonly reason: string;
  /** Name, value, …; hop-by-hop fields and Status are gone. Byte strings. */
  readonly headers: string[];
  /** From Content-Length, which stays in `headers`; null: none. */
  readonly contentLength: number | null;
  /** The body comes in chunks, as an NPH script sends it to a client. */
  readonly chunked?: boolean;
  /** Set for a local redirect (RFC 3875, 6.2.2). */
  readonly localRedirect: string | null;
  /** The value of X-Sendfile or X-Accel-Redirect, which stay in `headers`; null: none. */
  readonly namedFile: { readonly by: 'path' | 'url'; readonly value: string } | null;
}

/** The block is not one that may be passed on; `message` says why. */
export class HeaderError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'HeaderError';
  }
}

/**
 * Fields about the connection, which a script knows nothing of (RFC 9110, 7.6.1). Keeping its
 * Transfer-Encoding would let it forge where the answer ends.
 */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Names that say something to us have these lengths: the others need no lower case. */
const TOLD_LENGTHS = new Set(
  [...HOP_BY_HOP, 'status', 'location', 'content-length'].map(({ length }) => length),
);
const STATUS = /^([2-5]\d\d)(?:[ \t]+(.*))?$/;

function shown(line: string): string {
  return JSON.stringify(line.slice(0, 80));
}

/**
 * @param block ends with an empty line; lines end with LF or CRLF
 * @throws HeaderError
 */
export function parseHead(block: string): ResponseHead {
  const headers: string[] = [];
  let status: number | null = null;
  let reason = '';
  let location: string | null = null;
  let contentLength: number | null = null;
  let named: string[] = [];
  let namedFile: ResponseHead['namedFile'] = null;

  for (let start = 0; start < block.length; ) {
    const newline = block.indexOf('\n', start);
    const stop = block.charCodeAt(newline - 1) === CR ? newline - 1 : newline;
    if (stop <= start) break;
    const colon = endOfName(block, start);
    const value = fieldValue(block, colon + 1, stop);
    // Continuation lines begin with a blank and end here too (RFC 3875, 6.3: not allowed).
    if (colon === start || block.charCodeAt(colon) !== COLON || value === null)
      throw new HeaderError(`malformed header from script: ${shown(block.slice(start, stop))}`);
    const name = block.slice(start, colon);
    const lower = TOLD_LENGTHS.has(name.length) ? name.toLowerCase() : '';
    const line = start;
    start = newline + 1;
    if (lower === 'status') {
      const match = STATUS.exec(value);
      if (match === null || status !== null)
        throw new HeaderError(`malformed Status from script: ${shown(block.slice(line, stop))}`);
      status = Number(match[1]);
      reason = match[2] ?? '';
    } else if (lower === 'connection') {
      named = named.concat(value.toLowerCase().split(/[ \t,]+/));
    } else if (!HOP_BY_HOP.has(lower)) {
      if (lower === 'location') {
        if (location !== null) throw new HeaderError('two Location fields from script');
        location = value;
      } else if (lower === 'content-length') {
        const length = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
        if (Number.isNaN(length) || (contentLength !== null && contentLength !== length))
          throw new HeaderError(`malformed Content-Length from script: ${shown(block.slice(line, stop))}`);
        if (contentLength !== null) continue;
        contentLength = length;
      } else if (lower === 'x-sendfile') namedFile = { by: 'path', value };
      else if (lower === 'x-accel-redirect') namedFile = { by: 'url', value };
      headers.push(name, value);
    }
  }

  const local = status === null && headers.length === 2 && location !== null && /^\/(?!\/)/.test(location);
  return {
    status: status ?? (location === null ? 200 : 302),
    reason,
    headers: named.length === 0 ? headers : without(headers, new Set(named)),
    contentLength,
    localRedirect: local ? location : null,
    namedFile,
  };
}

/** Each line of a block that `parseHead` takes is a field. */
const TRANSFER_ENCODING = /^transfer-encoding:[ \t]*(.*?)[ \t]*\r?$/gim;
const LENGTH = new Set(['content-length']);
const STATUS_LINE = /^HTTP\/\d+\.\d+ +([2-5]\d\d)(?: +([^\r\n]*))?\r?\n/;

/**
 * The head of an NPH script (RFC 3875, section 5): what it would have said to the client itself. How the body is
 * framed is the front's matter all the same.
 * @param block as of `parseHead`, after a status line
 * @throws HeaderError
 */
export function parseNphHead(block: string): ResponseHead {
  const match = STATUS_LINE.exec(block);
  if (match === null) throw new HeaderError(`no status line from NPH script: ${shown(block)}`);
  const fields = block.slice(match[0].length);
  const head = parseHead(fields);
  const codings = Array.from(fields.matchAll(TRANSFER_ENCODING), ([, coding = '']) => coding.toLowerCase());
  const chunked = codings.length > 0;
  if (chunked && (codings.length > 1 || codings[0] !== 'chunked'))
    throw new HeaderError(`a Transfer-Encoding other than chunked from NPH script: ${shown(codings.join())}`);
  return {
    ...head,
    status: Number(match[1]),
    reason: match[2]?.trim() ?? '',
    // The chunks count (RFC 9112, 6.3), and whether the client sees them is the front's matter.
    ...(chunked ? { chunked, contentLength: null, headers: without(head.headers, LENGTH) } : {}),
    localRedirect: null,
  };
}

/** Fields that the script's own Connection field names are hop-by-hop too. */
function without(headers: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (!names.has(name.toLowerCase())) kept.push(name, headers[at + 1] ?? '');
  }
  return kept;
}

/** The head for a body of `length` bytes: a Content-Length that says otherwise is corrected. */
export function withLength(head: ResponseHead, length: number): ResponseHead {
  if (head.contentLength === null || head.contentLength === length) return head;
  const headers = head.headers.map((text, at) =>
    at % 2 === 1 && head.headers[at - 1]?.toLowerCase() === 'content-length' ? String(length) : text,
  );
  return { ...head, headers, contentLength: length };
}
