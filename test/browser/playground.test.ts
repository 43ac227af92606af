/** The playground in Chromium: every part of it used as a person would, nothing asked of another host, no complaint in the console. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { violations } from './axe.js';
import { chromiumPath, launch, openPage } from './chromium.js';
import type { Watched } from './chromium.js';
import { pixelsOf } from './pixels.js';
import { serve } from './serve.js';
import type { Served } from './serve.js';

const root = join(import.meta.dirname, '../../docs/playground');
const samples = join(import.meta.dirname, '../../docs/samples');

describe.skipIf(chromiumPath === undefined)('the playground', () => {
  let browser: Browser;
  let served: Served;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    served = await serve(root, { configFile: join(root, 'vite.config.ts') });
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
  });

  const open = async (colorScheme: 'light' | 'dark' = 'light'): Promise<void> => {
    watched = await openPage(browser, { origin: served.origin, colorScheme });
    page = watched.page;
    await page.goto(served.origin);
    await fitted();
  };
  /** A surface is shown that is not one of a drag. */
  const fitted = (): Promise<unknown> =>
    page.waitForFunction(() => /^\d+ of \d+ expiries fitted/.test(document.getElementById('status')!.textContent));
  const text = async (selector: string): Promise<string> => (await page.textContent(selector)) ?? '';
  /** The fitted curve of the smile that is edited, as it is drawn. */
  const curve = (): Promise<string> =>
    page.evaluate(() => {
      const paths = [...document.querySelectorAll<SVGPathElement>('#smile svg path[fill="none"]')];
      return paths.map((path) => path.getAttribute('d')!).reduce((a, b) => (b.length > a.length ? b : a));
    });
  const drop = async (name: string, content: string): Promise<void> => {
    await page.evaluate(
      ([fileName, data]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([data!], fileName!));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      },
      [name, content],
    );
  };
  const add = async (instrument: string, quantity: number): Promise<void> => {
    await page.fill('#instrument', instrument);
    await page.fill('#quantity', String(quantity));
    await page.press('#quantity', 'Enter');
  };

  beforeEach(() => open());
  afterEach(async () => {
    expect(watched.complaints).toEqual([]);
    expect(watched.strangers).toEqual([]);
    await page.context().close();
  });

  it('shows the bundled chain at once, every picture drawn', async () => {
    expect(await text('#status')).toBe('12 of 12 expiries fitted, proved free of arbitrage.');
    for (const id of ['smile', 'smiles', 'surface', 'term', 'variance', 'density']) {
      const longest = await page.evaluate((chart) => {
        const paths = [...document.querySelectorAll<SVGPathElement>(`#${chart} svg path`)];
        return Math.max(...paths.map((path) => path.getTotalLength()));
      }, id);
      expect(longest, id).toBeGreaterThan(150);
    }
    expect(await page.locator('#certificates tbody tr').count()).toBe(12);
    expect(await text('#certificates')).not.toMatch(/refuted|undecided/);
    // The fitted curve, as the screen shows it.
    expect(await pixelsOf(page, await page.locator('#smile').screenshot(), [194, 65, 12])).toBeGreaterThan(300);
    expect(await pixelsOf(page, await page.locator('#facts').screenshot(), [194, 65, 12])).toBe(0);
  });

  it('draws the surface in three dimensions when asked, and anew with every fit', async () => {
    await page.click('#draw-solid');
    await page.waitForSelector('#solid canvas');
    expect(await page.isVisible('#draw-solid')).toBe(false);
    await page.selectOption('#model', 'essvi');
    await page.waitForFunction(() => document.querySelector('#fits thead')!.textContent.includes('theta'));
    await fitted();
    expect(await page.locator('#solid canvas').count()).toBeGreaterThan(0);
    expect(await violations(page)).toEqual([]);
  });

  it('reads a file that is dropped, and says what is no file of quotes', async () => {
    await drop('index.csv', readFileSync(join(samples, 'synthetic-index-chain.csv'), 'utf8'));
    await page.waitForFunction(() => document.getElementById('facts')!.textContent.includes('index.csv'));
    await fitted();
    expect(await text('#facts')).toContain('cboe');
    expect(await text('#cash-currency')).toBe('USD');
    const said = await text('#status');
    await drop('nonsense.txt', 'no quotes at all');
    await page.waitForFunction(() => document.getElementById('error')!.textContent.includes('nonsense.txt'));
    expect(await text('#status')).toBe(said);
    expect(await text('#facts')).toContain('index.csv');
    await page.click('#sample');
    await page.waitForFunction(() => document.getElementById('facts')!.textContent.includes('synthetic-btc-chain'));
    await fitted();
    expect(await text('#error')).toBe('');
  });

  it('reads what is pasted', async () => {
    await page.click('summary');
    await page.fill('#pasted', readFileSync(join(samples, 'synthetic-btc-chain.json'), 'utf8'));
    await page.click('#use-pasted');
    await page.waitForFunction(() => document.getElementById('facts')!.textContent.startsWith('pasted quotes'));
    await fitted();
  });

  it('fits another model, and best fits instead of proved ones', async () => {
    expect(await text('#fits thead')).toContain('sigma');
    await page.selectOption('#model', 'essvi');
    await page.waitForFunction(() => document.querySelector('#fits thead')!.textContent.includes('theta'));
    await fitted();
    await page.selectOption('#model', 'sabr');
    await page.waitForFunction(() => document.querySelector('#fits thead')!.textContent.includes('alpha'));
    expect(await page.isDisabled('#arbitrage')).toBe(true);
    await page.selectOption('#model', 'svi');
    await page.selectOption('#arbitrage', 'report');
    await page.waitForFunction(() => document.getElementById('certificates')!.textContent.includes('refuted'));
    expect(await text('#status')).toContain('not proved');
  });

  it('fits what other filters leave, and waits for a number that is one', async () => {
    const before = await text('#figures');
    await page.fill('#filter-minimumDelta', '0.1');
    await page.press('#filter-minimumDelta', 'Tab');
    await page.waitForFunction((was) => document.getElementById('figures')!.textContent !== was, before);
    await page.fill('#filter-minimumDelta', '-1');
    await page.press('#filter-minimumDelta', 'Tab');
    expect(await page.getAttribute('#filter-minimumDelta', 'aria-invalid')).toBe('true');
    await page.click('#usual-filters');
    await page.waitForFunction((was) => document.getElementById('figures')!.textContent === was, before);
  });

  it('a quote that is dragged moves the fit and refutes its certificate; put back, all is as before', async () => {
    const [curveBefore, fitsBefore] = [await curve(), await text('#fits')];
    const handle = page.locator('#smile .handle.chosen');
    await handle.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await handle.boundingBox())!;
    const centre = [x + width / 2, y + height / 2] as const;
    await page.mouse.move(...centre);
    await page.mouse.down();
    for (let step = 1; step <= 12; step++) await page.mouse.move(centre[0], centre[1] - 10 * step);
    await page.waitForFunction(() => document.getElementById('status')!.textContent.startsWith('While dragging'));
    await page.waitForFunction(() => document.getElementById('verdict')!.textContent.includes('refuted'));
    expect(await curve()).not.toBe(curveBefore);
    await page.mouse.up();
    await fitted();
    expect(await text('#status')).toContain('proved free of arbitrage');
    expect(await text('#verdict')).not.toContain('refuted');
    expect(await text('#fits')).not.toBe(fitsBefore);
    await page.click('#put-all-back');
    await page.waitForFunction((was) => document.getElementById('fits')!.textContent === was, fitsBefore);
    expect(await curve()).toBe(curveBefore);
  });

  it('choosing a quote does not move it; the keyboard does', async () => {
    const fitsBefore = await text('#fits');
    const handle = page.locator('#smile .handle').nth(3);
    await handle.scrollIntoViewIfNeeded();
    await handle.click();
    expect(await page.locator('#put-back').isDisabled()).toBe(true);
    expect(await page.locator('#smile .handle.chosen').count()).toBe(1);
    const was = Number(await page.inputValue('#volatility'));
    await page.focus('#volatility');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(String(was + 3));
    await page.keyboard.press('Enter');
    await page.waitForFunction((before) => document.getElementById('fits')!.textContent !== before, fitsBefore);
    expect(await page.locator('#put-back').isDisabled()).toBe(false);
    expect(await page.locator('#smile .handle.moved').count()).toBe(1);
    await page.click('#put-back');
    await page.waitForFunction((before) => document.getElementById('fits')!.textContent === before, fitsBefore);
  });

  it('shows what positions do to the account', async () => {
    await add('BTC-27MAR26-110000-C', -10);
    await page.waitForSelector('#measures table');
    const delta = 'net delta of the positions';
    const row = (): Promise<string[]> =>
      page.locator('#measures tr', { hasText: delta }).locator('td').allTextContents();
    const [alone] = await row();
    expect(Number(alone)).toBeLessThan(0);
    await add('BTC-PERPETUAL', 50_000);
    await page.waitForFunction(
      (was) => !document.getElementById('measures')!.textContent.includes(`positions${was}`),
      alone,
    );
    const [both, before] = await row();
    expect(before).toBe(alone);
    // 50,000 dollars at the chain's spot of 96,480.25.
    expect(Number(both) - Number(alone)).toBeCloseTo(50_000 / 96_480.25, 3);
    expect(await page.locator('#profit svg text').count()).toBeGreaterThan(45);
    expect(await page.locator('#profile svg path').count()).toBeGreaterThan(2);
    await add('ETH-PERPETUAL', 1);
    await page.waitForFunction(() => document.getElementById('excluded')!.textContent.includes('ETH-PERPETUAL'));
    await page.click('button[aria-label="Remove ETH-PERPETUAL"]');
    await page.waitForFunction(() => document.getElementById('excluded')!.textContent === '');
  });

  it('names in files are text, whatever is in them', async () => {
    const hostile = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;
    const rows = JSON.parse(readFileSync(join(samples, 'synthetic-btc-chain.json'), 'utf8')) as {
      description: string;
      result: { instrument_name: string }[];
    };
    rows.description = hostile;
    rows.result.unshift({ ...rows.result[0]!, instrument_name: hostile });
    await drop(`${hostile}.json`, JSON.stringify(rows));
    await page.waitForFunction(() => document.getElementById('facts')!.textContent.includes('<script>'));
    await fitted();
    expect(await text('#left-out')).toContain('<img');
    await add(hostile, 1);
    await page.waitForFunction(() => document.getElementById('excluded')!.textContent.includes('<img'));
    expect(await page.title()).toBe('zomma playground');
    expect(await page.locator('main img, main script').count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)('keeps nobody out (%s)', async (scheme) => {
    await page.context().close();
    await open(scheme);
    await add('BTC-27MAR26-110000-C', -10);
    await page.waitForSelector('#profile svg');
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 480, height: 900 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(480);
    expect(await violations(page)).toEqual([]);
  });
});
