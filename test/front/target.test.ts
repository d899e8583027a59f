import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HttpError } from '../../src/front/errors.ts';
import { encodePath, parseTarget } from '../../src/front/target.ts';

const test = suite('request target');

function refused(raw: string, method = 'GET'): number {
  try {
    parseTarget(method, raw);
  } catch (error) {
    return (error as HttpError).status;
  }
  return 0;
}

const paths: readonly (readonly [raw: string, path: string, query: string])[] = [
  ['/', '/', ''],
  ['/a/b', '/a/b', ''],
  ['/a/b/?x=%2F/../', '/a/b/', 'x=%2F/../'],
  ['/a%20b', '/a b', ''],
  ['/%C3%A9', '/\xc3\xa9', ''],
  ['//a///b//', '/a/b/', ''],
  ['/a/./b/.', '/a/b/', ''],
  ['/a/b/..', '/a/', ''],
  ['/a/../b', '/b', ''],
  ['/a/%2e%2E/b', '/b', ''],
  ['/a/..', '/', ''],
  ['/.well-known/x', '/.well-known/x', ''],
  ['/a..b/c.', '/a..b/c.', ''],
  ['/a%3Fb', '/a?b', ''],
  ['/a%252e%252e/b', '/a%2e%2e/b', ''],
  ['/a??', '/a', '?'],
  ['http://shop.test/a?b', '/a', 'b'],
  ['HTTP://shop.test', '/', ''],
  ['http://shop.test?q', '/', 'q'],
];

for (const [raw, path, query] of paths) {
  test(`${raw} is ${path}`, () => {
    const target = parseTarget('GET', raw);
    assert.is(target.path, path);
    assert.is(target.query, query);
  });
}

const refusals: readonly (readonly [raw: string, status: number])[] = [
  ['/..', 400],
  ['/%2e%2e/etc/passwd', 400],
  ['/a/../../b', 400],
  ['/a%', 400],
  ['/a%4', 400],
  ['/a%zz', 400],
  ['/a%+1', 400],
  ['/a%00b', 400],
  ['/a%0ab', 400],
  ['/a%7f', 400],
  ['/a\x01b', 400],
  ['/a?b\x7f', 400],
  ['/a#b', 400],
  ['/a%2Fb', 404],
  ['/a%2fb', 404],
  ['*', 400],
  ['a', 400],
  ['ftp://shop.test/', 400],
  ['http:///a', 400],
  ['http://evil@shop.test/', 400],
];

for (const [raw, status] of refusals) {
  test(`${JSON.stringify(raw)} is refused with ${status}`, () => {
    assert.is(refused(raw), status);
  });
}

test('an absolute target gives its authority and a target without it', () => {
  const { authority, target } = parseTarget('GET', 'http://Shop.test:80/a?b');
  assert.is(authority, 'Shop.test:80');
  assert.is(target, '/a?b');
});

test('* is a target of OPTIONS', () => {
  assert.is(parseTarget('OPTIONS', '*').path, '*');
});

test('an encoded path decodes to itself, and never begins with two slashes', () => {
  let every = '/';
  for (let code = 0x20; code <= 0xff; code += 1) {
    if (code !== 0x2f && code !== 0x7f) every += String.fromCharCode(code);
  }
  assert.is(parseTarget('GET', encodePath(every)).path, every);
  assert.is(encodePath(parseTarget('GET', '//evil.test/').path), '/evil.test/');
});

test.run();
