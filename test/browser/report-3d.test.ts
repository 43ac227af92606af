/** The page with a surface in three dimensions, opened from disk: what its policy lets run, what it draws, in both themes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { zomma } from '../cli/support.js';
import { violations } from './axe.js';
import { chromiumPath, launch, openPage } from './chromium.js';

/** Advice on speed that the browser gives the drawing library. */
const advice = /willReadFrequently|GPU stall|GL Driver Message/;

/** How many different colours a picture has. */
async function colours(browser: Browser, png: Buffer): Promise<number> {
  const page = await browser.newPage();
  const count = await page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0);
    return new Set(new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)).size;
  }, png.toString('base64'));
  await page.close();
  return count;
}

/** Plotly's picture, when it is there. */
async function drawn(page: Page): Promise<void> {
  await page.waitForSelector('#surface-plot canvas');
  await page.waitForFunction(() => {
    const place = document.getElementById('surface-plot') as HTMLElement & {
      _fullLayout?: { scene?: { _scene?: { glplot?: { camera?: unknown } } } };
    };
    return place._fullLayout?.scene?._scene?.glplot?.camera !== undefined;
  });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

describe.skipIf(chromiumPath === undefined)('the report in three dimensions', () => {
  let browser: Browser;
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zomma-report-3d-'));
    file = join(folder, 'report.html');
    const chain = 'docs/samples/synthetic-btc-chain.json';
    expect(await zomma(['report', chain, '--html', file, '--3d'])).toMatchObject({ code: 0, err: '' });
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  it.each(['light', 'dark'] as const)('draws under its own policy, from disk alone (%s)', async (colorScheme) => {
    const { page, complaints, strangers } = await openPage(browser, { origin: 'file:', colorScheme });
    await page.goto(pathToFileURL(file).href);
    await drawn(page);
    expect(await colours(browser, await page.locator('#surface-plot').screenshot())).toBeGreaterThan(1000);
    expect(await page.locator('.missing').count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    expect([complaints.filter((text) => !advice.test(text)), strangers]).toEqual([[], []]);
    await page.context().close();
  });

  it('follows the reader from light to dark', async () => {
    const { page } = await openPage(browser, { origin: 'file:' });
    await page.goto(pathToFileURL(file).href);
    await drawn(page);
    const background = () =>
      page.evaluate(
        () =>
          (document.getElementById('surface-plot') as HTMLElement & { layout: { paper_bgcolor: string } }).layout
            .paper_bgcolor,
      );
    expect(await background()).toBe('#ffffff');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForFunction(
      () =>
        (document.getElementById('surface-plot') as HTMLElement & { layout: { paper_bgcolor: string } }).layout
          .paper_bgcolor === '#10171f',
    );
    expect(await background()).toBe('#10171f');
    await page.context().close();
  });

  it('lets no other script run', async () => {
    const { page, complaints } = await openPage(browser, { origin: 'file:' });
    await page.goto(pathToFileURL(file).href);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "run"';
      document.body.append(script);
    });
    expect(await page.title()).not.toBe('run');
    expect(complaints.some((text) => text.includes('Content Security Policy'))).toBe(true);
    await page.context().close();
  });
});
