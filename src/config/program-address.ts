/** Addresses of FastCGI programs that somebody else runs: `unix:/path`, `fcgi://host:port`, `tcp://host:port`. */
import { resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { quote, Reason } from './reason.ts';
import { readHost } from './values-net.ts';

export type ProgramAddress =
  | { readonly kind: 'unix'; readonly path: string }
  /** An IPv6 address stands without brackets. A name is looked up by the front, at each connection. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** As it is written before `://`: `fcgi` in `Engine`, `tcp` in `Address[]`. */
export type Scheme = 'fcgi' | 'tcp';

// sun_path of unix(7) holds 108 bytes with its NUL.
const SOCKET_PATH_MAX = 107;

function readUnix(path: string, folder: string): ProgramAddress {
  if (path === '') throw new Reason('unix: is followed by the path of a socket');
  const absolute = resolve(folder, path);
  if (Buffer.byteLength(absolute) > SOCKET_PATH_MAX)
    throw new Reason(`${quote(absolute)}: the path of a socket has at most ${SOCKET_PATH_MAX} bytes`);
  return { kind: 'unix', path: absolute };
}

function readTcp(text: string, rest: string): ProgramAddress {
  const [, six, name = '', digits = ''] = /^(?:\[([^\]]*)\]|([^:[\]/]+)):(\d{1,5})\/?$/.exec(rest) ?? [];
  const port = Number(digits);
  if (digits === '')
    throw new Reason(`${quote(text)} is not a host and a port, such as 127.0.0.1:9000 or [::1]:9000`);
  if (port === 0 || port > 65_535) throw new Reason(`${quote(text)}: a port is a number from 1 to 65535`);
  if (six === undefined) return { kind: 'tcp', host: readHost(name), port };
  if (!ipaddr.IPv6.isValid(six)) throw new Reason(`${quote(six)} is not an IPv6 address`);
  return { kind: 'tcp', host: ipaddr.IPv6.parse(six).toString(), port };
}

/**
 * @param folder where a relative path begins
 * @returns null when the text is of neither form
 * @throws Reason when it is, and is wrong
 */
export function readProgramAddress(text: string, scheme: Scheme, folder: string): ProgramAddress | null {
  if (/^unix:/i.test(text)) return readUnix(text.slice('unix:'.length), folder);
  const prefix = `${scheme}://`;
  return text.toLowerCase().startsWith(prefix) ? readTcp(text, text.slice(prefix.length)) : null;
}

/** The address as it is written in a configuration. */
export function showProgramAddress(address: ProgramAddress, scheme: Scheme): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${scheme}://${host}:${address.port}`;
}
