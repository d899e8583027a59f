/** A headless Chromium of the system; playwright-core only drives it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { findProgram } from './needs.ts';

const FLAGS = [
  // Its sandbox needs namespaces that containers refuse to root; the pages are our own.
  '--no-sandbox',
  '--no-proxy-server',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP *.test 127.0.0.1, MAP *.localhost 127.0.0.1',
];

/** Longest wait for a page or an element, in ms. */
const PATIENCE = 60_000;

/** Names in `.test` and `.localhost` lead to 127.0.0.1. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findProgram('chromium') ?? 'chromium',
    args: FLAGS,
    timeout: PATIENCE,
  });
}

/** A page in a session of its own (cookies, cache), with an end to every wait. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1000, height: 760 }, ...options });
  page.setDefaultTimeout(PATIENCE);
  return page;
}

/** The width of an image itself, once it is there; rejects when it cannot be shown. A page may load images late. */
export function widthOf(image: Locator): Promise<number> {
  return image.evaluate(async (element) => {
    const shown = element as unknown as { readonly naturalWidth: number; decode(): Promise<void> };
    await shown.decode();
    return shown.naturalWidth;
  });
}

/** Keeps a picture of the page in the folder that ITKD_SCREENSHOTS names, for people to look at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['ITKD_SCREENSHOTS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
