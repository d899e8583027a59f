import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HeaderBlock, MAX_BLOCK } from '../../../handlers/fastcgi/header-block.ts';
import { parseHead, parseNphHead, withLength } from '../../../handlers/fastcgi/response-head.ts';

const block = suite('header block');

for (const newline of ['\n', '\r\n']) {
  const text = `Status: 200 OK${newline}A: b${newline}${newline}`;
  block(`finds the end at any split (${JSON.stringify(newline)})`, () => {
    const bytes = Buffer.from(`${text}body\n\nmore`);
    for (let at = 0; at <= bytes.length; at += 1) {
      const reader = new HeaderBlock();
      const found = reader.push(bytes.subarray(0, at)) ?? reader.push(bytes.subarray(at));
      assert.is(found?.block, text, `split at ${at}`);
      const rest = at < text.length ? 'body\n\nmore' : bytes.subarray(text.length, at).toString();
      assert.is(found?.rest.toString(), rest);
    }
    const reader = new HeaderBlock();
    const all = Array.from(bytes, (byte) => reader.push(Buffer.from([byte])));
    assert.is(all[text.length - 1]?.block, text);
  });
}

block('an immediate empty line is an empty block', () => {
  assert.is(new HeaderBlock().push(Buffer.from('\r\nx'))?.block, '\r\n');
});

block('64 KiB pass, one byte more does not', () => {
  const header = Buffer.from(`A: ${'x'.repeat(MAX_BLOCK - 5)}\n\n`);
  assert.is(new HeaderBlock().push(header)?.block.length, MAX_BLOCK);
  assert.throws(() => new HeaderBlock().push(Buffer.concat([Buffer.from('y'), header])), /longer than/);
  assert.throws(() => new HeaderBlock().push(Buffer.alloc(MAX_BLOCK + 1, 65)), /longer than/);
});

block.run();

const head = suite('response head');

head('status, reason, fields and repeated cookies', () => {
  const found = parseHead('Status: 404 Not  Here\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Y:\tz \r\n\r\n');
  assert.is(found.status, 404);
  assert.is(found.reason, 'Not  Here');
  assert.equal(found.headers, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Y', 'z']);
});

head('200 without a Status, 302 with a Location alone', () => {
  assert.is(parseHead('Content-Type: text/html\n\n').status, 200);
  const found = parseHead('Location: http://a.example/\n\n');
  assert.is(found.status, 302);
  assert.is(found.localRedirect, null);
});

head('a path in a Location that stands alone is a local redirect', () => {
  assert.is(parseHead('Location: /a?b\n\n').localRedirect, '/a?b');
  assert.is(parseHead('Location: /a?b\nSet-Cookie: c=d\n\n').localRedirect, null);
  assert.is(parseHead('Status: 302 Found\nLocation: /a\n\n').localRedirect, null);
  // A network path (RFC 3986, 4.2) names another host.
  assert.is(parseHead('Location: //other.example/\n\n').localRedirect, null);
});

head('hop-by-hop fields are removed, those that Connection names too', () => {
  const found = parseHead(
    'Connection: close, X-Hop\nTransfer-Encoding: chunked\nX-Hop: 1\nUpgrade: h2c\nX: 2\n\n',
  );
  assert.equal(found.headers, ['X', '2']);
});

head('bytes above 127 are kept', () => {
  assert.equal(parseHead('X: \xc3\xbc\xff\n\n').headers, ['X', '\xc3\xbc\xff']);
});

head('blanks around a value are no part of it, a letter in UTF-8 at its end is', () => {
  assert.equal(parseHead('A:\t b c \t\nB: voil\xc3\xa0\nC:\n\n').headers, [
    'A',
    'b c',
    'B',
    'voil\xc3\xa0',
    'C',
    '',
  ]);
});

head('Content-Length is read, and one repetition of it dropped', () => {
  const found = parseHead('Content-Length: 12\nContent-Length: 12\n\n');
  assert.is(found.contentLength, 12);
  assert.equal(found.headers, ['Content-Length', '12']);
  assert.equal(withLength(found, 5).headers, ['Content-Length', '5']);
});

head('of an NPH script: chunks go before a length, and neither field is passed on', () => {
  const found = parseNphHead(
    'HTTP/1.1 203 Mine\r\nContent-Length: 3\r\ntransfer-encoding:\tChunked \r\nA: b\r\n\r\n',
  );
  assert.is(found.status, 203);
  assert.is(found.chunked, true);
  assert.is(found.contentLength, null);
  assert.equal(found.headers, ['A', 'b']);
});

for (const coding of [
  'gzip',
  'gzip, chunked',
  'chunked, chunked',
  '',
  'chunked\r\nTransfer-Encoding: chunked',
]) {
  head(`of an NPH script: refuses the transfer coding ${JSON.stringify(coding)}`, () => {
    assert.throws(
      () => parseNphHead(`HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n`),
      /Transfer-Encoding/,
    );
  });
}

for (const bad of [
  'no colon\n\n',
  'HTTP/1.0 200 OK\nA: b\n\n',
  ': empty name\n\n',
  'Name : blank before the colon\n\n',
  ' continued: x\n\n',
  'A: b\n continued\n\n',
  'A: bare\rCR\n\n',
  'A: nul\0\n\n',
  'A: escape\x1b\n\n',
  'A: form feed\f\n\n',
  'A: delete\x7f\n\n',
  'Status: OK\n\n',
  'Status: 99\n\n',
  'Status: 101 Switching\n\n',
  'Status: 200\nStatus: 200\n\n',
  'Status: 2000\n\n',
  'Content-Length: 1x\n\n',
  'Content-Length: -1\n\n',
  'Content-Length: 1\nContent-Length: 2\n\n',
  'Location: /a\nLocation: /b\n\n',
]) {
  head(`refuses ${JSON.stringify(bad)}`, () => {
    assert.throws(
      () => parseHead(bad),
      (error: Error) => error.name === 'HeaderError',
    );
  });
}

head.run();
