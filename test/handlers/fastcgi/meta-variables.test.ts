import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { metaVariables } from '../../../handlers/fastcgi/meta-variables.ts';
import type { HttpError } from '../../../src/front/errors.ts';
import { exchange } from '../php/exchanges.ts';
import type { ExchangeOptions } from '../php/exchanges.ts';
import { decodePairs } from './peer.ts';

const test = suite('meta-variables');
const place = { root: '/srv/site', file: '/a b.php' };

function variables(options: Partial<ExchangeOptions> = {}, passAuthorization = false): Map<string, string> {
  const params = metaVariables(
    exchange({ ...place, ...options }),
    options.body?.length ?? null,
    passAuthorization,
  );
  return decodePairs(Buffer.from(params, 'latin1'));
}

test('a plain request: exactly these', () => {
  const found = Object.fromEntries(
    variables({ headers: ['Host', 'test.example'], request: { target: '/a%20b.php' } }),
  );
  assert.match(found['SERVER_SOFTWARE'] ?? '', /^itkd\/\d+\.\d+\.\d+/);
  delete found['SERVER_SOFTWARE'];
  assert.equal(found, {
    CONTEXT_DOCUMENT_ROOT: '/srv/site',
    CONTEXT_PREFIX: '',
    DOCUMENT_ROOT: '/srv/site',
    DOCUMENT_URI: '/a b.php',
    GATEWAY_INTERFACE: 'CGI/1.1',
    HTTP_HOST: 'test.example',
    QUERY_STRING: '',
    REDIRECT_STATUS: '200',
    REMOTE_ADDR: '192.0.2.1',
    REMOTE_PORT: '40000',
    REQUEST_METHOD: 'GET',
    REQUEST_SCHEME: 'http',
    REQUEST_URI: '/a%20b.php',
    SCRIPT_FILENAME: '/srv/site/a b.php',
    SCRIPT_NAME: '/a b.php',
    SERVER_ADDR: '192.0.2.2',
    SERVER_NAME: 'test.example',
    SERVER_PORT: '8080',
    SERVER_PROTOCOL: 'HTTP/1.1',
  });
});

test('PATH_INFO brings PATH_TRANSLATED', () => {
  const found = variables({ pathInfo: '/x/\xfc' });
  assert.is(found.get('PATH_INFO'), '/x/\xfc');
  assert.is(found.get('PATH_TRANSLATED'), '/srv/site/x/\xfc');
  assert.is(found.get('SCRIPT_NAME'), '/a b.php');
});

test('a ScriptAlias folder is the context, DocumentRoot stays', () => {
  const found = variables({
    root: '/srv/cgi',
    rootUrl: '/cgi-bin',
    file: '/x.cgi',
    site: { documentRoot: '/srv/s\u00fc' },
  });
  assert.is(found.get('SCRIPT_NAME'), '/cgi-bin/x.cgi');
  assert.is(found.get('SCRIPT_FILENAME'), '/srv/cgi/x.cgi');
  assert.is(found.get('CONTEXT_PREFIX'), '/cgi-bin');
  assert.is(found.get('CONTEXT_DOCUMENT_ROOT'), '/srv/cgi');
  assert.is(found.get('DOCUMENT_ROOT'), '/srv/s\xc3\xbc', 'UTF-8, as in the file system');
});

test('https, HTTP/2 and HTTP/1.0', () => {
  const secure = variables({ request: { secure: true, httpVersion: '2' } });
  assert.is(secure.get('HTTPS'), 'on');
  assert.is(secure.get('REQUEST_SCHEME'), 'https');
  assert.is(secure.get('SERVER_PROTOCOL'), 'HTTP/2.0');
  const old = variables({ request: { host: '', httpVersion: '1.0' } });
  assert.is(old.get('SERVER_NAME'), 'test.example');
  assert.is(old.get('SERVER_PROTOCOL'), 'HTTP/1.0');
});

test('a body has CONTENT_LENGTH and CONTENT_TYPE, and none of them as HTTP_', () => {
  const found = variables({
    body: { stream: Readable.from([]), length: 12 },
    headers: ['Content-Type', 'text/plain', 'Content-Length', '12', 'Transfer-Encoding', 'x', 'Trailer', 'y'],
  });
  assert.is(found.get('CONTENT_LENGTH'), '12');
  assert.is(found.get('CONTENT_TYPE'), 'text/plain');
  assert.equal(
    [...found.keys()].filter((name) => name.startsWith('HTTP_')),
    [],
  );
});

test('repeated fields are merged, cookies with a semicolon', () => {
  const found = variables({ headers: ['X-A', '1', 'Cookie', 'a=1', 'x-a', '2', 'COOKIE', 'b=2'] });
  assert.is(found.get('HTTP_X_A'), '1, 2');
  assert.is(found.get('HTTP_COOKIE'), 'a=1; b=2');
});

test('Proxy never becomes HTTP_PROXY (CVE-2016-5385)', () => {
  for (const name of ['Proxy', 'proxy', 'PROXY'])
    assert.is(variables({ headers: [name, 'x'] }).has('HTTP_PROXY'), false);
});

test('Authorization reaches only those that may see it', () => {
  const headers = ['authorization', 'Basic dTpw'];
  assert.is(variables({ headers }).has('HTTP_AUTHORIZATION'), false);
  assert.is(variables({ headers }, true).get('HTTP_AUTHORIZATION'), 'Basic dTpw');
});

test('names that cannot be told apart as variables are a 400', () => {
  for (const headers of [
    ['X-Forwarded-For', '1', 'X_Forwarded_For', '2'],
    ['X_Forwarded-For', '1', 'x_forwarded_for', '2'],
    ['content_length', '2', 'Content-Length', '1'],
    ['X-A', '1', 'X-A', '2', 'X-B', '3', 'X_B', '4'],
  ])
    assert.throws(
      () => variables({ headers }),
      (error: HttpError) => error.status === 400,
    );
});

test('a name with an underscore alone is left out, as Apache and nginx do', () => {
  assert.equal(
    [...variables({ headers: ['X_A', '1', 'X_A', '2', 'Pro_xy', '3'] }).keys()].filter((n) => /HTTP/.test(n)),
    [],
  );
});

test('names that no shell could hold are left out', () => {
  assert.equal(
    [...variables({ headers: ["X'();", '1', 'X.Y', '2', ':authority', '3'] }).keys()].filter((name) =>
      /HTTP/.test(name),
    ),
    [],
  );
});

test('many different names do not accumulate, and all spellings of one are joined', () => {
  for (let time = 0; time < 5000; time += 1)
    assert.is(variables({ headers: [`X-${time}`, 'v', `x-${time}`, 'w'] }).get(`HTTP_X_${time}`), 'v, w');
});

test.run();
