/** WordPress with a MariaDB, as two sites of two users: installed, written in, with an image, browsed by strangers. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applicationsMissing, gdExtension } from '../helpers/applications.ts';
import { launchBrowser, openPage, screenshot } from '../helpers/browser.ts';
import { ask } from '../helpers/http.ts';
import { linesBeside } from '../helpers/log-lines.ts';
import { type MariaDb, startMariaDb } from '../helpers/mariadb.ts';
import { findProgram, missing, testWith } from '../helpers/needs.ts';
import { createTestServer, type TestServer } from '../helpers/server.ts';
import {
  installWordpress,
  logIn,
  publish,
  runWizards,
  uploadImage,
  usePermalinks,
} from '../helpers/wordpress.ts';

/** A site, and an account of the database, for each life that a PHP process can have. */
const LIFETIMES = ['connection', 'pool'] as const;
const PASSWORD = 'it\'s $a "password"';

/** Warnings of Debian's change to the wizard under PHP 8. */
const EXPECTED = [
  /^\S+ \[(debug|info)\]/,
  /PHP Warning: {2}Undefined variable \$upload_\w+ in \S+\/install\.php/,
];

const test = suite('WordPress');
const reason = missing({ root: true, programs: ['php-cgi', 'chromium'] }) ?? applicationsMissing();

let database: MariaDb;
let server: TestServer;
let browser: Browser;

test.before(async () => {
  if (reason !== null) return;
  database = await startMariaDb(LIFETIMES.map((name) => ({ name, password: PASSWORD })));
  const gd = gdExtension(database.programs);
  const extension = gd === null ? '' : `extension = ${gd}\n`;
  const config = (lifetime: string): string =>
    `Umask = 027\nFallbackResource = /index.php\n[php]\nLifetime = ${lifetime}\nMaxChildren = 4\n` +
    `[php.admin_value]\nsendmail_path = ${findProgram('true')}\n${extension}`;
  server = await createTestServer({
    sites: Object.fromEntries(LIFETIMES.map((lifetime) => [lifetime, { config: config(lifetime) }])),
  });
  for (const id of LIFETIMES) installWordpress(server.site(id), server.uids[id] ?? 0);
  browser = await launchBrowser();
});

test.after(async () => {
  await browser?.close();
  await server?.dispose();
  await database?.dispose();
});

/** Everything below a folder. */
function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return [path, ...(entry.isDirectory() ? walk(path) : [])];
  });
}

/** What a page asked for and did not get. */
function watch(page: Page): string[] {
  const failed: string[] = [];
  page.on('pageerror', (error) => failed.push(error.message));
  page.on('response', (response) => {
    if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`);
  });
  return failed;
}

for (const id of LIFETIMES) {
  const site = `${id}.test`;
  const base = (): string => `http://${site}:${server.port}`;
  let picture: Buffer;

  testWith(
    test,
    reason,
    `Lifetime = ${id}: its wizards install it, a post and an image are added`,
    async () => {
      const page = await openPage(browser);
      const failed = watch(page);
      await runWizards(page, base(), { name: id, password: PASSWORD }, database.socket);
      await logIn(page, base());
      await screenshot(page, `wordpress-${id}-dashboard`);
      picture = await page.screenshot();
      await usePermalinks(page, base());
      await uploadImage(page, base(), 'picture.png', picture);
      await screenshot(page, `wordpress-${id}-media`);
      await publish(page, base(), `Hello ${id}`, 'Grüße & <b>words</b>.');
      await screenshot(page, `wordpress-${id}-editor`);
      assert.equal(failed, []);
      await page.context().close();
    },
  );

  testWith(test, reason, `Lifetime = ${id}: strangers browse it by its permalinks`, async () => {
    const page = await openPage(browser);
    const failed = watch(page);
    await page.goto(`${base()}/`);
    await page.click(`h2 >> text=Hello ${id}`);
    await page.waitForURL(new RegExp(`/20\\d\\d/hello-${id}/$`));
    await page.waitForLoadState('load');
    assert.match(await page.innerText('.entry-content'), 'Grüße & <b>words</b>.');
    await screenshot(page, `wordpress-${id}-post`);
    assert.equal(failed, []);
    assert.is((await page.goto(`${base()}/2001/no-such-post/`))?.status(), 404);
    assert.match(await page.innerText('body'), /be found/);
    await page.context().close();
  });

  testWith(
    test,
    reason,
    `Lifetime = ${id}: the upload is served as it was, and smaller copies of it are made`,
    async () => {
      const uploads = join(server.site(id), 'www/wp-content/uploads');
      const names = walk(uploads).filter((path) => path.endsWith('.png'));
      const original = names.find((path) => path.endsWith('/picture.png')) ?? '';
      const whole = await ask(server.port, site, original.slice(join(server.site(id), 'www').length));
      assert.is(whole.headers['content-type'], 'image/png');
      assert.ok(whole.body.equals(picture));
      assert.ok(
        names.some((path) => path.endsWith('/picture-150x150.png')),
        names.join(' '),
      );
    },
  );

  testWith(test, reason, `Lifetime = ${id}: everything in it belongs to the site's user`, () => {
    const folder = join(server.site(id), 'www');
    const paths = walk(folder);
    assert.ok(paths.includes(join(folder, 'wp-config.php')));
    const strangers = paths.filter((path) => {
      const { uid, gid } = lstatSync(path);
      return uid !== server.uids[id] || gid !== server.uids[id];
    });
    assert.equal(strangers, []);
  });
}

testWith(test, reason, 'the error log says nothing else', () => {
  assert.equal(linesBeside(server.log(), EXPECTED), []);
});

test.run();
