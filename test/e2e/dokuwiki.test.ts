/** A real application, as two sites of two users: installed, logged into, edited, with uploads. */
import { randomBytes } from 'node:crypto';
import { type Dirent, lstatSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launchBrowser, openPage, screenshot, widthOf } from '../helpers/browser.ts';
import {
  DOKUWIKI,
  dokuwikiMissing,
  editPage,
  installDokuwiki,
  logIn,
  runWizard,
  upload,
} from '../helpers/dokuwiki.ts';
import { ask } from '../helpers/http.ts';
import { linesBeside } from '../helpers/log-lines.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { createTestServer, type TestServer } from '../helpers/server.ts';

/** A site for each life that a PHP process can have. */
const LIFETIMES = ['connection', 'pool'] as const;

/** What is refused, DokuWiki's own .htaccess, and a warning of DokuWiki's code under PHP 8. */
const EXPECTED = [
  /^\S+ \[(debug|info)\]/,
  /\[error\] \[\w+\] 403 \S+\/www\/(data|conf|inc|vendor): closed by \.htaccess$/,
  /\[error\] \[\w+\] 403 \S+\/www\/lib\/stolen: the site's user may not read it$/,
  /\[warn\] \[\w+\] \S+\/www\/\.htaccess is not read: /,
  /PHP Warning: {2}Undefined variable \$fullscreen in \S+\/mediamanager\.php/,
];

const test = suite('DokuWiki');
const reason = missing({ root: true, programs: ['php-cgi', 'chromium'] }) ?? dokuwikiMissing();

let server: TestServer;
let browser: Browser;

test.before(async () => {
  if (reason !== null) return;
  const config = (lifetime: string): string =>
    `Umask = 027\n[php]\nLifetime = ${lifetime}\nMaxChildren = 4\n`;
  server = await createTestServer({
    sites: Object.fromEntries(LIFETIMES.map((lifetime) => [lifetime, { config: config(lifetime) }])),
  });
  for (const id of LIFETIMES) installDokuwiki(join(server.site(id), 'www'), server.uids[id] ?? 0);
  browser = await launchBrowser();
});

test.after(async () => {
  await browser?.close();
  await server?.dispose();
});

/** DokuWiki's administrators see whether data/ is closed by this picture in it: it must not load. */
const WARNING = /\/data\/dont-panic-if-you-see-this/;

/** None in a folder that has gone: DokuWiki's indexer, which runs behind a page, makes and removes them as locks. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** What is below a site's folder and not, or not the same, in the copy it began with. */
function written(folder: string, below = ''): string[] {
  return entriesOf(join(folder, below)).flatMap((entry) => {
    const path = join(below, entry.name);
    const before = lstatSync(join(DOKUWIKI, path), { throwIfNoEntry: false });
    const now = lstatSync(join(folder, path), { throwIfNoEntry: false });
    if (now === undefined) return [];
    return [
      ...(before?.mtimeMs === now.mtimeMs ? [] : [path]),
      ...(entry.isDirectory() ? written(folder, path) : []),
    ];
  });
}

for (const id of LIFETIMES) {
  const site = `${id}.test`;
  const base = (): string => `http://${site}:${server.port}`;
  let picture: Buffer;
  const archive = randomBytes(1_500_000);

  testWith(
    test,
    reason,
    `Lifetime = ${id}: the wizard installs it, a page is edited and viewed`,
    async () => {
      const page = await openPage(browser);
      const failed: string[] = [];
      page.on('pageerror', (error) => failed.push(error.message));
      page.on('response', (response) => {
        const expected = WARNING.test(response.url()) ? response.status() === 403 : response.status() < 400;
        if (!expected) failed.push(`${response.status()} ${response.url()}`);
      });
      await runWizard(page, base(), `Wiki ${id}`);
      await screenshot(page, `dokuwiki-${id}-wizard`);
      await logIn(page, base());
      await editPage(page, base(), 'start', `====== Hello ${id} ======\n\nGrüße, **bold** words.\n`);
      assert.match(await page.innerText('.page'), 'Grüße, bold words.');
      assert.is(await page.innerText('.page strong'), 'bold');
      picture = await page.screenshot();
      await upload(page, base(), 'picture.png', picture);
      await screenshot(page, `dokuwiki-${id}-media`);
      await editPage(page, base(), 'pictures', '====== Pictures ======\n\n{{:picture.png}}\n\n[[start]]\n');
      await page.waitForLoadState('load');
      const width = await widthOf(page.locator('.page img.media'));
      assert.is(width, 1000, 'the picture that was uploaded is shown');
      await screenshot(page, `dokuwiki-${id}-page`);
      assert.equal(failed, []);
      await page.context().close();
    },
  );

  testWith(
    test,
    reason,
    `Lifetime = ${id}: a file arrives through a plain form (multipart) too`,
    async () => {
      const page = await openPage(browser, { javaScriptEnabled: false });
      await logIn(page, base());
      await upload(page, base(), 'archive.zip', archive);
      await page.context().close();
    },
  );

  testWith(test, reason, `Lifetime = ${id}: uploads come back byte for byte, by ranges too`, async () => {
    const files = { 'picture.png': picture, 'archive.zip': archive };
    for (const [name, content] of Object.entries(files)) {
      const path = `/lib/exe/fetch.php?media=${name}`;
      const whole = await ask(server.port, site, path);
      assert.is(whole.status, 200);
      assert.ok(whole.body.equals(content), name);
      const part = await ask(server.port, site, path, { headers: { Range: 'bytes=1000-1999' } });
      assert.is(part.status, 206);
      assert.ok(part.body.equals(content.subarray(1000, 2000)), `${name}, a range`);
    }
  });

  testWith(test, reason, `Lifetime = ${id}: what it wrote belongs to the site's user`, () => {
    const folder = join(server.site(id), 'www');
    const paths = written(folder);
    for (const path of [
      'conf/local.php',
      'conf/users.auth.php',
      'data/pages/start.txt',
      'data/media/archive.zip',
    ]) {
      assert.ok(paths.includes(path), path);
    }
    const strangers = paths.filter((path) => {
      const found = lstatSync(join(folder, path), { throwIfNoEntry: false });
      return found !== undefined && (found.uid !== server.uids[id] || found.gid !== server.uids[id]);
    });
    assert.equal(strangers, []);
  });

  testWith(test, reason, `Lifetime = ${id}: folders that its .htaccess files close are closed`, async () => {
    for (const path of [
      '/data/pages/start.txt',
      '/conf/users.auth.php',
      '/conf/mime.conf',
      '/inc/init.php',
      '/vendor/',
    ]) {
      const { status } = await ask(server.port, site, path);
      assert.is(status, 403, path);
    }
    assert.is((await ask(server.port, site, '/lib/tpl/dokuwiki/images/favicon.ico')).status, 200);
  });
}

testWith(test, reason, 'neither wiki was written to, or is readable, by the other', async () => {
  const [one, other] = LIFETIMES;
  symlinkSync(join(server.site(other), 'www/data/pages'), join(server.site(one), 'www/lib/stolen'));
  const { status } = await ask(server.port, `${one}.test`, '/lib/stolen/start.txt');
  assert.ok([403, 404].includes(status), `status ${status}`);
  const { text } = await ask(server.port, `${other}.test`, '/doku.php?id=start');
  assert.match(text, `Hello ${other}`);
  assert.not.match(text, `Hello ${one}`);
});

testWith(test, reason, 'the error log says nothing but what was refused', () => {
  assert.equal(linesBeside(server.log(), EXPECTED), []);
});

test.run();
