/** The access log beside Apache's own for the same requests, field by field. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Apache, startApache } from '../helpers/apache.ts';
import { applicationsMissing } from '../helpers/applications.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { exchangeBytes } from '../helpers/raw-client.ts';
import { createTestServer, type TestServer } from '../helpers/server.ts';
import { eventually } from '../helpers/wait.ts';

const test = suite("e2e: access log as Apache's");
const lacks = missing({ root: true, programs: ['php-cgi'] }) ?? applicationsMissing();

/**
 * Fields that say the same in both. Left out: what differs by nature (%P, %D, %S and its parts, which count heads that
 * differ; %R, the handlers' names; %A beside %h, which is the same address here; %k of a last request).
 */
const FORMAT = [
  '%h %a %{c}a %A %l %u',
  '%m %U %q %H %r',
  '%s %>s %<s %b %B',
  '%v %X %f',
  '%{Host}i|%{X-One}i|%{x-two}i|%{Missing}i|%{Empty}i',
  '%{Content-Type}o|%{X-Out}o|%{Set-Cookie}o|%{Missing}o',
  '%{a}C|%{b}C|%{none}C',
  '%400,404{User-Agent}i|%!200,304{User-Agent}i|%200{User-Agent}i|%!404>s',
  '%% " \\\\ \\t \\x',
].join(' ~ ');

/** As Apache's configuration has it in double quotes. */
const inApache = (format: string): string => `"${format.replaceAll(/[\\"]/g, '\\$&')}"`;

/** The same in both logs when no second ends in between, and none has passed since the request. */
const TIMES = [
  '%T %{s}T',
  '%t',
  '%{%Y-%m-%d %H:%M:%S %z}t',
  '%{sec}t',
  '%{begin:%j %U %V %a %b}t',
  '%{end:%F}t',
];

const HEADER =
  '<?php header("X-Out: a\\"b\\\\c \\xe9"); header("Set-Cookie: a=1"); header("Set-Cookie: b=2", false); echo "script";';

/** Requests byte for byte; each on a connection of its own. */
const REQUESTS: readonly string[] = [
  'GET /page.txt HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n',
  'GET /page.txt?a=b&c=%20"\\ HTTP/1.1\r\nHost: HOST\r\nUser-Agent: ua\r\nConnection: close\r\n\r\n',
  'HEAD /page.txt HTTP/1.0\r\nHost: HOST\r\n\r\n',
  'GET /missing%20here%22?x HTTP/1.1\r\nHost: HOST\r\nUser-Agent: not found\r\nConnection: close\r\n\r\n',
  'GET /script.php?q=1 HTTP/1.1\r\nHost: HOST\r\nCookie: a=1; b="two"; c\r\nX-One: one\r\nX-Two: a\r\nX-TWO: b\r\nEmpty:\r\nConnection: close\r\n\r\n',
  'POST /script.php HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
  'GET /script.php HTTP/1.1\r\nHost: HOST\r\nX-One: "\\\t\xe9\xff [31m\r\nUser-Agent: \\x22 forged" 200\r\nConnection: close\r\n\r\n',
  'GET /page.txt HTTP/1.1\r\nHost: HOST\r\n\r\nGET /page.txt?second HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n',
];

/** An error has a page of the server's own, and Apache names a file that is not there. */
function comparable(line = ''): string {
  const parts = line.split(' ~ ');
  return line.includes(' ~ 404 ') ? [0, 1, 4, 6, 7, 8].map((part) => parts[part]).join(' ~ ') : line;
}

let server: TestServer;
let apache: Apache;

/** Lines of a log, once there are as many. */
async function linesOf(file: string, count: number): Promise<string[]> {
  const read = (): string[] => {
    try {
      return readFileSync(file, 'latin1').split('\n').slice(0, -1);
    } catch {
      return [];
    }
  };
  await eventually(`${count} lines in ${file}`, () => read().length >= count);
  return read();
}

test.before(async () => {
  if (lacks !== null) return;
  server = await createTestServer({
    config: 'Fronts = 1\n',
    sites: {
      site: {
        files: { 'www/page.txt': 'a page', 'www/script.php': HEADER },
        config: `CustomLog = ../log/site.log\nLogFormat = '${FORMAT}'\n`,
      },
      times: {
        files: { 'www/page.txt': 'a page' },
        config: `CustomLog = ../log/times.log\nLogFormat = "${TIMES.join('~')}"\n`,
      },
    },
  });
  apache = await startApache({
    documentRoot: join(server.site('site'), 'www'),
    uid: server.uids['site'] ?? 0,
    server: (folder) =>
      `KeepAlive On\nServerName site.test\nCustomLog ${folder}/site.log ${inApache(FORMAT)}\n` +
      `CustomLog ${folder}/times.log "${TIMES.join('~')}"\n`,
  });
});

test.after(async () => {
  await apache?.dispose();
  await server?.dispose();
});

testWith(test, lacks, 'every field says the same', async () => {
  for (const bytes of REQUESTS) {
    const sent = bytes.replaceAll('HOST', 'site.test');
    for (const port of [server.port, apache.port]) await exchangeBytes(port, Buffer.from(sent, 'latin1'));
  }
  const count = REQUESTS.length + 1;
  const [ours, theirs] = await Promise.all([
    linesOf(join(server.folder, 'log/site.log'), count),
    linesOf(join(apache.run, 'site.log'), count),
  ]);
  assert.is(ours.length, count);
  assert.is(theirs.length, count);
  for (const [index, line] of theirs.entries()) assert.is(comparable(ours[index]), comparable(line));
});

testWith(test, lacks, 'times are written the same', async () => {
  let same = false;
  for (let attempt = 0; attempt < 10 && !same; attempt++) {
    const sent = `GET /page.txt HTTP/1.1\r\nHost: times.test\r\nConnection: close\r\n\r\n`;
    await Promise.all([server.port, apache.port].map((port) => exchangeBytes(port, sent)));
    const last = await Promise.all([
      linesOf(join(server.folder, 'log/times.log'), attempt + 1),
      linesOf(join(apache.run, 'times.log'), REQUESTS.length + 2 + attempt),
    ]);
    same = last[0].at(-1) === last[1].at(-1);
    if (!same) console.log(`  ${last[0].at(-1)}\n  ${last[1].at(-1)}`);
  }
  assert.ok(same);
});

test.run();
