/** NPH scripts (RFC 3875, section 5), which say themselves what a client gets. */
import * as assert from 'uvu/assert';
import { connected } from '../../helpers/raw-client.ts';
import type { Case } from '../case.ts';
import { comesAtOnce, inTwoParts } from './in-two-parts.ts';

const without = { fastcgi: 'FastCGI has no NPH', php: 'FastCGI has no NPH' };

/** Its body in chunks of its own. */
function chunked(body: string, coding = 'chunked'): string {
  const head = 'HTTP/1.1 203 In Pieces\\r\\nContent-Type: text/plain\\r\\n';
  return `print "${head}Transfer-Encoding: ${coding}\\r\\n\\r\\n${body}";`;
}

/** A head and a first chunk. */
const CHUNKED = 'HTTP/1.1 200 OK\\r\\nTransfer-Encoding: Chunked\\r\\n\\r\\n6\\r\\nfirst\\n\\r\\n';

export const nph: readonly Case[] = [
  {
    name: 'an NPH script’s status line, fields and body, and then the connection ends',
    perl: 'print "HTTP/1.0 203 As I Say\\r\\nServer: mine\\r\\nX-Own: yes\\r\\nContent-Type: text/plain\\r\\n\\r\\nraw\\n";',
    file: 'nph-plain',
    async check(target, url) {
      const { place } = target;
      const socket = await connected(place.port);
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      // The client would keep it, and has sent the next request already: it has to be sent anew.
      socket.write(`GET ${url} HTTP/1.1\r\nHost: ${place.host}\r\n\r\n`.repeat(2));
      await closed;
      assert.match(text, /^HTTP\/1\.[01] 203 As I Say\r\n/);
      assert.match(text, /^X-Own: yes\r$/m);
      assert.match(text, /\r\n\r\n(4\r\n)?raw\n/);
      assert.is(text.split('As I Say').length, 2);
    },
    without,
  },
  {
    name: 'what an NPH script writes is sent at once',
    perl: inTwoParts('HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\n\\r\\nfirst\\n'),
    file: 'nph-slow',
    check: comesAtOnce(/200 OK[^]*first\n/),
    without,
  },
  {
    name: 'an NPH script without a status line: 500',
    perl: 'print "Content-Type: text/plain\\n\\nnot so\\n";',
    file: 'nph-headless',
    async check(target, url) {
      assert.is((await target.ask(url)).status, 500);
      await target.logged(/nph-headless: cgi: no status line from NPH script: "Content-Type: text\/plain/);
    },
    without,
    apache: {
      because: 'it sends whatever the script says, and the client has to make sense of it',
      async check({ place }, url) {
        const socket = await connected(place.port);
        let text = '';
        socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
        const closed = new Promise((resolve) => socket.once('close', resolve));
        socket.write(`GET ${url} HTTP/1.1\r\nHost: ${place.host}\r\n\r\n`);
        await closed;
        assert.match(text, /^Content-Type: text\/plain\n\nnot so\n/);
      },
    },
  },
  {
    name: 'the chunks of an NPH script are taken for what they are',
    perl: chunked('5;a=b\\r\\nfirst\\r\\n7\\r\\n second\\r\\n0\\r\\nX-T: y\\r\\n\\r\\n'),
    file: 'nph-chunked',
    async check(target, url) {
      const reply = await target.ask(url);
      assert.is(reply.status, 203);
      assert.is(reply.text, 'first second');
    },
    without,
  },
  {
    name: 'an HTTP/1.0 client gets the contents of an NPH script’s chunks',
    perl: chunked('5\\r\\nfirst\\r\\n0\\r\\n\\r\\n'),
    file: 'nph-chunked-old-client',
    async check(target, url) {
      const { head, body } = await target.raw(`GET ${url} HTTP/1.0`);
      assert.not.match(head, /^Transfer-Encoding/im);
      assert.is(body, 'first');
    },
    without,
    apache: {
      because: 'it gives chunks to a client that cannot read them',
      async check(target, url) {
        assert.is((await target.raw(`GET ${url} HTTP/1.0`)).body, '5\r\nfirst\r\n0\r\n\r\n');
      },
    },
  },
  {
    name: 'each chunk of an NPH script is sent at once',
    perl: `${inTwoParts(`${CHUNKED}7\\r\\n`)} print "\\r\\n0\\r\\n\\r\\n";`,
    file: 'nph-chunked-slow',
    check: comesAtOnce(/200 OK[^]*first\n/),
    without,
  },
  {
    name: 'a chunk that is none cuts an NPH script’s answer',
    perl: inTwoParts(CHUNKED),
    file: 'nph-no-chunk',
    async check(target, url) {
      await comesAtOnce(/first\n/, /\r\n6\r\nfirst\n\r\n$/)(target, url);
      await target.logged(/nph-no-chunk: cgi: a chunk with a bare LF/);
    },
    without,
    apache: { because: 'it sends whatever the script says', check: comesAtOnce(/first\n/) },
  },
  {
    name: 'another transfer coding of an NPH script: 500',
    perl: chunked('', 'gzip, chunked'),
    file: 'nph-coding',
    async check(target, url) {
      assert.is((await target.ask(url)).status, 500);
      await target.logged(
        /nph-coding: cgi: a Transfer-Encoding other than chunked from NPH script: "gzip, c/,
      );
    },
    without: { ...without, mod_cgi: 'it sends whatever the script says' },
  },
];
