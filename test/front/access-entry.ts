/** An entry of the access log for tests. */
import type { AccessDetails, AccessEntry } from '../../src/front/access-entry.ts';

const request = { method: 'GET', path: '/a b', query: 'c=%20d' };

export const details: AccessDetails = {
  canonicalName: 'shop.test',
  host: 'www.shop.test',
  remotePort: 40_000,
  localAddress: '192.0.2.2',
  localPort: 8080,
  asked: request,
  answered: { ...request, path: '/final', query: '' },
  file: '/srv/shop/final',
  handler: 'cgi',
  fields: [
    'Server',
    'itkd',
    'Content-Type',
    'text/plain; charset=x',
    'Set-Cookie',
    'a=1',
    'set-cookie',
    'b=2',
  ],
  before: 2,
  received: 120,
  sent: 345,
  ending: 'kept',
};

export const entry: AccessEntry = {
  site: null,
  remoteAddress: '192.0.2.1',
  method: 'GET',
  target: '/a?b',
  httpVersion: '1.1',
  rawHeaders: ['Host', 'shop.test', 'referer', 'http://x/', 'User-Agent', 'curl'],
  status: 200,
  bytes: 12,
  started: Date.UTC(2026, 0, 31, 12, 0, 0),
  duration: 1.5,
  usage: null,
  details,
};

/** Quotes, a forged line, control bytes, a terminal's escape, and bytes above ASCII. */
export const hostile = 'a" 200 1 "-"\n192.0.2.9 - -\r\t\x1b[31m\\\x7f\xe9';
