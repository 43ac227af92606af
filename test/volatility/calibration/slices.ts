/** Slices made from a known smile, for calibration tests. */
import type { SliceInput } from '../../../src/market/slice.js';

export interface SliceSetting {
  timeToExpiry: number;
  logMoneyness: number[];
  volatilityAt: (k: number) => number;
  halfSpread?: number;
  forward?: number;
  /** Added to the target of quote i. */
  noise?: (i: number) => number;
}

export function sliceOf(o: SliceSetting): SliceInput {
  const halfSpread = o.halfSpread ?? 0.002;
  const volatility = o.logMoneyness.map((k, i) => o.volatilityAt(k) + (o.noise?.(i) ?? 0));
  return {
    underlying: 'TEST',
    expiry: Math.round(o.timeToExpiry * 365 * 86_400_000),
    timeToExpiry: o.timeToExpiry,
    varianceTime: o.timeToExpiry,
    forward: o.forward ?? 100,
    discountFactor: 1,
    forwardVariance: 0,
    instrument: o.logMoneyness.map((k) => `k${k}`),
    logMoneyness: o.logMoneyness,
    volatilityBid: volatility.map((v) => v - halfSpread),
    volatilityAsk: volatility.map((v) => v + halfSpread),
    volatility,
    standardDeviation: volatility.map(() => 0.58 * halfSpread),
  };
}

export function grid(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
}

/** Uniform numbers in [0, 1), the same for the same seed. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
