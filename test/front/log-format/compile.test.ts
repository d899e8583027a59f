import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { letters, ownNames } from '../../../src/config/log-format/table.ts';
import { namedFormats } from '../../../src/config/log-format/log-format.ts';
import type { AccessEntry } from '../../../src/front/access-entry.ts';
import { combinedLine } from '../../../src/front/log-format/combined.ts';
import { compileFields, compileLogFormat } from '../../../src/front/log-format/compile.ts';
import { fieldMakers } from '../../../src/front/log-format/fields.ts';
import { details, entry, hostile } from '../access-entry.ts';
import { makeSite } from '../support.ts';

const test = suite('access log formats');

function line(format: string, changes: Partial<AccessEntry> = {}): string {
  return compileLogFormat(format)({ ...entry, ...changes }).slice(0, -1);
}

test('every field that the configuration takes has a writer', () => {
  assert.equal(Object.keys(fieldMakers).sort(), [...Object.keys(letters), ...ownNames].sort());
});

const usage = { cpu: 201_234, rss: 67_108_864, exit: 'SIGSEGV' };
for (const [format, expected, changes] of [
  ['%a %h %A %{c}a', '192.0.2.1 192.0.2.1 192.0.2.2 192.0.2.1'],
  ['%p %{canonical}p %{local}p %{remote}p', '8080 8080 8080 40000'],
  ['%b %B', '12 12'],
  ['%b %B', '- 0', { bytes: 0 }],
  ['%H %m %r', 'HTTP/1.1 GET GET /a?b HTTP/1.1'],
  ['%U%q %<U%<q %>U%>q', '/a b /a b?c=%20d /final'],
  ['%s %>s', '200 200'],
  ['%f %R %k %l %u', '/srv/shop/final cgi 2 - -'],
  [
    '%f %R %U %q',
    '- - - -',
    { details: { ...details, file: null, handler: null, asked: null, answered: null } },
  ],
  ['%v %V', 'shop.test www.shop.test'],
  ['%V', 'shop.test', { details: { ...details, host: null } }],
  ['%I %O %S', '120 345 465'],
  ['%T %{s}T %{ms}T %{us}T %D', '12 12 12345 12345678 12345678', { duration: 12_345.678 }],
  ['%X', 'X', { details: { ...details, ending: 'aborted' } }],
  ['%X', '-', { details: { ...details, ending: 'closed' } }],
  ['%{user-agent}i %{Missing}i', 'curl -'],
  ['%{X}i', 'a, b', { rawHeaders: ['x', 'a', 'Host', 'h', 'X', 'b'] }],
  ['"%{X}i"', '""', { rawHeaders: ['X', ''] }],
  ['%{set-cookie}o %{Content-Type}o %{X}o', 'a=1, b=2 text/plain -'],
  ['%{b}C %{B}C %{c}C %{d}C', '2 2 x=y -', { rawHeaders: ['Cookie', 'a=1; b=2', 'Cookie', 'c=x=y'] }],
  ['%400,200{X}i%!200{User-Agent}i%!404{User-Agent}i', '--curl'],
  ['%{cpu} %{rss} %{exit}', '- - -'],
  ['%{cpu} %{rss} %{exit}', '201234 67108864 SIGSEGV', { usage }],
  ['%{cpu}us', '-us', { usage: { cpu: null, rss: null, exit: '0' } }],
  ['%{site} %{uid}', '- -'],
  ['%{site} %{uid}', 'shop 1001', { site: makeSite({ uid: 1001 }) }],
  ['%t', '[31/Jan/2026:12:00:00 +0000]'],
  ['%{end}t %{begin}t', '[31/Jan/2026:12:00:02 +0000] [31/Jan/2026:12:00:00 +0000]', { duration: 2000 }],
  [
    '%{end:sec}t %{sec}t %{msec}t %{usec}t',
    '1769860802 1769860800 1769860800000 1769860800000000',
    { duration: 2000 },
  ],
  ['%{end:msec_frac}t %{end:usec_frac}t %{msec_frac}t', '001 001500 000'],
  ['a\\tb%%', 'a\tb%'],
] as [string, string, Partial<AccessEntry>?][]) {
  test(`${format}: ${expected}`, () => assert.is(line(format, changes), expected));
}

test('combined, written by hand, is what the format string gives', () => {
  const write = compileFields(namedFormats['combined'] ?? '');
  const headers = [['Referer', '', 'User-Agent', hostile], [], ['user-agent', 'x']];
  for (const rawHeaders of headers) {
    for (const bytes of [0, 5]) {
      const changed = { ...entry, rawHeaders, bytes, target: `/${hostile}` };
      assert.is(combinedLine(changed), write(changed));
    }
  }
});

test('nothing that a client or a program sends can end or forge a line, whatever the format', () => {
  const request = { method: hostile, path: hostile, query: hostile };
  const changed: AccessEntry = {
    ...entry,
    method: hostile,
    target: hostile,
    httpVersion: hostile,
    rawHeaders: ['X', hostile, 'Cookie', `x=${hostile}`],
    usage: { ...usage, exit: hostile },
    details: {
      ...details,
      host: hostile,
      asked: request,
      answered: request,
      file: hostile,
      fields: ['X', hostile],
    },
  };
  const clean = /^(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\bnrtv]|\\x[0-9a-f]{2})*$/;
  for (const name of Object.keys(fieldMakers)) {
    const format =
      { i: '%{X}i', o: '%{X}o', C: '%{x}C' }[name] ?? (ownNames.has(name) ? `%{${name}}` : `%${name}`);
    assert.match(line(format, changed), clean, name);
  }
});

test.run();
