import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HeadReader } from '../../../src/front/http1/head-reader.ts';
import { cut, type HeadResult, LIMITS, readHead } from './support.ts';

const test = suite('http1: heads of requests');

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const read = (text: string): HeadResult => readHead([bytes(text)]);
const HOST = 'Host: a\r\n';

test('a request line and fields', () => {
  const text = `POST /a?b HTTP/1.1\r\n${HOST}Accept: \t x y \t\r\nEmpty:\r\ncontent-LENGTH:3\r\n\r\nabc`;
  const result = read(text);
  if (result === 'incomplete' || 'status' in result) throw new Error('it is a request');
  const { head, end } = result;
  assert.is(end, text.length - 3);
  assert.equal([head.method, head.target, head.httpVersion], ['POST', '/a?b', '1.1']);
  assert.equal(head.rawHeaders, ['Host', 'a', 'Accept', 'x y', 'Empty', '', 'content-LENGTH', '3']);
  assert.equal([head.host, head.contentLength, head.chunked, head.hasBody], ['a', 3, false, true]);
  assert.equal([head.keepAlive, head.expect], [true, 'nothing']);
});

test('bytes above ASCII stay bytes in values', () => {
  const result = read(`GET / HTTP/1.1\r\n${HOST}X: \xe9\xff\r\n\r\n`);
  assert.ok(typeof result === 'object' && 'head' in result && result.head.rawHeaders[3] === '\xe9\xff');
});

const keeping: readonly (readonly [string, string, boolean])[] = [
  ['1.1', '', true],
  ['1.1', 'Connection: close\r\n', false],
  ['1.1', 'Connection: Foo, CLOSE\r\n', false],
  ['1.1', 'Connection: keep-alive\r\nConnection: close\r\n', false],
  ['1.1', 'Connection: closed\r\n', true],
  ['1.0', '', false],
  ['1.0', 'Connection: Keep-Alive\r\n', true],
  ['1.0', 'Connection: keep-alive, close\r\n', false],
];
for (const [version, fields, expected] of keeping) {
  test(`HTTP/${version} with "${fields.trim()}": ${expected ? 'kept' : 'closed'}`, () => {
    const result = read(`GET / HTTP/${version}\r\n${HOST}${fields}\r\n`);
    assert.ok(typeof result === 'object' && 'head' in result && result.head.keepAlive === expected);
  });
}

for (const [version, value, expected] of [
  ['1.1', '100-continue', 'continue'],
  ['1.1', '100-Continue', 'continue'],
  ['1.1', 'miracles', 'unknown'],
  ['1.1', '100-continue, miracles', 'unknown'],
  ['1.0', '100-continue', 'nothing'],
] as const) {
  test(`Expect: ${value} in HTTP/${version}: ${expected}`, () => {
    const result = read(`POST / HTTP/${version}\r\n${HOST}Expect: ${value}\r\n\r\n`);
    assert.ok(typeof result === 'object' && 'head' in result);
    assert.is((result as { head: { expect: string } }).head.expect, expected);
  });
}

test('empty lines before a request: four are skipped, five are not', () => {
  const request = `GET / HTTP/1.1\r\n${HOST}\r\n`;
  assert.equal((read('\r\n'.repeat(4) + request) as { end: number }).end, 8 + request.length);
  assert.equal(read('\r\n'.repeat(5) + request), { status: 400 });
  assert.equal(read(`\n${request}`), { status: 400 });
});

test('empty lines alone do not begin a head, a single byte does', () => {
  const reader = new HeadReader(LIMITS);
  assert.is(reader.read(bytes('\r\n'), 0), -1);
  assert.not(reader.begun);
  assert.is(reader.read(bytes('G'), 0), -1);
  assert.ok(reader.begun);
});

test('the next head follows in the same bytes, after a body or at once', () => {
  const reader = new HeadReader(LIMITS);
  const first = `GET /1 HTTP/1.1\r\n${HOST}\r\n`;
  const all = bytes(`${first}xyz${first.replace('1', '2')}`);
  const end = reader.read(all, 0);
  assert.is(end, first.length);
  assert.is(reader.head.target, '/1');
  assert.is(reader.read(all, end + 3), all.length);
  assert.is(reader.head.target, '/2');
});

