/** The kernel and the scalar code in Chromium: the accuracy tests of Node, and its results bit for bit. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { seededRandom } from '../math/accuracy.js';
import { chromiumPath, launch, openPage } from './chromium.js';
import type { Watched } from './chromium.js';
import { BACKENDS, MODELS, resultBits } from './page/columns.js';
import type { Columns } from './page/columns.js';
import { serve } from './serve.js';
import type { Served } from './serve.js';

const pages = join(import.meta.dirname, 'page');

/** Options from a quiet index to the far wings of a coin, rows that are none, and the limits, the same for every model. */
function columns(): Columns {
  const random = seededRandom(77);
  const rows = Array.from({ length: 600 }, () => {
    const spot = 10 ** (6 * random() - 2);
    const timeToExpiry = 10 ** (4 * random() - 3.5);
    const volatility = 10 ** (2.5 * random() - 1.7);
    const h = 9 * random() ** 2 * (random() < 0.5 ? -1 : 1);
    const strike = spot * Math.exp(h * volatility * Math.sqrt(timeToExpiry));
    return [random() < 0.5 ? 1 : 0, spot, strike, timeToExpiry, volatility, 0.3 * random() - 0.1, 0.3 * random() - 0.1];
  });
  const limits = [
    [1, 100, 100, 0, 0.2, 0, 0],
    [0, 100, 90, 1, 0, 0.05, 0],
    [1, 100, 0, 1, 0.2, 0, 0],
    [0, 100, 110, 1, 100, 0.05, 0.01],
    [1, -1, 100, 1, 0.2, 0, 0],
    [1, 100, NaN, 1, 0.2, 0, 0],
  ];
  const all = [...rows, ...limits];
  const column = (i: number): number[] => all.map((row) => row[i]!);
  return {
    isCall: column(0),
    spot: column(1),
    strike: column(2),
    timeToExpiry: column(3),
    volatility: column(4),
    rate: column(5),
    dividendYield: column(6),
  };
}

describe.skipIf(chromiumPath === undefined)('in Chromium', () => {
  let browser: Browser;
  let served: Served;

  beforeAll(async () => {
    served = await serve(
      pages,
      {
        configFile: false,
        resolve: { alias: { vitest: join(pages, 'vitest.ts') } },
        worker: { format: 'es' },
        build: {
          rolldownOptions: {
            input: ['accuracy', 'kernel', 'strict'].map((name) => join(pages, `${name}.html`)),
            // A file of tests is imported for what it lists, which the package's `sideEffects` denies.
            treeshake: false,
          },
        },
      },
      true,
    );
    browser = await launch();
  });

  afterAll(async () => {
    await browser.close();
    await served.close();
  });

  const open = async (name: string): Promise<Watched> => {
    const watched = await openPage(browser, { origin: served.origin });
    await watched.page.goto(`${served.origin}${name}.html`);
    await watched.page.waitForLoadState('load');
    return watched;
  };

  it('kernel, scalar models and special functions pass the accuracy tests of Node', async () => {
    const { page, complaints } = await open('accuracy');
    const outcomes = await page.evaluate(() => globalThis.accuracyPage.runTests());
    expect(complaints).toEqual([]);
    expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
    for (const part of ['the kernel > keeps every Greek', 'out of the money', 'erfc']) {
      expect(outcomes.filter(({ name }) => name.includes(part)).length, part).toBeGreaterThan(0);
    }
  });

  it('the kernel is there at once, in the page and in a worker, and gives the bits of Node', async () => {
    const given = columns();
    const inNode = resultBits(given);
    const { page, complaints, strangers } = await open('kernel');
    expect(await page.evaluate(() => globalThis.kernelPage.loaded)).toBe('simd');
    const inPage = await page.evaluate((input) => globalThis.kernelPage.resultBits(input), given);
    const inWorker = await page.evaluate((input) => globalThis.kernelPage.inWorker(input), given);
    expect(Object.keys(inNode)).toHaveLength(MODELS.length * BACKENDS.length * 19);
    for (const [name, bits] of Object.entries(inNode)) {
      expect(inPage[name] === bits, `${name} in the page`).toBe(true);
      expect(inWorker[name] === bits, `${name} in a worker`).toBe(true);
    }
    expect([complaints, strangers]).toEqual([[], []]);
  });

  it('where a page forbids WebAssembly the scalar twin takes over', async () => {
    const { page } = await open('strict');
    expect(await page.evaluate(() => globalThis.kernelPage.loaded)).toBe('scalar');
  });

  it('Web Workers over shared memory give the bytes of one thread', async () => {
    const { page, complaints } = await open('kernel');
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
    expect(await page.evaluate((input) => globalThis.kernelPage.differences(input), columns())).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
