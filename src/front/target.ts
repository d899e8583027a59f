/**
 * The request target, normalised once and decoded once (RFC 9112, section 3.2; RFC 3986, section 5.2.4). Whatever
 * comes later, routing, file names, PATH_INFO, works on the result, so no two parts can disagree about a path.
 */
import { HttpError } from './errors.ts';

export interface Target {
  /** Without scheme and authority. */
  readonly target: string;
  /** Decoded: a byte string without empty or dot segments; `*` for `OPTIONS *`. */
  readonly path: string;
  readonly query: string;
  /** Of an absolute-form target; null otherwise. Not yet checked. */
  readonly authority: string | null;
}

const SLASH = 0x2f;
const DOT = 0x2e;
const PERCENT = 0x25;
const QUESTION = 0x3f;
const HASH = 0x23;

/** @throws HttpError 400, or 404 for an encoded slash */
export function parseTarget(method: string, raw: string): Target {
  if (raw.charCodeAt(0) === SLASH) return parseOrigin(raw, null);
  if (raw === '*' && method === 'OPTIONS') return { target: '*', path: '*', query: '', authority: null };
  const scheme = /^https?:\/\//i.exec(raw);
  if (scheme === null) throw new HttpError(400, 'a target that is neither a path nor an absolute URL');
  let end = scheme[0].length;
  while (end < raw.length && raw[end] !== '/' && raw[end] !== '?' && raw[end] !== '#') end += 1;
  const authority = raw.slice(scheme[0].length, end);
  // RFC 9110, 4.2.4: user information in a target is a way to disguise the authority.
  if (authority === '' || authority.includes('@')) throw new HttpError(400, 'a bad authority in the target');
  const rest = raw.slice(end);
  return parseOrigin(rest.charCodeAt(0) === SLASH ? rest : `/${rest}`, authority);
}

function parseOrigin(target: string, authority: string | null): Target {
  let plain = true;
  let end = target.length;
  let previous = 0;
  for (let index = 0; index < target.length; index += 1) {
    const code = target.charCodeAt(index);
    if (code <= 0x20 || code === 0x7f || code === HASH) {
      throw new HttpError(400, 'a control byte, a blank or a fragment in the target');
    }
    if (end !== target.length) continue;
    if (code === QUESTION) end = index;
    else if (code === PERCENT || (previous === SLASH && (code === SLASH || code === DOT))) plain = false;
    previous = code;
  }
  const query = end < target.length ? target.slice(end + 1) : '';
  const path = end < target.length ? target.slice(0, end) : target;
  return { target, path: plain ? path : removeSegments(decode(path)), query, authority };
}

/** Undoes percent-encoding, once. */
function decode(path: string): string {
  let decoded = '';
  let from = 0;
  for (let at = path.indexOf('%'); at !== -1; at = path.indexOf('%', from)) {
    const byte = hexValue(path.charCodeAt(at + 1)) * 16 + hexValue(path.charCodeAt(at + 2));
    // Also catches digits that are missing: hexValue answers NaN.
    if (!(byte >= 0x20) || byte === 0x7f) throw new HttpError(400, 'a bad or forbidden percent-encoded byte');
    // As Apache's AllowEncodedSlashes Off: a slash that is data cannot be told from a separator later.
    if (byte === SLASH) throw new HttpError(404, 'an encoded slash in the path');
    decoded += path.slice(from, at) + String.fromCharCode(byte);
    from = at + 3;
  }
  return decoded + path.slice(from);
}

function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : Number.NaN;
}

/** Merges slashes and applies dot segments. */
function removeSegments(path: string): string {
  const kept: string[] = [];
  const parts = path.split('/');
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.pop() === undefined) throw new HttpError(400, 'a path above the root');
  }
  const last = parts.at(-1);
  const folder = kept.length > 0 && (last === '' || last === '.' || last === '..');
  return `/${kept.join('/')}${folder ? '/' : ''}`;
}

/** Percent-encodes a decoded path for a Location field: the reverse of what parseTarget did. */
export function encodePath(path: string): string {
  return path.replace(
    /[^A-Za-z0-9/._~!$&'()*+,=:@-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
