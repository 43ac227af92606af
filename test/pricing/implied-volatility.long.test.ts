/**
 * A million implied volatilities, sampled with h = |x|/s uniform on [0, 37] and s log-uniform on [1e-8, 50], against the
 * double-double oracle: the bound 8 x 2^-53 (1 + p/(s p')) inside the domain, a typed reason outside it, no NaN anywhere.
 */
import { describe, expect, it } from 'vitest';
import { blackImpliedVolatility } from '../../src/pricing/black-implied-volatility.js';
import { outOfTheMoneyFraction } from '../../src/pricing/black.js';
import { impliedStandardDeviation } from '../../src/pricing/implied-standard-deviation.js';
import { impliedTotalVolatility } from '../reference/implied.js';
import { relativeError } from '../reference/real.js';
import { errorInUnits, sampleAt, UNIT_ROUNDOFF } from './implied-volatility-sample.js';

const POINTS = 1_000_000;

/** Uniform on [0, 1): a 32-bit mixing generator (Steele, Lea and Flood's finaliser), seeded. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

function logUniform(uniform: number, from: number, to: number): number {
  return from * Math.exp(uniform * Math.log(to / from));
}

describe('a million implied volatilities', () => {
  it('are as exact as the price determines, with a reason outside the domain', () => {
    const random = generator(20_240_229);
    const reasons: Record<string, number> = {};
    let inside = 0;
    let worst = 0;
    let sum = 0;
    let worstOfSample = 0;
    let notNumbers = 0;
    for (let drawn = 0; drawn < POINTS;) {
      const h = 37 * random();
      const s = logUniform(random(), 1e-8, 50);
      const x = h * s;
      if (x > 300) continue;
      drawn++;
      const at = sampleAt(h, s);
      if (at === undefined) {
        // Outside: by prices in their own units, F = e^(-x/2), K = e^(x/2), T = 1.
        const [forward, strike] = [Math.exp(-0.5 * x), Math.exp(0.5 * x)];
        const result = blackImpliedVolatility(forward, strike, 1, 'call', forward * outOfTheMoneyFraction(x, s));
        const reason = result.ok ? 'ok' : result.reason;
        reasons[reason] = (reasons[reason] ?? 0) + 1;
        if (Object.values(result).some(Number.isNaN)) notNumbers++;
        // The rounding of F, K and the price may bring a point back over the edge, and not farther than that.
        if (result.ok) expect(Math.abs(result.volatility / s - 1)).toBeLessThan(1e-4);
        continue;
      }
      inside++;
      const solution = impliedStandardDeviation(at.x, at.p);
      if (Number.isNaN(solution)) notNumbers++;
      const error = errorInUnits(at, solution);
      sum += error;
      if (!(error <= worst)) worst = error;
      if (inside % 2000 === 0) {
        const exact = Math.abs(relativeError(solution, impliedTotalVolatility(at.x, at.p, s)));
        const units = exact / (UNIT_ROUNDOFF * (1 + at.condition));
        worstOfSample = Math.max(worstOfSample, units);
        expect(Math.abs(units - error)).toBeLessThan(1e-6);
      }
    }
    console.log(
      `inside ${inside}: worst ${worst.toFixed(2)}, mean ${(sum / inside).toFixed(3)} x 2^-53 (1 + p/(s p')), ` +
        `${notNumbers} NaN; 50-digit sample of ${Math.floor(inside / 2000)}: worst ${worstOfSample.toFixed(2)}; outside:`,
      reasons,
    );
    expect(notNumbers).toBe(0);
    expect(worst).toBeLessThanOrEqual(8);
    expect(inside).toBeGreaterThan(0.8 * POINTS);
  });
  it('of ordinary options are right to a few ulp', () => {
    const random = generator(7);
    let worstError = 0;
    let worstUnits = 0;
    for (let drawn = 0; drawn < POINTS; drawn++) {
      const moneyness = 0.5 + 1.5 * random();
      const time = (1 + 1094 * random()) / 365;
      const volatility = 0.05 + 1.95 * random();
      const s = volatility * Math.sqrt(time);
      const at = sampleAt(Math.abs(Math.log(moneyness)) / s, s);
      if (at === undefined) continue;
      const units = errorInUnits(at, impliedStandardDeviation(at.x, at.p));
      worstUnits = Math.max(worstUnits, units);
      worstError = Math.max(worstError, units * UNIT_ROUNDOFF * (1 + at.condition));
    }
    console.log(`ordinary: worst relative error ${worstError.toExponential(2)}, ${worstUnits.toFixed(2)} units`);
    expect(worstUnits).toBeLessThanOrEqual(8);
    expect(worstError).toBeLessThan(1e-14);
  });
});
