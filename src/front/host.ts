import { HttpError } from './errors.ts';
import { ownText } from './http1/own-text.ts';

// A name or IPv4 address, or a bracketed IPv6 address, then a port (RFC 3986, section 3.2.2, without
// percent-encoding and sub-delims: no site can be named so, and Host ends in scripts' SERVER_NAME).
const HOST = /^(?:([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\.?|(\[[0-9A-Fa-f:.]+\]))(?::[0-9]{0,5})?$/;

const KNOWN_MAX = 256;
const known = new Map<string, string>();

/**
 * The name in a Host field: no port, no final dot, lower case.
 * @throws HttpError 400
 */
export function parseHost(value: string): string {
  // Nearly every request brings a value seen before.
  const seen = known.get(value);
  if (seen !== undefined) return seen;
  if (value.length > 300) throw new HttpError(400, 'a bad Host');
  const own = ownText(value);
  const match = HOST.exec(own);
  if (match === null) throw new HttpError(400, 'a bad Host');
  const host = (match[1] ?? match[2] ?? '').toLowerCase();
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(own, host);
  return host;
}
