/** Bytes go on when they come: server-sent events, NPH scripts, clients that leave. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { connected } from '../../helpers/raw-client.ts';
import { eventually } from '../../helpers/wait.ts';
import type { Case, Check } from '../case.ts';

/** Writes its first part, waits for the file `go` in the document root, then writes the rest. */
function inTwoParts(first: string): string {
  return `$| = 1; print "${first}"; for (1 .. 1500) { last if -e "$ENV{DOCUMENT_ROOT}/go"; select undef, undef, undef, 0.02 }
print "second\\n";`;
}

function inTwoPartsPhp(before: string): string {
  return `while (ob_get_level()) ob_end_flush(); ${before} flush();
for ($i = 0; $i < 1500 && !file_exists($_SERVER['DOCUMENT_ROOT'] . '/go'); $i++) { clearstatcache(); usleep(20000); }
echo "second\\n";`;
}

/** Reads until `first` has come, only then lets the script go on. */
function comesAtOnce(first: RegExp): Check {
  return async ({ place }, url) => {
    const go = `${place.documentRoot}/go`;
    rmSync(go, { force: true });
    const socket = await connected(place.port);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(`GET ${url} HTTP/1.1\r\nHost: ${place.host}\r\nConnection: close\r\n\r\n`);
    await eventually(`${first} has come`, () => first.test(text));
    assert.not.match(text, /second/);
    writeFileSync(go, '');
    await closed;
    assert.match(text, /second\n/);
  };
}

/** Lets the script go on at once. */
const comesInTheEnd: Check = async (target, url) => {
  writeFileSync(`${target.place.documentRoot}/go`, '');
  assert.match((await target.ask(url)).text, /second\n$/);
};

export const streams: readonly Case[] = [
  {
    name: 'the first event is there before the second is written',
    perl: inTwoParts('Content-Type: text/event-stream\\n\\ndata: first\\n\\n'),
    php: inTwoPartsPhp(`header('Content-Type: text/event-stream'); echo "data: first\\n\\n";`),
    check: comesAtOnce(/200 OK[^]*data: first\n\n/),
    apache: {
      because: 'it holds back what is less than 8,000 bytes until more comes, in some of its versions',
      check: comesInTheEnd,
    },
  },
  {
    name: 'the head is there before the first byte of the body',
    perl: inTwoParts('Content-Type: text/event-stream\\n\\n'),
    check: comesAtOnce(/200 OK[^]*\r\n\r\n/),
    apache: { because: 'as above', check: comesInTheEnd },
    without: { php: 'PHP writes its head with the first byte of the body' },
  },
  {
    name: 'a script that closes its output and works on: the answer is complete, the work goes on',
    perl: `print "Content-Type: text/plain\\n\\nthanks"; close STDOUT; close STDERR;
for (1 .. 1500) { last if -e "$ENV{DOCUMENT_ROOT}/go"; select undef, undef, undef, 0.02 }
open my $f, '>', "$ENV{DOCUMENT_ROOT}/worked";`,
    async check(target, url) {
      const [go, worked] = ['go', 'worked'].map((name) => `${target.place.documentRoot}/${name}`) as [
        string,
        string,
      ];
      for (const file of [go, worked]) rmSync(file, { force: true });
      assert.is((await target.ask(url)).text, 'thanks');
      assert.is(existsSync(worked), false);
      writeFileSync(go, '');
      await eventually('the work is done', () => existsSync(worked));
    },
    without: {
      fastcgi: 'its process goes on with the next request',
      php: 'PHP ends its answer with its process',
    },
    apache: {
      because: 'it ends such a script with SIGTERM when the answer is sent',
      async check(target, url) {
        assert.is((await target.ask(url)).text, 'thanks');
      },
    },
  },
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
    without: { fastcgi: 'FastCGI has no NPH', php: 'FastCGI has no NPH' },
  },
  {
    name: 'what an NPH script writes is sent at once',
    perl: inTwoParts('HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\n\\r\\nfirst\\n'),
    file: 'nph-slow',
    check: comesAtOnce(/200 OK[^]*first\n/),
    without: { fastcgi: 'FastCGI has no NPH', php: 'FastCGI has no NPH' },
  },
  {
    name: 'an NPH script without a status line: 500',
    perl: 'print "Content-Type: text/plain\\n\\nnot so\\n";',
    file: 'nph-headless',
    async check(target, url) {
      assert.is((await target.ask(url)).status, 500);
      await target.logged(/nph-headless: cgi: no status line from NPH script: "Content-Type: text\/plain/);
    },
    without: { fastcgi: 'FastCGI has no NPH', php: 'FastCGI has no NPH' },
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
    name: 'a script whose client has left is ended',
    perl: `open my $f, '>', "$ENV{DOCUMENT_ROOT}/running"; print $f $$; close $f; $| = 1;
print "Content-Type: text/plain\\n\\nbegun"; sleep 60;`,
    async check({ place }, url) {
      const file = `${place.documentRoot}/running`;
      rmSync(file, { force: true });
      const socket = await connected(place.port);
      socket.write(`GET ${url} HTTP/1.1\r\nHost: ${place.host}\r\n\r\n`);
      await new Promise((resolve) => socket.once('data', resolve));
      await eventually('the script runs', () => existsSync(file));
      const pid = readFileSync(file, 'utf8');
      socket.destroy();
      await eventually('the script is gone', () => !existsSync(`/proc/${pid}`));
    },
    without: {
      fastcgi: 'its process serves others too',
      php: 'KillOnDisconnect is off for PHP',
      mod_cgi: 'it learns of it when the script writes next, here after a minute',
    },
  },
];
