/** Adminer, as two sites of two users: a table is made, filled and shown in a MariaDB. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applicationsMissing, installApplication } from '../helpers/applications.ts';
import { launchBrowser, openPage, screenshot } from '../helpers/browser.ts';
import { type MariaDb, startMariaDb } from '../helpers/mariadb.ts';
import { missing, testWith } from '../helpers/needs.ts';
import { createTestServer, type TestServer } from '../helpers/server.ts';

/** A site, and an account of the database, for each life that a PHP process can have. */
const LIFETIMES = ['connection', 'pool'] as const;
const PASSWORD = 'pass: word';

const test = suite('Adminer');
const reason = missing({ root: true, programs: ['php-cgi', 'chromium'] }) ?? applicationsMissing();

let database: MariaDb;
let server: TestServer;
let browser: Browser;

test.before(async () => {
  if (reason !== null) return;
  database = await startMariaDb(LIFETIMES.map((name) => ({ name, password: PASSWORD })));
  const config = (lifetime: string): string =>
    `Umask = 027\n[php]\nLifetime = ${lifetime}\nMaxChildren = 4\n`;
  server = await createTestServer({
    sites: Object.fromEntries(LIFETIMES.map((lifetime) => [lifetime, { config: config(lifetime) }])),
  });
  for (const id of LIFETIMES) {
    installApplication('adminer', join(server.site(id), 'www'), server.uids[id] ?? 0);
  }
  browser = await launchBrowser();
});

test.after(async () => {
  await browser?.close();
  await server?.dispose();
  await database?.dispose();
});

for (const id of LIFETIMES) {
  testWith(
    test,
    reason,
    `Lifetime = ${id}: logged in, a table is made, and a row is put in and shown`,
    async () => {
      const page = await openPage(browser);
      const failed: string[] = [];
      page.on('response', (response) => {
        if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`);
      });
      await page.goto(`http://${id}.test:${server.port}/`);
      await page.fill('[name="auth[server]"]', `localhost:${database.socket}`);
      await page.fill('[name="auth[username]"]', id);
      await page.fill('[name="auth[password]"]', 'wrong');
      await page.click('input[type=submit]');
      await page.locator('.error').waitFor();
      await page.waitForLoadState('load');
      assert.match(failed.splice(0).join(' '), /^403 \S+$/);
      await page.fill('[name="auth[password]"]', PASSWORD);
      await page.click('input[type=submit]');
      await page.locator('#logout').waitFor();
      await page.waitForLoadState('load');

      await page.goto(`${page.url()}&db=${id}&create=`);
      await page.fill('#form [name=name]', 'words');
      // Its script adds a row to the form while the last one is being filled.
      const rows = page.locator('#edit-fields tbody tr');
      await page.locator('[name="fields[1][field]"]').pressSequentially('id');
      await rows.first().locator('[name=auto_increment_col]').check();
      await rows.nth(1).locator('[name$="[field]"]').pressSequentially('word');
      await rows.nth(1).locator('select[name$="[type]"]').selectOption('varchar');
      await rows.nth(1).locator('[name$="[length]"]').fill('40');
      await page.click('#form input[type=submit][value=Save]');
      await page.locator('.message').waitFor();
      await page.waitForLoadState('load');
      await screenshot(page, `adminer-${id}-table`);

      await page.click('text=New item');
      await page.fill('[name="fields[word]"]', `Grüße, <b>${id}</b>`);
      await page.click('input[type=submit][value=Save]');
      await page.locator('.message').waitFor();
      // Adminer sends the message before the rows.
      await page.waitForLoadState('load');
      assert.match(await page.innerText('#table'), `Grüße, <b>${id}</b>`);
      await screenshot(page, `adminer-${id}-row`);

      await page.click('#logout');
      await page.locator('[name="auth[password]"]').waitFor();
      assert.equal(failed, []);
      await page.context().close();
    },
  );

  testWith(test, reason, `Lifetime = ${id}: its files stay the site's user's`, () => {
    const { uid, gid } = lstatSync(join(server.site(id), 'www/index.php'));
    assert.equal([uid, gid], [server.uids[id], server.uids[id]]);
  });
}

testWith(test, reason, 'the error log says nothing', () => {
  const lines = server
    .log()
    .split('\n')
    .filter((line) => line !== '' && !/^\S+ \[(debug|info)\]/.test(line));
  assert.equal(lines, []);
});

test.run();
