/** Slices made from known smiles, for the tests of the fits. */
import type { SliceInput } from '../../../src/market/slice.js';
import type { SviParameters } from '../../../src/volatility/smile/parameters.js';
import { sviTotalVariance } from '../../../src/volatility/smile/svi.js';

export function sliceOf(
  k: number[],
  volatility: number[],
  o: { timeToExpiry?: number; standardDeviation?: number[]; halfSpread?: number[] } = {},
): SliceInput {
  const timeToExpiry = o.timeToExpiry ?? 0.5;
  const half = o.halfSpread ?? k.map(() => 0.002);
  return {
    underlying: 'TEST',
    expiry: 1_800_000_000_000,
    timeToExpiry,
    varianceTime: timeToExpiry,
    forward: 100,
    discountFactor: 1,
    forwardVariance: 0,
    instrument: k.map((_, i) => `quote-${i}`),
    logMoneyness: k,
    volatilityBid: volatility.map((v, i) => v - half[i]!),
    volatilityAsk: volatility.map((v, i) => v + half[i]!),
    volatility,
    standardDeviation: o.standardDeviation ?? k.map(() => 0.001),
  };
}

export function sviVolatility(p: SviParameters, k: number, timeToExpiry: number): number {
  return Math.sqrt(sviTotalVariance(p, k) / timeToExpiry);
}

/** Quotes on the smile itself. */
export function exactSlice(p: SviParameters, k: number[], timeToExpiry = 0.5): SliceInput {
  return sliceOf(
    k,
    k.map((value) => sviVolatility(p, value, timeToExpiry)),
    { timeToExpiry },
  );
}

export function evenly(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
}
