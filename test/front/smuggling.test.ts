/** Requests that two parsers could read in two ways: each is refused, and the connection closed. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harness, status, text } from './support.ts';

const test = suite('ambiguous and malformed requests');

const get = (fields: string): string => `GET / HTTP/1.1\r\n${fields}\r\n`;
const post = (fields: string, body: string): string =>
  `POST / HTTP/1.1\r\nHost: shop.test\r\n${fields}\r\n${body}`;
const host = 'Host: shop.test\r\n';

const chunked = 'Transfer-Encoding: chunked\r\n';

const shapes: readonly (readonly [name: string, bytes: string, status: number])[] = [
  ['Content-Length before Transfer-Encoding', post(`Content-Length: 5\r\n${chunked}`, '0\r\n\r\n'), 400],
  ['Transfer-Encoding before Content-Length', post(`${chunked}Content-Length: 5\r\n`, '0\r\n\r\n'), 400],
  ['Transfer-Encoding twice', post(chunked + chunked, '0\r\n\r\n'), 400],
  ['chunked, chunked', post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'), 400],
  ['an unknown coding', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), 501],
  ['identity', post('Transfer-Encoding: identity\r\n', ''), 501],
  ['gzip before chunked', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), 501],
  ['chunked in HTTP/1.0', `POST / HTTP/1.0\r\n${host}${chunked}\r\n0\r\n\r\n`, 400],
  ['equal lengths twice', post('Content-Length: 0\r\nContent-Length: 0\r\n', ''), 400],
  ['different lengths', post('Content-Length: 0\r\nContent-Length: 5\r\n', 'abcde'), 400],
  ['a list of lengths', post('Content-Length: 5, 5\r\n', 'abcde'), 400],
  ['a signed length', post('Content-Length: +5\r\n', 'abcde'), 400],
  ['a hexadecimal length', post('Content-Length: 0x5\r\n', 'abcde'), 400],
  ['an enormous length', post('Content-Length: 99999999999999999999\r\n', ''), 400],
  ['a folded field', get(`${host}X: a\r\n b\r\n`), 400],
  ['a blank before the first field', get(` ${host}${host}`), 400],
  ['bare LF line ends', 'GET / HTTP/1.1\nHost: shop.test\n\n', 400],
  ['a bare LF in the fields', get('Host: shop.test\nX: y\r\n'), 400],
  ['a bare CR in a value', get(`${host}X: a\rb\r\n`), 400],
  ['a blank before the colon', get('Host : shop.test\r\n'), 400],
  ['no colon', get(`${host}X\r\n`), 400],
  ['NUL in a name', get(`${host}X\0: y\r\n`), 400],
  ['NUL in a value', get(`${host}X: \0y\r\n`), 400],
  ['a control byte in a value', get(`${host}X: \x01y\r\n`), 400],
  ['chunked, identity', post('Transfer-Encoding: chunked, identity\r\n', ''), 400],
  ['chunked with a blank line of a coding', post('Transfer-Encoding: chunked,\r\n', '0\r\n\r\n'), 400],
  ['an empty length', post('Content-Length:\r\n', ''), 400],
  ['a length with a blank in it', post('Content-Length: 1 1\r\n', ''), 400],
  ['a length that is none in Arabic digits', post('Content-Length: \xd9\xa1\r\n', ''), 400],
  ['a signed chunk size', post(chunked, '+5\r\nabcde\r\n0\r\n\r\n'), 400],
  ['a negative chunk size', post(chunked, '-5\r\nabcde\r\n0\r\n\r\n'), 400],
  ['a chunk size with 0x', post(chunked, '0x5\r\nabcde\r\n0\r\n\r\n'), 400],
  ['a chunk size of 64 bits and more', post(chunked, '10000000000000005\r\nabcde\r\n0\r\n\r\n'), 400],
  ['a blank before a chunk size', post(chunked, ' 5\r\nabcde\r\n0\r\n\r\n'), 400],
  ['a blank behind a chunk size', post(chunked, '5 \r\nabcde\r\n0\r\n\r\n'), 400],
  ['an empty chunk size', post(chunked, '\r\nabcde\r\n0\r\n\r\n'), 400],
  ['a chunk shorter than it says', post(chunked, '7\r\nabcde\r\n0\r\n\r\n'), 400],
  ['a trailer that is no field', post(chunked, '0\r\nx y\r\n\r\n'), 400],
  ['an endless trailer', post(chunked, `0\r\n${'x: y\r\n'.repeat(5000)}\r\n`), 431],
  ['endless chunk extensions', post(chunked, `${`1;${'x'.repeat(900)}\r\na\r\n`.repeat(30)}0\r\n\r\n`), 413],
  ['a chunk that is no number', post(chunked, 'zz\r\n\r\n'), 400],
  ['a chunk longer than it says', post(chunked, '5\r\nabcdeXX0\r\n\r\n'), 400],
  ['chunks with bare LF', post(chunked, '5\nabcde\n0\n\n'), 400],
  ['a bare LF in a chunk extension', post(chunked, '5;\nx\r\nabcde\r\n0\r\n\r\n'), 400],
  ['no Host', get(''), 400],
  ['two Hosts', get(host + host), 400],
  ['a bad Host', get('Host: a/b\r\n'), 400],
  ['HTTP/0.9', 'GET /\r\n\r\n', 505],
  ['HTTP/2.0', `GET / HTTP/2.0\r\n${host}\r\n`, 505],
  ['a version that is none', `GET / HTTP/1.12\r\n${host}\r\n`, 400],
  ['a method that is no token', `G@T / HTTP/1.1\r\n${host}\r\n`, 400],
  ['no method', ` / HTTP/1.1\r\n${host}\r\n`, 400],
  ['two blanks in the request line', `GET  / HTTP/1.1\r\n${host}\r\n`, 400],
  ['a blank behind the version', `GET / HTTP/1.1 \r\n${host}\r\n`, 400],
  ['a version in small letters', `GET / http/1.1\r\n${host}\r\n`, 400],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['a tab in the request line', `GET\t/ HTTP/1.1\r\n${host}\r\n`, 400],
  ['a raw byte above ASCII in the target', `GET /\xe9 HTTP/1.1\r\n${host}\r\n`, 400],
  ['CONNECT', 'CONNECT shop.test:80 HTTP/1.1\r\nHost: shop.test:80\r\n\r\n', 405],
  ['a long request line', `GET /${'a'.repeat(8200)} HTTP/1.1\r\n${host}\r\n`, 414],
  ['an endless request line', `GET /${'a'.repeat(60_000)}`, 414],
  ['a long field', get(`${host}X: ${'a'.repeat(8200)}\r\n`), 431],
  ['an endless field', get(`${host}X: ${'a'.repeat(100_000)}\r\n`), 431],
  ['too many fields', get(host + 'X: a\r\n'.repeat(101)), 431],
];

for (const [name, bytes, expected] of shapes) {
  test(`${name}: ${expected}`, async () => {
    // The handler waits for the body, as one that needs it does; a second request must never be seen.
    const seen: string[] = [];
    const front = await harness({
      handle: async ({ request }) => {
        seen.push(request.path);
        if (request.body !== null) for await (const _ of request.body);
        return { status: 200, headers: [], body: null };
      },
    });
    const answer = await front.talk(`${bytes}GET /smuggled HTTP/1.1\r\n${host}\r\n`);
    assert.is(status(answer), expected);
    assert.match(answer, /\r\nConnection: close\r\n/);
    assert.is(answer.match(/HTTP\/1\.1 \d/g)?.length, 1);
    assert.not(seen.includes('/smuggled'));
    await front.close();
  });
}

test('chunked in odd case is chunked', async () => {
  const front = await harness({
    handle: async ({ request }) => {
      let body = '';
      if (request.body !== null) for await (const part of request.body) body += String(part);
      return text(`[${body}]`);
    },
  });
  const fields = 'Transfer-Encoding: ChunKed\r\nConnection: close\r\n';
  assert.match(await front.talk(post(fields, '5\r\nabcde\r\n0\r\n\r\n')), /\[abcde\]$/);
  await front.close();
});

test('a malformed request behind another one is refused behind its answer', async () => {
  const front = await harness();
  const answer = await front.talk(`GET /a HTTP/1.1\r\n${host}\r\nrubbish\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 200 .*\r\n\r\nstatic \/a\nHTTP\/1\.1 400 /s);
  assert.is(answer.match(/HTTP\/1\.1 \d/g)?.length, 2);
  await front.close();
});

test('fields within the limits pass: 100 of them, one of 8190 bytes', async () => {
  const front = await harness();
  const fields = `${host}Connection: close\r\nX: ${'a'.repeat(8187)}\r\n${'Y: a\r\n'.repeat(97)}`;
  assert.is(status(await front.talk(get(fields))), 200);
  await front.close();
});

test.run();