test('an error tells what was known of the request', () => {
  const reader = new HeadReader(LIMITS);
  assert.throws(() => reader.read(bytes('GET /known HTTP/1.1\r\nbad\r\n\r\n'), 0));
  assert.equal([reader.head.method, reader.head.target], ['GET', '/known']);
});

const LINE = 'GET / HTTP/1.1\r\n';
const limits: readonly (readonly [name: string, text: string, expected: number])[] = [
  ['a request line of 8190 bytes', `GET /${'a'.repeat(8176)} HTTP/1.1\r\n${HOST}\r\n`, 0],
  ['a request line of 8191 bytes', `GET /${'a'.repeat(8177)} HTTP/1.1\r\n${HOST}\r\n`, 414],
  ['an endless method', 'G'.repeat(9000), 414],
  ['a bad byte behind the end of a long line', `GET /${'a'.repeat(8200)}\0`, 414],
  ['a field of 8190 bytes', `${LINE}${HOST}X: ${'a'.repeat(8187)}\r\n\r\n`, 0],
  ['a field of 8191 bytes', `${LINE}${HOST}X: ${'a'.repeat(8188)}\r\n\r\n`, 431],
  ['an endless name', `${LINE}${'X'.repeat(9000)}`, 431],
  ['a field of blanks', `${LINE}${HOST}X:${' '.repeat(9000)}\r\n\r\n`, 431],
  ['100 fields', `${LINE}${HOST}${'X: a\r\n'.repeat(99)}\r\n`, 0],
  ['101 fields', `${LINE}${HOST}${'X: a\r\n'.repeat(100)}\r\n`, 431],
  ['six fields of 8 KB', `${LINE}${HOST}${`X: ${'a'.repeat(8000)}\r\n`.repeat(6)}\r\n`, 431],
];
for (const [name, text, expected] of limits) {
  test(`${name}: ${expected === 0 ? 'read' : expected}, in one piece and in many`, () => {
    const whole = bytes(text);
    const places = Array.from({ length: Math.floor(whole.length / 97) }, (_, index) => index * 97);
    for (const result of [readHead([whole]), readHead(cut(whole, places))]) {
      if (expected !== 0) assert.equal(result, { status: expected });
      else assert.ok(typeof result === 'object' && 'head' in result);
    }
  });
}

const shapes = [
  `GET / HTTP/1.1\r\n${HOST}Connection: close\r\nX-A-Rather-Long-Name: y\r\n\r\n`,
  `\r\n\r\nPOST /x HTTP/1.0\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\nbody`,
  `PUT /x HTTP/1.1\r\n${HOST}Transfer-Encoding: Chunked\r\n\r\n5\r\n`,
  'GET /\r\n\r\n',
  'GET /\n\n',
  'GET / HTTP/1.1\nHost: a\n\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  `GET / HTTP/1.1\r\n${HOST} folded\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost : a\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: a\r\n\rb`,
  `GET / HTTP/1.1\r\nHost: a\0\r\n\r\n`,
  `GET / HTTP/1.1\r\n: a\r\n\r\n`,
  `GET  / HTTP/1.1\r\n${HOST}\r\n`,
  `GET /a b HTTP/1.1\r\n${HOST}\r\n`,
  `GET / HTTP/1.1\r\nX: y\r\n\r\n`,
  `\r\n\r\n\r\n\r\n\r\nGET`,
  `\x16\x03\x01`,
];
test('any cut gives the same result', () => {
  for (const text of shapes) {
    const whole = bytes(text);
    const expected = readHead([whole]);
    for (let at = 0; at <= whole.length; at += 1) {
      assert.equal(readHead(cut(whole, [at])), expected, `${JSON.stringify(text)} cut at ${at}`);
    }
    const each = Array.from({ length: whole.length }, (_, index) => index);
    assert.equal(readHead(cut(whole, each)), expected, `${JSON.stringify(text)} byte by byte`);
  }
});

test.run();
