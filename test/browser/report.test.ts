/** The HTML report of the bundled chain and account, as `npm start` writes it, opened from disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { zomma } from '../cli/support.js';
import { violations } from './axe.js';
import { chromiumPath, launch, openPage } from './chromium.js';

describe.skipIf(chromiumPath === undefined)('the report', () => {
  let browser: Browser;
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zomma-report-'));
    file = join(folder, 'report.html');
    const chain = ['docs/samples/synthetic-btc-chain.json', '--fx', 'USDC/USD=1', '--html', file];
    const book = ['--positions', 'docs/examples/coin-positions.json', '--account', 'docs/examples/coin-account.json'];
    expect(await zomma(['report', ...chain, ...book])).toMatchObject({ code: 0, err: '' });
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  it.each(['light', 'dark'] as const)('opens from disk, complete, and keeps nobody out (%s)', async (colorScheme) => {
    const { page, complaints, strangers } = await openPage(browser, { origin: 'file:', colorScheme });
    await page.goto(pathToFileURL(file).href);
    const pictures = page.locator('figure svg');
    expect(await pictures.count()).toBeGreaterThan(5);
    for (const picture of await pictures.all()) {
      const longest = await picture.evaluate((svg) =>
        Math.max(...[...svg.querySelectorAll('path')].map((path) => path.getTotalLength())),
      );
      expect(longest).toBeGreaterThan(100);
    }
    expect(await violations(page)).toEqual([]);
    expect([complaints, strangers]).toEqual([[], []]);
    await page.context().close();
  });
});
