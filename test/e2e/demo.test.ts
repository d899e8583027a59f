/** What `npm start` serves: two sites, each as its own user; without root both as the one who started it. */
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launchBrowser, openPage, screenshot } from '../helpers/browser.ts';
import { CHECKOUT, type Demo, installTo, startDemo } from '../helpers/demo.ts';
import { ask } from '../helpers/http.ts';
import { findProgram, isRoot, missing, testWith } from '../helpers/needs.ts';
import { descendants, isThere } from '../helpers/processes.ts';
import { freshUid } from '../helpers/server.ts';

const SITES = ['blue', 'green'] as const;
type Site = (typeof SITES)[number];

/** As conf/demo says; without root they do not apply. */
const UIDS: Readonly<Record<Site, number>> = { blue: 61001, green: 61002 };

const test = suite('the demo');
const phpMissing = missing({ programs: ['php-cgi'] });
const rootMissing = missing({ root: true, programs: ['php-cgi'] });
const browserMissing = missing({ programs: ['php-cgi', 'chromium'] });

let root = '';
let demo: Demo;

const uidOf = (site: Site): number => (isRoot ? UIDS[site] : (process.getuid?.() ?? 0));

test.before(async () => {
  root = mkdtempSync(join(tmpdir(), 'itkd-e2e-demo-'));
  chmodSync(root, 0o711);
  const temporary = join(root, 'tmp');
  mkdirSync(temporary, { mode: 0o711 });
  demo = await startDemo([], CHECKOUT, temporary);
});

test.after(async () => {
  await demo.end();
  rmSync(root, { recursive: true, force: true });
});

for (const site of SITES) {
  testWith(test, phpMissing, `${site}: PHP and CGI run as its own user`, async () => {
    const page = await ask(demo.port, `${site}.localhost`, '/');
    assert.is(page.status, 200);
    assert.match(page.text, `This page runs as <b>uid ${uidOf(site)}</b>`);
    assert.is(page.text.includes('without root'), !isRoot);
    const script = await ask(demo.port, `${site}.localhost`, '/cgi-bin/who.cgi');
    assert.is(script.status, 200);
    assert.match(script.text, `CGI runs as uid ${uidOf(site)}, gid `);
  });

  test(`${site}: a file that only its user may read is served`, async () => {
    const file = lstatSync(join(demo.folder, 'www', site, 'private.txt'));
    assert.is(file.mode & 0o777, 0o600);
    assert.is(file.uid, uidOf(site));
    const answer = await ask(demo.port, `${site}.localhost`, '/private.txt');
    assert.is(answer.status, 200);
    assert.match(answer.text, 'mode 0600');
  });

  testWith(test, phpMissing, `${site}: the guestbook writes files of the site's user`, async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const body = 'author=A+%3Cb%3E&text=Written+by+a+test';
    const posted = await ask(demo.port, `${site}.localhost`, '/guestbook.php', { headers, body });
    assert.is(posted.status, 303);
    const book = await ask(demo.port, `${site}.localhost`, posted.headers.location ?? '');
    assert.match(book.text, 'Written by a test');
    assert.match(book.text, 'A &lt;b&gt;');
    const folder = join(demo.folder, 'www', site, 'entries');
    const files = ['.', ...readdirSync(folder)].map((name) => lstatSync(join(folder, name)));
    assert.ok(files.length > 1);
    assert.ok(files.every(({ uid }) => uid === uidOf(site)));
  });
}

testWith(test, rootMissing, "a symlink to the other site's private file is refused", async () => {
  const target = join(demo.folder, 'www/green/private.txt');
  symlinkSync(target, join(demo.folder, 'www/blue/stolen.txt'));
  const answer = await ask(demo.port, 'blue.localhost', '/stolen.txt');
  assert.ok([403, 404].includes(answer.status), `status ${answer.status}`);
  assert.not.match(answer.text, 'mode 0600');
});

testWith(test, browserMissing, 'both pages and the guestbook work in a browser', async () => {
  const browser = await launchBrowser();
  try {
    for (const site of SITES) {
      const page = await openPage(browser);
      const broken: string[] = [];
      page.on('pageerror', (error) => broken.push(error.message));
      await page.goto(`http://${site}.localhost:${demo.port}/`);
      assert.match(await page.innerText('.lead'), `uid ${uidOf(site)}`);
      await screenshot(page, `demo-${site}`);
      await page.click('text=the guestbook');
      await page.fill('[name=author]', 'Ada');
      await page.fill('[name=text]', `Grüße to ${site}\nfrom Chromium`);
      await page.click('button');
      await page.locator('article', { hasText: 'from Chromium' }).waitFor();
      const entry = page.locator('article').first();
      assert.match(await entry.innerText(), `Grüße to ${site}\nfrom Chromium`);
      assert.match(await entry.innerText(), `uid ${uidOf(site)}`);
      await screenshot(page, `demo-${site}-guestbook`);
      assert.equal(broken, []);
      await page.close();
    }
  } finally {
    await browser.close();
  }
});

// Tests run by somebody else are already without root.
const setprivMissing = missing({ root: true, programs: ['php-cgi', 'setpriv'] });
testWith(test, setprivMissing, 'started without root, both sites run as whoever started it', async () => {
  const uid = freshUid();
  const installed = join(root, 'installed');
  const temporary = join(root, 'tmp-of-user');
  for (const folder of [installed, temporary]) mkdirSync(folder, { mode: 0o755 });
  installTo(installed);
  chownSync(temporary, uid, uid);
  const setpriv = [findProgram('setpriv') ?? '', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  const own = await startDemo(setpriv, installed, temporary);
  try {
    for (const site of SITES) {
      const page = await ask(own.port, `${site}.localhost`, '/');
      assert.match(page.text, `This page runs as <b>uid ${uid}</b>`);
      assert.match(page.text, 'itkd was started without root: both sites run as you.');
      const script = await ask(own.port, `${site}.localhost`, '/cgi-bin/who.cgi');
      assert.match(script.text, `CGI runs as uid ${uid}, gid ${uid}`);
      assert.is((await ask(own.port, `${site}.localhost`, '/private.txt')).status, 200);
    }
  } finally {
    assert.is(await own.end(), 0, own.output());
  }
  assert.equal(readdirSync(temporary), [], 'its copy is gone');
});

test('stopped, it leaves nothing behind', async () => {
  const processes = descendants(demo.pid);
  assert.ok(processes.length > 2, 'itkd, its itk and its fronts');
  assert.is(await demo.end(), 0, demo.output());
  assert.equal(readdirSync(join(root, 'tmp')), []);
  assert.equal(processes.filter(isThere), []);
});

test.run();
