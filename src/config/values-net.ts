/** Readers of names and addresses. */
import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import type { Directive } from './directive.ts';
import { quote, Reason } from './reason.ts';

/** What `listen` gives: an address in its canonical form. */
export interface ListenValue {
  readonly host: string;
  readonly port: number;
  readonly family: 4 | 6;
}

/**
 * A host name as browsers send it: lower case, Punycode, no final dot. Addresses are names too (`http://[::1]/`).
 */
export function readHost(text: string): string {
  if (/^\[[\da-f:.]+\]$/i.test(text) && ipaddr.IPv6.isValid(text.slice(1, -1))) return text.toLowerCase();
  if (/:\d*$/.test(text)) throw new Reason(`${quote(text)}: a name is written without a port`);
  if (text.includes('*')) throw new Reason(`${quote(text)}: * is allowed in ServerAlias, as the first label`);
  const plain = text.endsWith('.') ? text.slice(0, -1) : text;
  // Underscores are not in RFC 1123, but names with them exist and resolve.
  const isAscii = /^[\w-]+(\.[\w-]+)*$/.test(plain);
  const name = isAscii ? plain.toLowerCase() : domainToASCII(plain);
  if (!/^[a-z\d_-]+(\.[a-z\d_-]+)*$/.test(name) || name.length > 253) {
    throw new Reason(`${quote(text)} is not a host name`);
  }
  return name;
}

/** A host name, or `*.` and one. */
export function readHostPattern(text: string): string {
  return text.startsWith('*.') ? `*.${readHost(text.slice(2))}` : readHost(text);
}

/** `127.0.0.1:8080`, `[::]:80`. */
export function readListen(text: string, row: Directive): ListenValue {
  const [address = '', ...words] = text.split(/\s+/);
  for (const word of words) {
    const known = row.laterWords?.includes(word.toLowerCase()) === true;
    throw new Reason(known ? `${word.toLowerCase()} is not supported yet` : `unknown word ${quote(word)}`);
  }
  const [, six, four, digits = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(address) ?? [];
  const host = six ?? four ?? '';
  const valid = six === undefined ? ipaddr.IPv4.isValidFourPartDecimal(host) : ipaddr.IPv6.isValid(host);
  if (!valid) {
    throw new Reason(`${quote(address)} is not an IP address and a port, such as 127.0.0.1:8080 or [::]:80`);
  }
  const port = Number(digits);
  if (port > 65_535) throw new Reason(`port ${digits} is more than 65535`);
  const canonical = six === undefined ? host : ipaddr.IPv6.parse(host).toString();
  return { host: canonical, port, family: six === undefined ? 4 : 6 };
}

/** The address as it is written in `Listen[]`. */
export function showListen(value: ListenValue): string {
  return `${value.family === 6 ? `[${value.host}]` : value.host}:${value.port}`;
}
