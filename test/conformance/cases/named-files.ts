/** X-Sendfile and X-Accel-Redirect: a file instead of a body. Apache has the first by a module that it comes without. */
import * as assert from 'uvu/assert';
import type { Case } from '../case.ts';

const NOT_HERE = { mod_cgi: 'mod_xsendfile is not part of it' };

/** Answers with the fields that the query has, one a line. */
const perl = `my $q = $ENV{QUERY_STRING}; $q =~ s/%([0-9a-f]{2})/chr hex $1/gei; print "$q\\n\\nnot this";`;
const php = `foreach (explode("\\n", trim(rawurldecode($_SERVER['QUERY_STRING']))) as $line) header($line); echo 'not this';`;
const fields = (...lines: string[]): string => `?${encodeURIComponent(lines.join('\n'))}`;
const TYPE = 'Content-Type: text/x-own';
const CONTENT = 'the first line\nthe second line\n';

/** Files of the document root and of the folder `files` beside it, which has the address /internal/. */
export const NAMED_FILES = {
  'www/closed/report.txt': CONTENT,
  'www/closed/.htaccess': 'Require all denied\n',
  'www/source.php': "<?php echo 'ran';",
  'files/a b.txt': CONTENT,
} as const;

export const namedFiles: readonly Case[] = [
  {
    name: 'X-Sendfile: the file is the body, the script’s fields stay, the field itself goes',
    perl,
    php,
    async check(target, url) {
      const path = `${target.place.documentRoot}/closed/report.txt`;
      const reply = await target.ask(url + fields(TYPE, 'X-Own: yes', `X-Sendfile: ${path}`));
      assert.is(reply.status, 200);
      assert.is(reply.text, CONTENT);
      assert.match(reply.headers['content-type'] ?? '', /^text\/x-own/);
      assert.is(reply.headers['x-own'], 'yes');
      assert.is(reply.headers['content-length'], String(CONTENT.length));
      assert.is(reply.headers['x-sendfile'], undefined);
      assert.is((await target.ask('/closed/report.txt')).status, 403, 'visitors cannot ask for it');
    },
    without: NOT_HERE,
  },
  {
    name: 'a range of it, and nothing of it when it has not changed',
    perl,
    php,
    async check(target, url) {
      const path = url + fields(TYPE, `X-Sendfile: ${target.place.documentRoot}/closed/report.txt`);
      const part = await target.ask(path, { headers: { Range: 'bytes=4-8' } });
      assert.is(part.status, 206);
      assert.is(part.text, 'first');
      const { etag = '' } = part.headers;
      assert.is((await target.ask(path, { headers: { 'If-None-Match': etag } })).status, 304);
      const posted = await target.ask(path, { body: 'x' });
      assert.is(posted.text, CONTENT, 'whatever the method was');
    },
    without: NOT_HERE,
  },
  {
    name: 'a folder of XSendFilePath, by path and by address',
    perl,
    php,
    async check(target, url) {
      const path = `${target.place.documentRoot.replace(/\/[^/]*$/, '')}/files/a%20b.txt`;
      assert.is((await target.ask(url + fields(TYPE, `X-Sendfile: ${path}`))).text, CONTENT);
      assert.is(
        (await target.ask(url + fields(TYPE, 'X-Accel-Redirect: /internal/a%20b.txt'))).text,
        CONTENT,
      );
      assert.is((await target.ask(url + fields(TYPE, 'X-Accel-Redirect: /closed/report.txt'))).text, CONTENT);
    },
    without: NOT_HERE,
  },
  {
    name: 'anything else is refused, and the log says why',
    perl,
    php,
    async check(target, url) {
      const root = target.place.documentRoot;
      for (const [line, status, log] of [
        [
          'X-Sendfile: /etc/passwd',
          403,
          /X-Sendfile: \/etc\/passwd is not below DocumentRoot: .*XSendFilePath/,
        ],
        [`X-Sendfile: ${root}/../../../etc/passwd`, 403, /is not below DocumentRoot/],
        ['X-Accel-Redirect: /../etc/passwd', 403, /X-Accel-Redirect: \/\.\.\/etc\/passwd is not below/],
        [`X-Sendfile: ${root}/none`, 404, /X-Sendfile: .*\/none: not-found/],
        [`X-Sendfile: ${root}/closed`, 403, /X-Sendfile: /],
        [`X-Sendfile: ${root}/source.php`, 403, /source\.php: a name that is never served/],
      ] as const) {
        assert.is((await target.ask(url + fields(TYPE, line))).status, status, line);
        await target.logged(log);
      }
    },
    without: NOT_HERE,
  },
];
