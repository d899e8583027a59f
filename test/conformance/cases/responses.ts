/** What scripts answer: RFC 3875, section 6. */
import * as assert from 'uvu/assert';
import { type Case, PRINT_VARIABLES, variablesOf } from '../case.ts';

const print = (text: string): string => `print "${text.replaceAll('\n', '\\n').replaceAll('\r', '\\r')}";`;
const PHP_OWN = 'PHP makes the head of its answer itself';

export const responses: readonly Case[] = [
  {
    name: 'a document: 200, fields and body as they were written',
    perl: print(
      'Content-Type: text/x-own\nX-Own: one\nX-Own: two\nSet-Cookie: a=1\nSet-Cookie: b=2\n\nbody\n',
    ),
    php: `header('Content-Type: text/x-own'); header('X-Own: one'); header('X-Own: two', false);
header('Set-Cookie: a=1'); header('Set-Cookie: b=2', false); echo "body\\n";`,
    async check(target, url) {
      const reply = await target.ask(url);
      assert.is(reply.status, 200);
      assert.match(reply.headers['content-type'] ?? '', /^text\/x-own/);
      assert.is(reply.headers['x-own'], 'one, two');
      assert.equal(reply.headers['set-cookie'], ['a=1', 'b=2']);
      assert.is(reply.text, 'body\n');
    },
  },
  {
    name: 'lines of the head end with CRLF as well',
    perl: print('Content-Type: text/plain\r\nStatus: 202 Fine\r\n\r\nbody\r\n'),
    async check(target, url) {
      const reply = await target.ask(url);
      assert.is(reply.status, 202);
      assert.is(reply.text, 'body\r\n');
    },
    without: { php: PHP_OWN },
  },
  {
    name: 'Status, with a reason of its own',
    perl: print('Status: 404 Nowhere\nContent-Type: text/plain\n\ngone\n'),
    php: `header('HTTP/1.1 404 Nowhere'); header('Content-Type: text/plain'); echo "gone\\n";`,
    async check(target, url) {
      const { head, body } = await target.raw(`GET ${url} HTTP/1.0`);
      assert.match(head, /^HTTP\/1\.[01] 404 Nowhere\r\n/);
      assert.not.match(head, /^Status:/im);
      assert.is(body, 'gone\n');
    },
  },
  {
    name: 'a client redirect is a 302',
    perl: print('Location: http://elsewhere.test/x?y\n\n'),
    php: `header('Location: http://elsewhere.test/x?y');`,
    async check(target, url) {
      const reply = await target.ask(url);
      assert.is(reply.status, 302);
      assert.is(reply.headers['location'], 'http://elsewhere.test/x?y');
    },
  },
  {
    name: 'a redirect with a document: its status and body are the script’s',
    perl: print('Status: 301 Moved\nLocation: /there\nContent-Type: text/plain\n\nmoved\n'),
    php: `header('Location: /there', true, 301); header('Content-Type: text/plain'); echo "moved\\n";`,
    async check(target, url) {
      const reply = await target.ask(url);
      assert.is(reply.status, 301);
      assert.match(reply.headers['location'] ?? '', /\/there$/);
      assert.is(reply.text, 'moved\n');
    },
  },
  {
    name: 'a local redirect is answered inside, as a GET without the body',
    perl: `if ($ENV{QUERY_STRING} eq '') { print "Location: $ENV{SCRIPT_NAME}/info?second\\n\\n" } else {\n${PRINT_VARIABLES}}`,
    async check(target, url) {
      const reply = await target.ask(url, { body: 'a body' });
      assert.is(reply.status, 200);
      assert.is(reply.headers['location'], undefined);
      const found = variablesOf(reply);
      assert.is(found.get('REQUEST_METHOD'), 'GET');
      assert.is(found.get('QUERY_STRING'), 'second');
      assert.is(found.get('PATH_INFO'), '/info');
      assert.is(found.get('CONTENT_LENGTH') ?? '0', '0');
    },
    without: { php: 'it says 302 with every Location' },
  },
  {
    name: 'a chain of local redirects ends; a loop is a 500 and a line in the log',
    perl: `my $n = $ENV{QUERY_STRING}; if ($n =~ /^\\d$/ && $n > 0) { $n--; print "Location: $ENV{SCRIPT_NAME}?$n\\n\\n" }
elsif ($n eq '0') { print "Content-Type: text/plain\\n\\nend" } else { print "Location: $ENV{SCRIPT_NAME}?loop\\n\\n" }`,
    async check(target, url) {
      assert.is((await target.ask(`${url}?9`)).text, 'end');
      assert.is((await target.ask(`${url}?loop`)).status, 500);
      await target.logged(/more than 10 local redirects|exceeded the limit of 10 internal redirects/);
    },
    without: { php: 'it says 302 with every Location' },
  },
  {
    name: '204 and 304 have no body, whatever the script writes',
    perl: `print "Status: $ENV{QUERY_STRING}\\nX-Own: yes\\n\\nthis is no body\\n";`,
    php: `http_response_code((int) $_SERVER['QUERY_STRING']); header('X-Own: yes'); echo 'this is no body';`,
    async check(target, url) {
      for (const status of [204, 304]) {
        const { head, body } = await target.raw(`GET ${url}?${status} HTTP/1.1`);
        assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
        assert.match(head, /^X-Own: yes/im);
        assert.is(body, '');
      }
    },
  },
  {
    name: 'HEAD has the head alone',
    perl: print('Content-Type: text/plain\nX-Own: yes\nContent-Length: 5\n\nbody\n'),
    php: `header('Content-Type: text/plain'); header('X-Own: yes'); header('Content-Length: 5'); echo "body\\n";`,
    async check(target, url) {
      const { head, body } = await target.raw(`HEAD ${url} HTTP/1.1`);
      assert.match(head, /^HTTP\/1\.1 200 /);
      assert.match(head, /^X-Own: yes/im);
      assert.match(head, /^Content-Length: 5/im);
      assert.is(body, '');
    },
    apache: {
      because: 'it keeps the length or not, as the end of the script’s output comes sooner or later',
      async check(target, url) {
        const { head, body } = await target.raw(`HEAD ${url} HTTP/1.1`);
        assert.match(head, /^X-Own: yes/im);
        assert.is(body, '');
      },
    },
  },
  {
    name: 'fields about the connection are not the script’s to set',
    perl: print(
      'Content-Type: text/plain\nConnection: X-Named\nX-Named: yes\nKeep-Alive: timeout=9\nUpgrade: x\n' +
        'Trailer: X-T\nX-Own: yes\n\nbody\n',
    ),
    php: `header('Connection: X-Named'); header('X-Named: yes'); header('Upgrade: x'); header('X-Own: yes'); echo "body\\n";`,
    async check(target, url) {
      const reply = await target.ask(url);
      assert.is(reply.text, 'body\n');
      assert.is(reply.headers['x-own'], 'yes');
      for (const name of ['x-named', 'upgrade', 'trailer']) assert.is(reply.headers[name], undefined, name);
    },
    apache: {
      because:
        'it passes them on, although RFC 9110, 7.6.1 gives them to the connection, which is not the script’s',
      async check(target, url) {
        assert.is((await target.ask(url)).headers['x-named'], 'yes');
      },
    },
  },
  {
    name: 'a script’s Transfer-Encoding is not believed',
    perl: print('Content-Type: text/plain\nTransfer-Encoding: chunked\n\n5\r\nforge\r\n0\r\n\r\n'),
    async check(target, url) {
      assert.is((await target.ask(url)).text, '5\r\nforge\r\n0\r\n\r\n');
    },
    without: { php: PHP_OWN },
  },
  {
    name: 'a head of 60 KiB passes',
    perl: `print "Content-Type: text/plain\\n", map({ "X-$_: " . 'v' x 1000 . "\\n" } 1 .. 60), "\\nbody";`,
    php: `header('Content-Type: text/plain'); for ($i = 1; $i <= 60; $i++) header("X-$i: " . str_repeat('v', 1000)); echo 'body';`,
    async check(target, url) {
      const { head, body } = await target.raw(`GET ${url} HTTP/1.0`);
      assert.is(head.match(/^X-\d+: v{1000}\r?$/gm)?.length, 60);
      assert.is(body, 'body');
    },
  },
  {
    name: 'a head without an end is a 500',
    perl: `print "Content-Type: text/plain\\n", map({ "X-$_: " . 'v' x 1000 . "\\n" } 1 .. 70), "\\nbody";`,
    async check(target, url) {
      assert.is((await target.ask(url)).status, target.badAnswer);
      await target.logged(/header longer than 65536 bytes/);
    },
    without: { php: PHP_OWN, mod_cgi: 'it has no limit for the whole head' },
  },
  {
    name: 'Content-Length is kept; more than it says is cut off',
    perl: print('Content-Type: text/plain\nContent-Length: 4\n\nbody and more'),
    php: `header('Content-Type: text/plain'); header('Content-Length: 4'); echo 'body and more';`,
    async check(target, url) {
      const { head, body } = await target.raw(`GET ${url} HTTP/1.0`);
      assert.match(head, /^Content-Length: 4/im);
      assert.is(body, 'body');
    },
    apache: {
      because: 'it sends all of it: the client takes the rest for the next answer',
      async check(target, url) {
        assert.is((await target.raw(`GET ${url} HTTP/1.0`)).body, 'body and more');
      },
    },
  },
];
