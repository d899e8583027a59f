/** A WordPress for a site, and its use through a browser. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { installApplication } from './applications.ts';
import { ask } from './http.ts';
import type { Account } from './mariadb.ts';
import { put } from './server.ts';

export const EDITOR = { name: 'ada', password: 'correct horse battery staple 9' };

/**
 * A WordPress of the site's user, with a file that PHP runs before each script (`.user.ini`): nothing is asked of
 * other machines, which a test may not reach, and timed jobs do not depend on who looks at which page.
 * @returns the path of that file
 */
export function installWordpress(siteFolder: string, uid: number): string {
  const constants = join(siteFolder, 'constants.php');
  installApplication('wordpress', join(siteFolder, 'www'), uid);
  put(constants, "<?php define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true);\n", uid);
  put(join(siteFolder, 'www/.user.ini'), `auto_prepend_file = ${constants}\n`, uid);
  return constants;
}

/** Goes through both wizards: the one that writes wp-config.php, and the one that makes the tables. */
export async function runWizards(page: Page, base: string, account: Account, socket: string): Promise<void> {
  await page.goto(base);
  const connection = {
    dbname: account.name,
    uname: account.name,
    pwd: account.password,
    dbhost: `localhost:${socket}`,
  };
  await page.click('a.button');
  for (const [name, value] of Object.entries(connection)) await page.fill(`[name=${name}]`, value);
  await page.click('[name=submit]');
  await page.click('a.button');
  await page.fill('#weblog_title', `Blog ${account.name}`);
  await page.fill('#user_login', EDITOR.name);
  await page.fill('#pass1', EDITOR.password);
  await page.fill('#admin_email', 'ada@blog.test');
  await page.click('#submit');
  await page.locator('text=WordPress has been installed').waitFor();
}

/** As `runWizards`, without a browser. @param host name and port, which become the blog's address */
export async function installByForms(
  host: string,
  port: number,
  account: Account,
  socket: string,
): Promise<void> {
  const post = async (
    path: string,
    fields: Readonly<Record<string, string>>,
    done: RegExp,
  ): Promise<void> => {
    const { text } = await ask(port, host, path, {
      body: new URLSearchParams(fields).toString(),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    if (!done.test(text)) throw new Error(`${path}: ${text}`);
  };
  const { name, password } = account;
  const connection = {
    dbname: name,
    uname: name,
    pwd: password,
    dbhost: `localhost:${socket}`,
    prefix: 'wp_',
  };
  await post('/wp-admin/setup-config.php?step=2', connection, /Run the installation/);
  const answers = {
    weblog_title: `Blog ${name}`,
    user_name: EDITOR.name,
    admin_password: EDITOR.password,
    admin_password2: EDITOR.password,
    admin_email: 'ada@blog.test',
    blog_public: '1',
  };
  await post('/wp-admin/install.php?step=2', answers, /WordPress has been installed/);
}

/** Logs in without a browser. @returns the session, as a value of Cookie */
export async function logInByForm(host: string, port: number): Promise<string> {
  const { headers } = await ask(port, host, '/wp-login.php', {
    body: new URLSearchParams({ log: EDITOR.name, pwd: EDITOR.password }).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  return (headers['set-cookie'] ?? []).map((cookie) => cookie.split(';', 1)[0]).join('; ');
}

export async function logIn(page: Page, base: string): Promise<void> {
  await page.goto(`${base}/wp-login.php`);
  await page.fill('#user_login', EDITOR.name);
  await page.fill('#user_pass', EDITOR.password);
  await page.click('#wp-submit');
  await page.locator('#wpadminbar').waitFor();
}

/** Addresses without `?p=`: what is not a file is asked of index.php (FallbackResource). */
export async function usePermalinks(page: Page, base: string): Promise<void> {
  await page.goto(`${base}/wp-admin/options-permalink.php`);
  await page.check('#custom_selection');
  await page.fill('#permalink_structure', '/%year%/%postname%/');
  await page.click('#submit');
  await page.locator('#setting-error-settings_updated').waitFor();
}

/** Uploads through the media library's script and waits until its editor offers it. */
export async function uploadImage(page: Page, base: string, name: string, content: Buffer): Promise<void> {
  await page.goto(`${base}/wp-admin/media-new.php`);
  await page.setInputFiles('input[type=file][multiple]', { name, mimeType: 'image/png', buffer: content });
  await page.locator('#media-items a.edit-attachment').waitFor();
}

/** Writes in the block editor (its requests are PUT and POST of JSON to /wp-json/) and publishes. */
export async function publish(page: Page, base: string, title: string, paragraph: string): Promise<void> {
  await page.goto(`${base}/wp-admin/post-new.php`);
  const welcome = page.locator('.components-modal__frame [aria-label="Close dialog"]');
  await page.locator('.editor-post-title__input').waitFor();
  await welcome.click();
  await page.locator('.editor-post-title__input').pressSequentially(title);
  await page.keyboard.press('Enter');
  await page.keyboard.type(paragraph);
  await page.click('.editor-post-publish-panel__toggle');
  await page.click('.editor-post-publish-button');
  await page.locator('.post-publish-panel__postpublish-header').waitFor();
}
