/** Scripts as they were written before there was anything else: sh, awk, CGI.pm, gitweb. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launchBrowser, openPage, screenshot, widthOf } from '../helpers/browser.ts';
import { ask } from '../helpers/http.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { createTestServer, freshUid, type TestFile, type TestServer } from '../helpers/server.ts';

const GITWEB = '/usr/share/gitweb';
const test = suite('e2e: scripts of old');
const absent = missing({ root: true, programs: ['chromium', 'perl', 'git', 'awk'] });
const lacks =
  absent ??
  (existsSync(`${GITWEB}/gitweb.cgi`) && existsSync('/usr/share/perl5/CGI.pm')
    ? null
    : 'needs gitweb, CGI.pm');

/** A counter in the page, a date, and the query taken apart with sed: 1995. */
const COUNTER = `#!/bin/sh
COUNT=$(cat count.txt 2>/dev/null || echo 0)
COUNT=$(expr $COUNT + 1)
echo $COUNT > count.txt
NAME=$(echo "$QUERY_STRING" | sed -n 's/^.*name=\\([^&]*\\).*$/\\1/p' | sed 's/+/ /g;s/%20/ /g')
echo Content-type: text/html
echo
cat << END
<HTML><HEAD><TITLE>Welcome</TITLE></HEAD>
<BODY BGCOLOR="#C0C0C0"><H1>Hello $NAME</H1>You are visitor number <B>$COUNT</B> from $REMOTE_ADDR
<HR></BODY></HTML>
END
`;

/** A guest book: a form's body from standard input, in a file of the script's own. */
const GUESTBOOK = `#!/usr/bin/awk -f
function decode(text,   out, at) {
  gsub(/[+]/, " ", text)
  while ((at = match(text, /%[0-9A-Fa-f][0-9A-Fa-f]/)) > 0) {
    out = out substr(text, 1, at - 1) sprintf("%c", hex(substr(text, at + 1, 2)))
    text = substr(text, at + 3)
  }
  return out text
}
function hex(digits) {
  return 16 * (index("0123456789abcdef", tolower(substr(digits, 1, 1))) - 1) \\
    + index("0123456789abcdef", tolower(substr(digits, 2, 1))) - 1
}
function escaped(text) { gsub(/&/, "\\\\&amp;", text); gsub(/</, "\\\\&lt;", text); return text }
BEGIN {
  if (ENVIRON["REQUEST_METHOD"] == "POST") {
    RS = "&"
    while ((getline field < "/dev/stdin") > 0) {
      sub(/\\n$/, "", field)
      split(field, part, "=")
      value[part[1]] = decode(part[2])
    }
    print value["entry"] >> "guests.txt"
    close("guests.txt")
    print "Status: 303 See Other\\nLocation: " ENVIRON["SCRIPT_NAME"] "?thanks\\n"
    exit
  }
  print "Content-type: text/html\\n"
  print "<TITLE>Guests</TITLE><UL>"
  RS = "\\n"
  while ((getline line < "guests.txt") > 0) print "<LI>" escaped(line)
  print "</UL><FORM METHOD=POST><INPUT NAME=entry><INPUT TYPE=submit></FORM>"
}
`;

const UPLOAD = `#!/usr/bin/perl -T
use strict; use warnings; use CGI; use Digest::SHA;
my $q = CGI->new;
print $q->header(-type => 'text/html', -charset => 'utf-8', -cookie => $q->cookie(-name => 'seen', -value => 'yes'));
print $q->start_html('Upload');
if (my $handle = $q->upload('file')) {
  binmode $handle; local $/; my $bytes = <$handle>;
  print $q->p({ -id => 'got' }, $q->escapeHTML($q->param('file') . ' ' . $q->param('note') . ' ' . length($bytes)
    . ' ' . Digest::SHA::sha1_hex($bytes)));
} else {
  print $q->start_multipart_form, $q->filefield('file'), $q->textfield('note'), $q->submit, $q->end_form;
}
print $q->end_html;
`;

let server: TestServer;
let browser: Browser;
/** The repositories and gitweb's settings. */
let folder: string;

function settings(): string {
  return `our $projectroot = '${folder}';
our @stylesheets = ('/static/gitweb.css');
our $javascript = '/static/gitweb.js';
our $logo = '/static/git-logo.png';
our $favicon = '/static/git-favicon.png';
`;
}

/** A repository with two commits. */
function prepareRepository(uid: number): void {
  const work = join(folder, 'work');
  const git = (...args: string[]): void => {
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@a.test', '-c', 'init.defaultBranch=main'];
    execFileSync('git', [...identity, ...args], { env: { PATH: process.env['PATH'], HOME: folder } });
  };
  git('init', '-q', work);
  for (const subject of ['The first commit', 'The second, with <angles>'])
    git('-C', work, 'commit', '-q', '--allow-empty', '-m', subject);
  git('clone', '-q', '--bare', work, join(folder, 'project.git'));
  rmSync(work, { recursive: true });
  writeFileSync(join(folder, 'gitweb.conf'), settings());
  execFileSync('chown', ['-R', `${uid}:${uid}`, folder]);
}

