/** The bounds that the scalar models keep, kept by the kernel; equality.test.ts extends them to its twin, which gives the same bits. */
import { describe, expect, it } from 'vitest';
import { createBatch } from '../../../src/pricing/batch/index.js';
import { bachelierValue, inverseValue } from '../../reference/values.js';
import { real, relativeError } from '../../reference/real.js';
import { seededRandom } from '../../math/accuracy.js';
import { greekAccuracy, priceAccuracy } from '../black-accuracy.js';
import { exactGreeks, GREEK_NAMES as FORWARD_GREEKS } from '../forward-greeks.js';
import { errorInUnits, sampleAt } from '../implied-volatility-sample.js';
import { batchOfOne, GREEK_NAMES } from './rows.js';

const UNIT_ROUNDOFF = 2 ** -53;

describe('the kernel', () => {
  const backend = 'simd';
  it('keeps out-of-the-money values within 8 x 2^-53 (1 + h^2)', () => {
    const rows = priceAccuracy(300, 11, batchOfOne(backend)).filter(({ name }) => name.includes('price'));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ worst, bound }) => !(worst <= bound))).toEqual([]);
  });

  it('keeps every Greek within 1e-13 (1 + h^2) of its terms', () => {
    const rows = greekAccuracy(30, 12, batchOfOne(backend));
    expect(rows.filter(({ worst, bound }) => !(worst <= bound))).toEqual([]);
  });

  it("keeps implied volatilities within 8 x 2^-52 (1 + p/(s p')), in every regime and on its seams", () => {
    const random = seededRandom(13);
    const samples = [];
    for (let i = 0; i < 4000; i++) {
      const h = i % 3 === 0 ? 37 * random() : 4 * random() ** 2;
      const sample = sampleAt(h, 1e-7 * 5e8 ** random());
      if (sample !== undefined) samples.push(sample);
    }
    for (const x of [0, 1e-13, 1e-12, 1e-6, 0.2, 1, 2.999, 3, 3.001, 6, 20, 100]) {
      for (const s of [1e-5, 0.01, Math.sqrt(2 * x), Math.sqrt(2 * x) * (1 + 1e-12), 1.2, 1.3489, 1.35, 5, 12]) {
        const sample = s > 0 ? sampleAt(x / s, s) : undefined;
        if (sample !== undefined) samples.push(sample);
      }
    }
    const batch = createBatch(samples.length, { model: 'black76', backend });
    // An option whose logarithm of moneyness is a double: forward 1, strike e^x to an ulp, judged at the x the strike has.
    samples.forEach(({ x }, i) => {
      batch.isCall[i] = 1;
      batch.spot[i] = 1;
      batch.strike[i] = Math.exp(x);
      batch.timeToExpiry[i] = 1;
    });
    const judged = samples.map((sample, i) => {
      const x = real(batch.strike[i]!).ln().toNumber();
      return sampleAt(x / sample.s, sample.s);
    });
    judged.forEach((sample, i) => {
      batch.marketPrice[i] = sample?.p ?? NaN;
    });
    batch.impliedVolatility();
    let worst = 0;
    judged.forEach((sample, i) => {
      if (sample === undefined) return;
      expect(batch.status[i]).toBe(0);
      // x is rounded: what half an ulp of it does to s is h times that over B.
      const slack = (2 * (sample.x / sample.s) ** 2 + 1) * UNIT_ROUNDOFF;
      const error = errorInUnits(sample, batch.out.impliedVolatility![i]!);
      worst = Math.max(worst, error - slack / UNIT_ROUNDOFF);
    });
    expect(worst).toBeLessThanOrEqual(16);
  });

  it('keeps Bachelier and coin-settled values and Greeks against differentiation to 50 digits', () => {
    const random = seededRandom(14);
    for (const model of ['bachelier', 'inverse'] as const) {
      const batch = createBatch(5, { model, backend });
      for (let i = 0; i < batch.length; i++) {
        const h = 6 * random() - 3;
        const timeToExpiry = 0.01 + 2 * random();
        const volatility = 0.1 + random();
        const spread = volatility * Math.sqrt(timeToExpiry);
        batch.isCall[i] = i & 1;
        batch.spot[i] = 100;
        batch.strike[i] = model === 'bachelier' ? 100 + 100 * h * spread : 100 * Math.exp(h * spread);
        batch.volatility[i] = model === 'bachelier' ? 100 * volatility : volatility;
        batch.timeToExpiry[i] = timeToExpiry;
        batch.rate[i] = 0.1 * random();
      }
      batch.greeks(GREEK_NAMES);
      for (let i = 0; i < batch.length; i++) {
        const type = batch.isCall[i] === 1 ? 'call' : 'put';
        const at = [batch.spot[i]!, batch.strike[i]!, batch.volatility[i]!, batch.timeToExpiry[i]!] as const;
        const value = model === 'bachelier' ? bachelierValue : inverseValue;
        const exact = exactGreeks((F, K, sigma, T) => value(type, F, K, sigma, T), at, batch.rate[i]!);
        for (const name of FORWARD_GREEKS) {
          const error = Math.abs(real(batch.out[name]![i]!).sub(exact[name]).toNumber());
          const size = Math.abs(exact[name].toNumber());
          // Sums may cancel: the size of a Greek over the sample stands for the terms.
          const scale = Math.max(size, 1e-3 * Math.max(...batch.out[name]!.map(Math.abs)));
          expect(error / scale, `${model} ${name}`).toBeLessThanOrEqual(2e-12);
        }
        expect(batch.out.rho![i]).toBe(-batch.timeToExpiry[i]! * batch.out.price![i]!);
        expect(batch.out.dividendRho![i]).toBe(0);
        expect(Math.abs(relativeError(batch.out.price![i]!, exact.price))).toBeLessThan(2e-14);
      }
    }
  });
});
