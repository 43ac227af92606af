/**
 * How large a multiplier the gaps of the risky asset allow: the reciprocal of the worst loss in one step, cost included.
 *
 *   m = 1/(loss + cost),   loss = 1 - e^q the simple loss at a log return q over dt
 *   q = volatility sqrt(dt) z(1 - confidence), z the quantile of a law scaled to unit variance:
 *   normal; Student t by sqrt((nu-2)/nu); a sample over its root mean square; generalised Pareto beyond a threshold
 *
 * The mean return over a step is taken as 0. In place of the quantile the expected loss beyond it gives a smaller multiplier.
 * Bertrand and Prigent (2002); Balder, Brandl and Mahayni (2009); McNeil and Frey (2000) for the conditional tail.
 */
import { requireArray, requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { exp, expm1 } from '../math/exponential.js';
import { log } from '../math/logarithm.js';
import { inverseNormalCdf, normalCdf } from '../math/normal.js';
import { integrate } from '../math/quadrature.js';
import { studentTQuantile } from '../math/student-t.js';
import { compensatedSum } from '../math/sum.js';

export type GapTail =
  | 'normal'
  /** Degrees of freedom, above 2. */
  | { studentT: number }
  /** Log returns, or residuals of a volatility model; only their shape counts, their size comes from `volatility`. */
  | { sample: readonly number[] }
  /** Of losses in units of their standard deviation: P(loss > threshold) = exceedance, and the law of the excess beyond. */
  | { generalisedPareto: { threshold: number; exceedance: number; scale: number; shape: number } };

export interface MultiplierInput {
  /** Annual, of the risky asset; a conditional forecast where there is one. */
  volatility: number;
  /** Years between rebalances, execution lag included. */
  stepYears: number;
  /** Of no loss beyond `worstStepLoss` in one step, above 0.5 and below 1. */
  confidence: number;
  tail: GapTail;
  /** Trading cost and slippage of getting out, as a part of the exposure; 0 where missing. */
  cost?: number | undefined;
}

export interface CalibratedMultiplier {
  /** 1/(worstStepLoss + cost). */
  multiplier: number;
  /** Simple return, positive for a loss. */
  worstStepLoss: number;
}

/**
 * The multiplier whose floor survives one step with the given confidence. Throws InputError on numbers out of range, on a sample of
 * fewer than 1/(1 - confidence) returns, which has no such quantile, and on a Pareto tail that starts beyond it.
 */
export function calibrateMultiplier(i: MultiplierInput): CalibratedMultiplier {
  const { scale, tailProbability, cost } = checked(i);
  return calibrated(-expm1(scale * standardQuantile(i.tail, tailProbability)), cost);
}

/** The same from the expected loss beyond the quantile: the mean of the gap, given that there is one. */
export function shortfallMultiplier(i: MultiplierInput): CalibratedMultiplier & { quantileLoss: number } {
  const { scale, tailProbability: p, cost } = checked(i);
  const quantileLoss = -expm1(scale * standardQuantile(i.tail, p));
  return { ...calibrated(expectedLoss(i.tail, p, scale), cost), quantileLoss };
}

/** The hard bound from the worst loss one is willing to name, a simple return in (0, 1]. */
export function worstLossMultiplier(i: { worstLoss: number; cost?: number | undefined }): CalibratedMultiplier {
  const loss = requirePositive('worstLoss', i.worstLoss);
  if (loss > 1) throw new InputError('worstLoss', loss, 'at most 1');
  return calibrated(loss, requireNonNegative('cost', i.cost ?? 0));
}

function calibrated(worstStepLoss: number, cost: number): CalibratedMultiplier {
  const gap = worstStepLoss + cost;
  return { multiplier: gap > 0 ? 1 / gap : Infinity, worstStepLoss };
}

function checked(i: MultiplierInput): { scale: number; tailProbability: number; cost: number } {
  const volatility = requireNonNegative('volatility', i.volatility);
  const step = requirePositive('stepYears', i.stepYears);
  const confidence = requirePositive('confidence', i.confidence);
  if (!(confidence > 0.5 && confidence < 1)) throw new InputError('confidence', confidence, 'above 0.5 and below 1');
  const cost = requireNonNegative('cost', i.cost ?? 0);
  return { scale: volatility * Math.sqrt(step), tailProbability: 1 - confidence, cost };
}

/** The quantile at a small probability p of a law of unit variance. */
function standardQuantile(tail: GapTail, p: number): number {
  if (tail === 'normal') return inverseNormalCdf(p);
  if ('studentT' in tail) return studentTQuantile(p, tail.studentT) * unitScale(tail.studentT);
  if ('sample' in tail) {
    const z = standardised(tail.sample, p);
    return z[worstCount(z.length, p) - 1]!;
  }
  const { threshold, exceedance, scale, shape } = pareto(tail.generalisedPareto, p);
  const logRatio = log(p / exceedance);
  return -(threshold + (shape === 0 ? -scale * logRatio : (scale / shape) * expm1(-shape * logRatio)));
}

/** The mean of 1 - e^(scale z) over the worst part p of the law. */
function expectedLoss(tail: GapTail, p: number, scale: number): number {
  if (tail === 'normal') {
    return 1 - (exp(0.5 * scale * scale) * normalCdf(inverseNormalCdf(p) - scale)) / p;
  }
  if ('sample' in tail) {
    const z = standardised(tail.sample, p);
    const worst = z.slice(0, worstCount(z.length, p));
    return compensatedSum(worst.map((value) => -expm1(scale * value))) / worst.length;
  }
  // Over the probability u = p v^4, which takes the end of the tail away: the loss is bounded by 1.
  const integrand = (v: number): number =>
    v === 0 ? 0 : -expm1(scale * standardQuantile(tail, p * v * v * v * v)) * 4 * v * v * v;
  return integrate(integrand, 0, 1, 1e-10).value;
}

function unitScale(nu: number): number {
  if (!(nu > 2)) throw new InputError('tail.studentT', nu, 'above 2, where the variance is finite');
  return nu === Infinity ? 1 : Math.sqrt((nu - 2) / nu);
}

/** Over their root mean square, ascending. */
function standardised(sample: readonly number[], p: number): Float64Array {
  requireArray('tail.sample', sample);
  const n = sample.length;
  if (n * p < 1 - 1e-9) {
    throw new InputError('tail.sample.length', n, `at least 1/(1 - confidence), ${Math.ceil(1 / p - 1e-6)}`);
  }
  const squares = sample.map((value, k) => requireFinite(`tail.sample[${k}]`, value) * value);
  const size = Math.sqrt(compensatedSum(squares) / n);
  if (size === 0) throw new InputError('tail.sample', sample, 'returns that are not all 0');
  return Float64Array.from(sample, (value) => value / size).sort();
}

/** How many of n returns make up the worst part p, at least one. */
function worstCount(n: number, p: number): number {
  return Math.max(Math.floor(n * p + 1e-9), 1);
}

function pareto(law: { threshold: number; exceedance: number; scale: number; shape: number }, p: number): typeof law {
  requireFinite('tail.generalisedPareto.threshold', law.threshold);
  requirePositive('tail.generalisedPareto.scale', law.scale);
  requireFinite('tail.generalisedPareto.shape', law.shape);
  const exceedance = requirePositive('tail.generalisedPareto.exceedance', law.exceedance);
  if (exceedance > 1 || p > exceedance) {
    throw new InputError('tail.generalisedPareto.exceedance', exceedance, `from 1 - confidence, ${p}, to 1`);
  }
  return law;
}
