import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recogniseFeed } from '../../../src/market/index.js';
import { calibrateSurface } from '../../../src/volatility/calibration/surface-fit.js';
import { updateSurface } from '../../../src/volatility/calibration/update-surface.js';
import { quoteWalk } from './update-walk.js';

const folder = join(process.env['ZOMMA_DATA'] ?? '../shared/data', 'deribit/snapshot_csv');
const isThere = existsSync(folder);

describe.skipIf(!isThere)(`walks from real chains${isThere ? '' : ' (skipped: no data root)'}`, () => {
  // A day of calm, and one of stress in which every slice is moved by certification.
  test.each([
    ['btc_eth_20260807T214936Z.csv', 'BTC', 5],
    ['btc_eth_20260807T214936Z.csv', 'ETH', 11],
    ['btc_eth_20260205T155132Z.csv', 'BTC', 5],
  ])('%s %s: every certified update is as good as a cold calibration', (file, underlying, seed) => {
    const chain = recogniseFeed(readFileSync(join(folder, file), 'utf8'))!.parse({ underlying });
    let last = calibrateSurface(chain);
    let compared = 0;
    for (const { chain: next, touched } of quoteWalk(chain, 8, seed)) {
      if (!last.ok) throw new Error(last.message);
      const update = updateSurface(last, next, { touched });
      const cold = calibrateSurface(next);
      if (!update.ok || !cold.ok) throw new Error('no surface');
      expect(update.proved).toBe(true);
      last = update;
      // Time alone may move a quote across the limit of a filter by a rounding: then the two fit other quotes.
      const names = (fit: typeof cold): string[][] => fit.fits.map(({ input }) => input.instrument);
      if (JSON.stringify(names(update)) !== JSON.stringify(names(cold))) continue;
      compared++;
      update.fits.forEach(({ diagnostics }, i) => {
        const { rmseBp } = cold.fits[i]!.diagnostics;
        expect(diagnostics.rmseBp - rmseBp).toBeLessThan(Math.max(0.01 * rmseBp, 0.1));
      });
    }
    expect(compared).toBeGreaterThan(0);
  });
});
