/** Bytes go on when they come: server-sent events, clients that leave. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { connected } from '../../helpers/raw-client.ts';
import { eventually } from '../../helpers/wait.ts';
import type { Case, Check } from '../case.ts';
import { comesAtOnce, inTwoParts } from './in-two-parts.ts';

function inTwoPartsPhp(before: string): string {
  return `while (ob_get_level()) ob_end_flush(); ${before} flush();
for ($i = 0; $i < 1500 && !file_exists($_SERVER['DOCUMENT_ROOT'] . '/go'); $i++) { clearstatcache(); usleep(20000); }
echo "second\\n";`;
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
    name: 'a script whose client has left is ended',
    perl: `open my $f, '>', "$ENV{DOCUMENT_ROOT}/running"; print $f $$; close $f; $| = 1;
print "Content-Type: text/plain\\n\\nbegun"; sleep 60;`,
    async check({ place }, url) {
      const file = `${place.documentRoot}/running`;
      rmSync(file, { force: true });
      const socket = await connected(place.port);
      socket.write(`GET ${url} HTTP/1.1\r\nHost: ${place.host}\r\n\r\n`);
      await new Promise((resolve) => socket.once('data', resolve));
      await eventually('the script runs', () => existsSync(file) && readFileSync(file, 'utf8') !== '');
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
