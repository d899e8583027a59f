/** Meta-variables: RFC 3875, section 4.1, and what became common. */
import * as assert from 'uvu/assert';
import { type Case, PRINT_VARIABLES, PRINT_VARIABLES_PHP, variablesOf } from '../case.ts';

const show = { perl: PRINT_VARIABLES, php: PRINT_VARIABLES_PHP };

export const variables: readonly Case[] = [
  {
    ...show,
    name: 'the request in variables, decoded and undecoded as each is defined',
    async check(target, url) {
      const reply = await target.ask(`${url}/path%20info/a%2Bb+c?x=1+2&y=%20%ff`);
      const found = variablesOf(reply);
      const expected = {
        GATEWAY_INTERFACE: 'CGI/1.1',
        REQUEST_METHOD: 'GET',
        QUERY_STRING: 'x=1+2&y=%20%ff',
        PATH_INFO: '/path info/a+b+c',
        SCRIPT_NAME: url,
        REQUEST_URI: `${url}/path%20info/a%2Bb+c?x=1+2&y=%20%ff`,
        SERVER_NAME: target.place.host,
        SERVER_PORT: String(target.place.port),
        SERVER_PROTOCOL: 'HTTP/1.1',
        SERVER_ADDR: '127.0.0.1',
        REMOTE_ADDR: '127.0.0.1',
        REQUEST_SCHEME: 'http',
        DOCUMENT_ROOT: target.place.documentRoot,
      };
      assert.equal(
        Object.fromEntries(Object.keys(expected).map((name) => [name, found.get(name)])),
        expected,
      );
      assert.match(found.get('SERVER_SOFTWARE') ?? '', /./);
      assert.match(found.get('REMOTE_PORT') ?? '', /^\d+$/);
      assert.match(found.get('SCRIPT_FILENAME') ?? '', /^\//);
      assert.is(found.has('HTTPS'), false);
    },
    apache: {
      because:
        'SERVER_PORT: RFC 3875, 4.1.15 means the port that the request came on; UseCanonicalPhysicalPort is off there',
      async check(target, url) {
        const found = variablesOf(await target.ask(`${url}/path%20info?x`));
        assert.is(found.get('PATH_INFO'), '/path info');
        assert.is(found.get('SERVER_PORT'), '80');
      },
    },
  },
  {
    ...show,
    name: 'PATH_TRANSLATED is PATH_INFO below the document root',
    async check(target, url) {
      const found = variablesOf(await target.ask(`${url}/a/b`));
      assert.is(found.get('PATH_TRANSLATED'), `${target.place.documentRoot}/a/b`);
    },
    without: { php: 'php-cgi makes its own of it' },
  },
  {
    ...show,
    name: 'what there is not is unset; an empty query is set',
    async check(target, url) {
      const found = variablesOf(await target.ask(url));
      assert.is(found.get('QUERY_STRING'), '');
      for (const name of [
        'PATH_INFO',
        'PATH_TRANSLATED',
        'CONTENT_LENGTH',
        'CONTENT_TYPE',
        'AUTH_TYPE',
        'REMOTE_USER',
      ])
        assert.is(found.has(name), false, name);
    },
  },
  {
    ...show,
    name: 'repeated slashes are one, percent-encoded letters are letters',
    async check(target, url) {
      const cut = url.length - 1;
      const encoded = `${url.slice(0, cut)}%${url.charCodeAt(cut).toString(16)}`;
      const found = variablesOf(await target.ask(`/${encoded}//a///b`));
      assert.is(found.get('SCRIPT_NAME'), url);
      assert.is(found.get('PATH_INFO'), '/a/b');
    },
    apache: {
      because:
        'there PATH_INFO keeps slashes that SCRIPT_NAME does not: one rule for the whole path is safer',
      async check(target, url) {
        const found = variablesOf(await target.ask(`/${url}/a/b`));
        assert.is(found.get('PATH_INFO'), '/a/b');
      },
    },
  },
  {
    ...show,
    name: 'bytes that are no UTF-8 arrive as they are',
    async check(target, url) {
      const found = variablesOf(await target.ask(`${url}/%ff%c3%a9`, { headers: { 'X-Bytes': '\xe9' } }));
      assert.is(found.get('PATH_INFO'), '/\xff\xc3\xa9');
      assert.is(found.get('HTTP_X_BYTES'), '\xe9');
    },
  },
  {
    ...show,
    name: 'an encoded slash is not a slash: 404',
    async check(target, url) {
      assert.is((await target.ask(`${url}/a%2fb`)).status, 404);
    },
  },
  {
    ...show,
    name: 'header fields are HTTP_ variables; repeated ones are merged',
    async check(target, url) {
      const reply = await target.ask(url, { headers: { 'X-Own': ['one', 'two'], 'User-Agent': 'suite' } });
      const found = variablesOf(reply);
      assert.is(found.get('HTTP_X_OWN'), 'one, two');
      assert.is(found.get('HTTP_USER_AGENT'), 'suite');
      assert.match(found.get('HTTP_HOST') ?? '', new RegExp(`^${target.place.host}`));
    },
  },
  {
    ...show,
    name: 'Proxy never becomes HTTP_PROXY (CVE-2016-5385)',
    async check(target, url) {
      const found = variablesOf(await target.ask(url, { headers: { Proxy: 'http://evil.test' } }));
      assert.is(found.has('HTTP_PROXY'), false);
    },
  },
  {
    ...show,
    name: 'a name with an underscore is no variable',
    async check(target, url) {
      const found = variablesOf(await target.ask(url, { headers: { X_Own: 'forged' } }));
      assert.is(found.has('HTTP_X_OWN'), false);
    },
  },
  {
    ...show,
    name: 'two names that would be one variable are a 400',
    async check(target, url) {
      assert.is((await target.ask(url, { headers: { 'X-Own': 'a', X_Own: 'b' } })).status, 400);
    },
    apache: {
      because:
        'it leaves the forged one out, which is as safe; a 400 tells the proxy before us that it lets them pass',
      async check(target, url) {
        const found = variablesOf(await target.ask(url, { headers: { 'X-Own': 'a', X_Own: 'b' } }));
        assert.is(found.get('HTTP_X_OWN'), 'a');
      },
    },
  },
  {
    ...show,
    name: 'Authorization is not shown',
    async check(target, url) {
      const found = variablesOf(await target.ask(url, { headers: { Authorization: 'Basic dTpw' } }));
      assert.is(found.has('HTTP_AUTHORIZATION'), false);
    },
    without: { php: 'as mod_php, which reads it itself (PHP_AUTH_USER)' },
  },
  {
    ...show,
    name: 'a body has its length and type, and neither as HTTP_',
    async check(target, url) {
      const found = variablesOf(
        await target.ask(url, { body: 'a=b', headers: { 'Content-Type': 'text/x-own' } }),
      );
      assert.is(found.get('CONTENT_LENGTH'), '3');
      assert.is(found.get('CONTENT_TYPE'), 'text/x-own');
      assert.is(found.get('REQUEST_METHOD'), 'POST');
      assert.is(found.has('HTTP_CONTENT_LENGTH') && !target.place.kind.includes('php'), false);
    },
  },
  {
    ...show,
    name: 'any method is the script’s to judge',
    async check(target, url) {
      for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
        const found = variablesOf(await target.ask(url, { method }));
        assert.is(found.get('REQUEST_METHOD'), method);
      }
    },
  },
  {
    ...show,
    name: 'HTTP/1.0 is said to be it',
    async check(target, url) {
      const { head, body } = await target.raw(`GET ${url} HTTP/1.0`);
      assert.match(head, /^HTTP\/1\.[01] 200 /);
      assert.match(body, /^SERVER_PROTOCOL=HTTP\/1\.0$/m);
    },
  },
];
