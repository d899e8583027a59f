import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LengthDecoder } from '../../../src/front/http1/body-decoder.ts';
import { ChunkedDecoder } from '../../../src/front/http1/chunked-decoder.ts';
import { type BodyResult, cut, readBody } from './support.ts';

const test = suite('http1: bodies');

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const read = (text: string): BodyResult => readBody(new ChunkedDecoder(), [bytes(text)]);

const shapes: readonly (readonly [name: string, text: string, expected: string | number])[] = [
  ['chunks', '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n', 'abcde'],
  ['no chunk', '0\r\n\r\n', ''],
  [
    'hexadecimal sizes of either case',
    'a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n',
    '01234567890123456789',
  ],
  ['leading zeros', '0003\r\nabc\r\n000\r\n\r\n', 'abc'],
  ['line ends in the data', '4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n'],
  ['extensions', '3;a;b=c;d="e;\\"f"\r\nabc\r\n0;x\r\n\r\n', 'abc'],
  ['trailers', '1\r\na\r\n0\r\nX: y\r\nZ:\r\n\r\n', 'a'],
  ['an empty size', '\r\n', 400],
  ['a sign', '+1\r\na\r\n', 400],
  ['a prefix', '0x1\r\na\r\n', 400],
  ['a blank', '1 \r\na\r\n', 400],
  ['too many digits', '00000000000001\r\na\r\n', 400],
  ['a bare LF behind the size', '1\na\r\n', 400],
  ['a bare CR in the size', '1\r2\r\na\r\n', 400],
  ['a bare LF behind the data', '1\r\na\n0\r\n\r\n', 400],
  ['data longer than its size', '1\r\nab\r\n', 400],
  ['a control byte in an extension', '1;a\x01\r\n', 400],
  ['an extension without a name', '1;=a\r\n', 400],
  ['an unclosed quotation', '1;a="b\r\n', 400],
  ['a long extension', `1;${'a'.repeat(9000)}`, 413],
  ['a trailer without a name', '0\r\n: y\r\n\r\n', 400],
  ['a folded trailer', '0\r\nX: y\r\n z\r\n\r\n', 400],
  ['a NUL in a trailer', '0\r\nX: \0\r\n\r\n', 400],
  ['a length as a trailer', '0\r\nContent-Length: 3\r\n\r\n', 400],
  ['Connection as a trailer', '0\r\nX: y\r\nConnection: close\r\n\r\n', 400],
  ['a long trailer', `0\r\nX: ${'a'.repeat(9000)}`, 431],
];

for (const [name, text, expected] of shapes) {
  test(`${name}: ${typeof expected === 'number' ? expected : 'read'}, however it is cut`, () => {
    const rest = typeof expected === 'number' ? '' : 'GET /next';
    const whole = bytes(text + rest);
    const wanted = typeof expected === 'number' ? { status: expected } : { body: expected, end: text.length };
    assert.equal(readBody(new ChunkedDecoder(), [Buffer.from(whole)]), wanted);
    const step = Math.max(1, Math.floor(whole.length / 100));
    for (let at = 0; at <= whole.length; at += step) {
      assert.equal(readBody(new ChunkedDecoder(), cut(whole, [at])), wanted, `cut at ${at}`);
    }
    const each = Array.from({ length: whole.length }, (_, index) => index);
    assert.equal(readBody(new ChunkedDecoder(), cut(whole, each)), wanted, 'byte by byte');
  });
}

test('tiny chunks that come together are passed on together, and what follows is left alone', () => {
  const whole = bytes(`${'1\r\nx\r\n'.repeat(1000)}0\r\n\r\nrest`);
  const pieces: number[] = [];
  const end = new ChunkedDecoder().push(whole, 0, (data) => pieces.push(data.length));
  assert.equal(pieces, [1000]);
  assert.is(whole.toString('latin1', end), 'rest');
});

test('extensions are bounded over all chunks', () => {
  assert.equal(read(`${`1;${'a'.repeat(1000)}\r\nx\r\n`.repeat(16)}0\r\n\r\n`), {
    body: 'x'.repeat(16),
    end: 16 * 1007 + 5,
  });
  assert.equal(read(`${`1;${'a'.repeat(1000)}\r\nx\r\n`.repeat(17)}0\r\n\r\n`), { status: 413 });
});

test('a length takes so many bytes and no more', () => {
  const whole = bytes('abcdef');
  for (let at = 0; at <= whole.length; at += 1) {
    assert.equal(readBody(new LengthDecoder(4), cut(whole, [at])), { body: 'abcd', end: 4 });
  }
  const decoder = new LengthDecoder(9);
  assert.equal(readBody(decoder, [whole]), { soFar: 'abcdef' });
  assert.is(decoder.left, 3);
});

test.run();
