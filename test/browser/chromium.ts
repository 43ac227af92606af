/** The system's Chromium, driven by playwright-core: nothing is downloaded, and nothing but the pages under test is opened. */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Undefined where there is none: the tests are skipped. CHROME_PATH names one elsewhere. */
export const chromiumPath = [process.env['CHROME_PATH'], ...PLACES].find(
  (path) => path !== undefined && path !== '' && existsSync(path),
);

export const withoutChromium =
  chromiumPath === undefined ? `skipped: no Chromium at ${PLACES.join(', ')} or CHROME_PATH` : '';
if (withoutChromium !== '') process.stderr.write(`${withoutChromium}\n`);

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath!,
    // The sandbox of Chromium does not start as root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

export interface Watched {
  page: Page;
  /** Errors of the console, uncaught exceptions, and what was blocked. */
  complaints: string[];
  /** Requests to other hosts than the page's own. */
  strangers: string[];
}

export interface PageOptions {
  /** What the page may load from, 'http://127.0.0.1:1234' or 'file:'. */
  origin: string;
  colorScheme?: 'light' | 'dark';
}

/** A page of its own context whose every complaint and every request elsewhere is kept. */
export async function openPage(browser: Browser, { origin, colorScheme = 'light' }: PageOptions): Promise<Watched> {
  const context = await browser.newContext({ colorScheme, viewport: { width: 1400, height: 1000 } });
  // A machine may be slow: what never comes ends with the test.
  context.setDefaultTimeout(0);
  const page = await context.newPage();
  const complaints: string[] = [];
  const strangers: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith('data:') && !url.startsWith('blob:')) strangers.push(url);
  });
  return { page, complaints, strangers };
}