if (lacks === null) {
  test.before(async () => {
    const uid = freshUid();
    folder = mkdtempSync(join(tmpdir(), 'itkd-gitweb-'));
    prepareRepository(uid);
    const script = (content: string): TestFile => ({ content, mode: 0o755 });
    const statics = readdirSync(`${GITWEB}/static`).map((name) => {
      return [`www/static/${name}`, { content: readFileSync(`${GITWEB}/static/${name}`) }] as const;
    });
    server = await createTestServer({
      sites: {
        site: {
          uid,
          files: {
            ...Object.fromEntries(statics),
            'cgi-bin/counter.sh': script(COUNTER),
            'cgi-bin/guestbook': script(GUESTBOOK),
            'cgi-bin/upload.pl': script(UPLOAD),
          },
          // Debian's gitweb is root's: CheckOwner allows that and nothing else.
          config:
            `ScriptAlias[] = /cgi-bin/ ../home/site/cgi-bin\nScriptAlias[] = /gitweb/ ${GITWEB}\n` +
            `[cgi]\nCheckOwner = off\n[env]\nGITWEB_CONFIG = ${folder}/gitweb.conf\n`,
        },
      },
    });
    browser = await launchBrowser();
  });
  test.after(async () => {
    await browser.close();
    await server.dispose();
    rmSync(folder, { recursive: true });
  });
}

testWith(test, lacks, 'a sh script with a counter in a file of its own folder', async () => {
  for (const visitor of [1, 2]) {
    const { text, headers } = await ask(
      server.port,
      'site.test',
      '/cgi-bin/counter.sh?a=b&name=Ada+Lovelace',
    );
    assert.is(headers['content-type'], 'text/html');
    assert.match(text, '<H1>Hello Ada Lovelace</H1>');
    assert.match(text, `visitor number <B>${visitor}</B> from 127.0.0.1`);
  }
});

testWith(test, lacks, 'an awk guest book: a form, a redirect after it, a file', async () => {
  const page = await openPage(browser);
  await page.goto(`http://site.test:${server.port}/cgi-bin/guestbook`);
  for (const [at, entry] of ['Grüße & <b>more</b>', 'second = 2nd; 100% sure'].entries()) {
    await page.fill('input[name=entry]', entry);
    await page.click('input[type=submit]');
    // The address is the same after the second one.
    await page.waitForURL(/\?thanks$/);
    await page.locator('li').nth(at).waitFor();
    await page.waitForLoadState();
  }
  const entries = (await page.locator('li').allTextContents()).map((text) => text.trim());
  assert.equal(entries, ['Grüße & <b>more</b>', 'second = 2nd; 100% sure']);
  await screenshot(page, 'guestbook');
  await page.close();
});

testWith(test, lacks, 'an upload through CGI.pm', async () => {
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 31) % 256));
  const page = await openPage(browser);
  await page.goto(`http://site.test:${server.port}/cgi-bin/upload.pl`);
  await page.setInputFiles('input[type=file]', {
    name: 'data.bin',
    mimeType: 'application/x-own',
    buffer: bytes,
  });
  await page.fill('input[name=note]', 'a < b');
  await page.click('input[type=submit]');
  const sha1 = createHash('sha1').update(bytes).digest('hex');
  assert.is(await page.locator('#got').textContent(), `data.bin a < b 200000 ${sha1}`);
  assert.match(await page.evaluate('document.cookie'), /seen=yes/);
  await page.close();
});

testWith(test, lacks, 'gitweb: its list, a project, a commit, with its styles and pictures', async () => {
  const page = await openPage(browser);
  await page.goto(`http://site.test:${server.port}/gitweb/gitweb.cgi`);
  await page.click('text=project.git');
  await page.waitForURL(/a=summary/);
  assert.match(await page.title(), /project\.git\/summary/);
  assert.is(await page.locator('a.subject').count(), 2);
  assert.match((await page.locator('body').textContent()) ?? '', /Ada/);
  assert.ok((await widthOf(page.locator('img.logo').first())) > 0);
  const colour = 'getComputedStyle(document.querySelector(".page_header")).backgroundColor';
  assert.is(await page.evaluate(colour), 'rgb(217, 216, 209)', 'gitweb.css is in effect');
  await screenshot(page, 'gitweb-summary');
  await page.click('a.subject:has-text("with <angles>")');
  await page.waitForURL(/a=commit/);
  assert.match(await page.title(), /commit/);
  await screenshot(page, 'gitweb-commit');
  await page.close();
});

test.run();
