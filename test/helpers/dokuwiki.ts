/** A DokuWiki for a site, and its use through a browser. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

/** Made by scripts/fetch-dokuwiki.sh. */
export const DOKUWIKI = fileURLToPath(new URL('../../.cache/dokuwiki', import.meta.url));

/** Why there is no DokuWiki here, or null. */
export function dokuwikiMissing(): string | null {
  const modules = spawnSync('php-cgi', ['-q', '-m'], { encoding: 'utf8' }).stdout ?? '';
  const ready = /^xml$/im.test(modules) && existsSync(`${DOKUWIKI}/doku.php`);
  return ready ? null : 'needs scripts/fetch-dokuwiki.sh to have been run';
}

/** Copies it to where a site's documents are, as its user's own and readable by nobody else. */
export function installDokuwiki(documentRoot: string, uid: number): void {
  const script = 'cp -a "$1/." "$2/" && chown -R "$3:$3" "$2" && chmod 0700 "$2"';
  const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', DOKUWIKI, documentRoot, String(uid)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`DokuWiki is not copied: ${stderr}`);
}

export const ADMIN = { name: 'ada', password: 'correct horse battery' };

/** Goes through the wizard: an open wiki (all may read and write) with one administrator. */
export async function runWizard(page: Page, base: string, title: string): Promise<void> {
  await page.goto(`${base}/install.php`);
  const answers = {
    title,
    superuser: ADMIN.name,
    fullname: 'Ada L.',
    email: 'ada@wiki.test',
    password: ADMIN.password,
    confirm: ADMIN.password,
  };
  for (const [name, value] of Object.entries(answers)) await page.fill(`[name="d[${name}]"]`, value);
  await page.uncheck('[name="d[pop]"]');
  await page.check('#lic_cc-by-sa');
  await page.click('button[name=submit]');
  await page.locator('text=The configuration was finished successfully').waitFor();
}

export async function logIn(page: Page, base: string): Promise<void> {
  await page.goto(`${base}/doku.php?id=start&do=login`);
  await page.fill('#dw__login [name=u]', ADMIN.name);
  await page.fill('#dw__login [name=p]', ADMIN.password);
  await page.click('#dw__login button[type=submit]');
  await page.locator('text=Logged in as').waitFor();
}

/** Writes a page in the editor and waits until it is shown. */
export async function editPage(page: Page, base: string, id: string, wikiText: string): Promise<void> {
  await page.goto(`${base}/doku.php?id=${id}&do=edit`);
  await page.fill('textarea[name=wikitext]', wikiText);
  await page.click('[name="do[save]"]');
  await page.locator('.mode_show .page h1').waitFor();
  await page.waitForLoadState('load');
}

/** Uploads through the media manager: by its script (the file is the request's body), or by the plain form. */
export async function upload(page: Page, base: string, name: string, content: Buffer): Promise<void> {
  const file = { name, mimeType: 'application/octet-stream', buffer: content };
  await page.goto(`${base}/lib/exe/mediamanager.php?ns=`);
  await page.setInputFiles('input[type=file]', file);
  await page.click('#mediamanager__upload_button, #dw__upload button[type=submit]');
  await page.locator('.qq-upload-success, div.success').waitFor();
}
