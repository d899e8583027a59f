import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fixedFields, responseFields } from '../../../src/front/http1/response-fields.ts';
import { responseHead } from '../../../src/front/http1/response-head.ts';

const test = suite('http1: heads of answers');

const head = { status: 200, reason: undefined, lines: '', dated: false, framing: 'none', keep: 5 } as const;
const NOW = /\r\nDate: (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/;

test('status, fields, date and what becomes of the connection', () => {
  const text = responseHead({ ...head, lines: 'X: y\r\n', framing: 3 });
  assert.match(text, /^HTTP\/1\.1 200 OK\r\nServer: itkd\r\nX: y\r\nContent-Length: 3\r\nDate: /);
  assert.match(text, NOW);
  assert.match(text, /\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n$/);
  assert.match(responseHead({ ...head, keep: 0 }), /\r\nConnection: close\r\n\r\n$/);
  assert.match(responseHead({ ...head, framing: 'chunked' }), '\r\nTransfer-Encoding: chunked\r\n');
  assert.match(responseHead({ ...head, reason: '' }), /^HTTP\/1\.1 200 \r\n/);
  assert.match(responseHead({ ...head, status: 299 }), /^HTTP\/1\.1 299 Unknown\r\n/);
});

test("a handler's own Date stays the only one", () => {
  const { lines, dated } = responseFields(['DATE', 'x']);
  assert.equal([lines, dated], ['DATE: x\r\n', true]);
  assert.not.match(responseHead({ ...head, lines, dated }), NOW);
});

for (const [name, fields] of [
  ['a line break in a value', ['X', 'a\r\nY: b']],
  ['a bare LF in a value', ['X', 'a\nY: b']],
  ['a bare CR in a value', ['X', 'a\rY: b']],
  ['NUL in a value', ['X', 'a\0']],
  ['a character that is no byte', ['X', '\u010a']],
  ['a blank in a name', ['X Y', 'a']],
  ['a colon in a name', ['X:', 'a']],
  ['an empty name', ['', 'a']],
  ['a name that is no byte string', ['\u0130', 'a']],
] as const) {
  test(`${name} is refused`, () => assert.throws(() => responseFields(fields), TypeError));
}

test('a reason phrase cannot end its line', () => {
  assert.throws(() => responseHead({ ...head, reason: 'a\r\nX: y' }), TypeError);
});

test('names like those of JavaScript objects are plain fields', () => {
  assert.is(
    responseFields(['constructor', 'a', '__proto__', 'b']).lines,
    'constructor: a\r\n__proto__: b\r\n',
  );
});

test('fixed fields are made once', () => {
  const headers = fixedFields(['X', 'y', 'Content-Length', '3']);
  assert.is(responseFields(headers), responseFields(headers));
  assert.equal(responseFields(headers), { lines: 'X: y\r\n', length: 3, dated: false });
  assert.throws(() => fixedFields(['X', 'a\r\nY: b']), TypeError);
});

test('lengths: one is taken, contradictions and what is no number are not', () => {
  assert.is(responseFields(['Content-Length', '5', 'content-length', '5']).length, 5);
  assert.is(responseFields(['Content-Length', '5', 'content-length', '6']).length, null);
  assert.is(responseFields(['Content-Length', '5x']).length, null);
  assert.is(responseFields([]).length, null);
});

test.run();
