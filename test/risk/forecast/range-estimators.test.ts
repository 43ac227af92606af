import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/math/random.js';
import {
  garmanKlassVariance,
  parkinsonVariance,
  rogersSatchellVariance,
  yangZhangVariance,
} from '../../../src/risk/forecast/range-estimators.js';
import type { OhlcBar } from '../../../src/risk/forecast/range-estimators.js';
import {
  annualisedVolatility,
  bipowerVariation,
  jumpShare,
  logReturns,
  realisedVariance,
} from '../../../src/risk/forecast/realised.js';
import { bitcoin, hasSeries, sp500 } from './price-series.js';

const estimators = { parkinsonVariance, garmanKlassVariance, rogersSatchellVariance, yangZhangVariance };

/** Days of a random walk watched 2,000 times a day; `drift` per day, `gap` the deviation between close and open. */
function walk(days: number, daily: number, seed: number, drift = 0, gap = 0): OhlcBar[] {
  const random = seededRandom(seed);
  const steps = 2000;
  let x = 0;
  return Array.from({ length: days }, () => {
    x += gap * random.normal();
    const open = x;
    let [high, low] = [x, x];
    for (let k = 0; k < steps; k++) {
      x += drift / steps + (daily / Math.sqrt(steps)) * random.normal();
      if (x > high) high = x;
      if (x < low) low = x;
    }
    return { open: Math.exp(open), high: Math.exp(high), low: Math.exp(low), close: Math.exp(x) };
  });
}

describe('range estimators', () => {
  it('one bar by hand', () => {
    const bar = [{ open: 100, high: 110, low: 95, close: 105 }];
    const [u, d, c] = [Math.log(1.1), Math.log(0.95), Math.log(1.05)];
    expect(parkinsonVariance(bar)).toBeCloseTo((u - d) ** 2 / (4 * Math.LN2), 15);
    expect(garmanKlassVariance(bar)).toBeCloseTo(0.5 * (u - d) ** 2 - (2 * Math.LN2 - 1) * c * c, 15);
    expect(rogersSatchellVariance(bar)).toBeCloseTo(u * (u - c) + d * (d - c), 15);
  });

  it('recover the variance of a random walk; only the last two survive a drift, only Yang-Zhang gaps', () => {
    const truth = 0.02 ** 2;
    const calm = walk(500, 0.02, 1);
    // Watching 2,000 times a day misses a few per cent of the range; the sampling errors are 2 to 3 per cent.
    for (const estimate of Object.values(estimators)) expect(Math.abs(estimate(calm) / truth - 1)).toBeLessThan(0.12);
    const trending = walk(500, 0.02, 2, 0.03);
    expect(parkinsonVariance(trending) / truth).toBeGreaterThan(1.5);
    expect(Math.abs(rogersSatchellVariance(trending) / truth - 1)).toBeLessThan(0.12);
    expect(Math.abs(yangZhangVariance(trending) / truth - 1)).toBeLessThan(0.12);
    const gapping = walk(500, 0.02, 3, 0, 0.02);
    expect(Math.abs(rogersSatchellVariance(gapping) / truth - 1)).toBeLessThan(0.12);
    expect(Math.abs(yangZhangVariance(gapping) / (2 * truth) - 1)).toBeLessThan(0.12);
  });

  const bar = fc
    .tuple(...Array.from({ length: 4 }, () => fc.double({ min: 0.5, max: 2, noNaN: true })))
    .map(([a, b, c, d]) => ({ open: a!, close: b!, high: Math.max(a!, b!, c!, d!), low: Math.min(a!, b!, c!, d!) }));

  it('never negative, the same in any currency, 0 for a price that stands still', () => {
    fc.assert(
      fc.property(
        fc.array(bar, { minLength: 3, maxLength: 10 }),
        fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
        (bars, unit) => {
          for (const estimate of Object.values(estimators)) {
            const variance = estimate(bars);
            expect(variance).toBeGreaterThanOrEqual(-1e-15);
            const scaled = bars.map(({ open, high, low, close }) => ({
              open: open * unit,
              high: high * unit,
              low: low * unit,
              close: close * unit,
            }));
            expect(Math.abs(estimate(scaled) - variance)).toBeLessThan(1e-13);
          }
        },
      ),
    );
    const still = Array.from({ length: 5 }, () => ({ open: 7, high: 7, low: 7, close: 7 }));
    for (const estimate of Object.values(estimators)) expect(estimate(still)).toBe(0);
  });

  it.skipIf(!hasSeries)(
    'bitcoin trades without gaps, the S&P 500 with: a day from range against one from closes',
    () => {
      const ratioOf = (bars: OhlcBar[]): number => {
        const returns = logReturns(bars.map(({ close }) => close));
        return (yangZhangVariance(bars) * returns.length) / realisedVariance(returns);
      };
      const valid = ({ open, high, low, close }: OhlcBar): boolean =>
        high >= Math.max(open, close) && low <= Math.min(open, close);
      expect(ratioOf(bitcoin().filter(valid))).toBeGreaterThan(0.7);
      expect(ratioOf(bitcoin().filter(valid))).toBeLessThan(1.3);
      expect(ratioOf(sp500().filter(valid))).toBeGreaterThan(0.5);
      expect(ratioOf(sp500().filter(valid))).toBeLessThan(1.3);
    },
  );
});

describe('realised', () => {
  it('a single jump is in the realised variance and not in the bipower variation', () => {
    const random = seededRandom(5);
    const calm = Array.from({ length: 5000 }, () => 1e-3 * random.normal());
    expect(realisedVariance(calm) / 5e-3).toBeCloseTo(1, 1);
    expect(bipowerVariation(calm) / 5e-3).toBeCloseTo(1, 1);
    expect(jumpShare(calm)).toBeLessThan(0.05);
    const jumping = calm.with(2500, 0.1);
    expect(realisedVariance(jumping) - realisedVariance(calm)).toBeCloseTo(0.01, 5);
    // The two products with the jump add pi |jump| E|r|: a tenth.
    expect(bipowerVariation(jumping) / bipowerVariation(calm)).toBeLessThan(1.15);
    expect(jumpShare(jumping)).toBeCloseTo(0.01 / 0.015, 1);
  });

  it('by hand, and the ends', () => {
    expect(realisedVariance([0.1, -0.2])).toBeCloseTo(0.05, 15);
    expect(bipowerVariation([0.1, -0.2])).toBeCloseTo((Math.PI / 2) * 2 * 0.02, 15);
    expect(realisedVariance([])).toBe(0);
    expect(jumpShare([0, 0])).toBe(0);
    expect([...logReturns([1, Math.E])]).toEqual([1]);
    expect(annualisedVolatility(1e-4, 365)).toBeCloseTo(Math.sqrt(0.0365), 15);
  });
});

describe('errors', () => {
  const good = { open: 1, high: 2, low: 0.5, close: 1 };
  it.each([
    ['bars.length', () => parkinsonVariance([])],
    ['bars.length', () => yangZhangVariance([good, good])],
    ['bars[0].high', () => garmanKlassVariance([{ ...good, high: 0.9 }])],
    ['bars[0].low', () => rogersSatchellVariance([{ ...good, low: 1.1 }])],
    ['bars[1].close', () => parkinsonVariance([good, { ...good, close: 0 }])],
    ['returns.length', () => bipowerVariation([1])],
    ['returns[0]', () => realisedVariance([NaN])],
    ['prices[1]', () => logReturns([1, 0])],
    ['variance', () => annualisedVolatility(-1, 365)],
  ])('%s', (field, call) => {
    expect(call).toThrow(`${field} must be`);
  });
});
