/**
 * The strike on a smile whose call has a given forward delta: the root of d1(k) = N^-1(delta),
 *
 *   d1 = -k/sqrt(w) + sqrt(w)/2,   d1' = -(1 - k w'/(2w) - w'/4)/sqrt(w).
 *
 * d1 falls along the whole line where the smile is free of arbitrage, so the strike is the only one. Fukasawa, "The normalizing
 * transformation of the implied volatility smile" (2012).
 */
import type { Failure } from '../../errors.js';
import { inverseNormalCdf } from '../../math/normal.js';
import type { TotalVariance } from '../smile/total-variance.js';

export type DeltaStrikeFailure = Failure<'delta-not-monotone' | 'delta-unreachable'>;

/** First step from the money in deviations, and the growth of the steps. */
const FIRST_STEP = 0.05;
const GROWTH = 1.05;

/**
 * The log-moneyness, going out from the money, at which N(d1) is `delta`, strictly between 0 and 1. Fails with
 * 'delta-not-monotone' where N(d1) stops falling with the strike on the way there, and with 'delta-unreachable' where it never
 * gets there; `value` is the k at which that showed. Needs w(0) above 0.
 */
export function strikeOfDelta(
  smileAt: (k: number) => Omit<TotalVariance, 'd2w' | 'd3w'>,
  delta: number,
): { ok: true; k: number } | DeltaStrikeFailure {
  const target = inverseNormalCdf(delta);
  const start = Math.sqrt(smileAt(0).w);
  const side = 0.5 * start > target ? 1 : -1;
  const read = (k: number): { excess: number; slope: number } => {
    const { w, dw } = smileAt(k);
    const root = Math.sqrt(w);
    return { excess: -k / root + 0.5 * root - target, slope: -(1 - (k * dw) / (2 * w) - 0.25 * dw) / root };
  };
  let inside = 0;
  let outside = 0;
  for (let step = FIRST_STEP * start; ; step *= GROWTH) {
    const { excess, slope } = read(outside);
    if (!(slope < 0)) return failed('delta-not-monotone', 'the forward delta does not fall with the strike', outside);
    if (side * excess <= 0) break;
    inside = outside;
    outside += side * step;
    if (Math.abs(outside) > 1e9) return failed('delta-unreachable', 'no strike has the delta', outside);
  }
  let [lower, upper] = side > 0 ? [inside, outside] : [outside, inside];
  let k = 0.5 * (lower + upper);
  for (let i = 0; i < 100; i++) {
    const { excess, slope } = read(k);
    if (excess > 0) lower = k;
    else upper = k;
    const newton = k - excess / slope;
    const next = newton >= lower && newton <= upper ? newton : 0.5 * (lower + upper);
    if (Math.abs(next - k) <= 2 * Number.EPSILON * Math.max(Math.abs(k), start)) return { ok: true, k: next };
    k = next;
  }
  return { ok: true, k };
}

function failed(reason: DeltaStrikeFailure['reason'], what: string, k: number): DeltaStrikeFailure {
  return { ok: false, reason, message: `${what} at k = ${k}`, value: k };
}
