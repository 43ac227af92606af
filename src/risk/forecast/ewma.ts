/**
 * Exponentially weighted volatility, the forecast for the next period after each return.
 *
 *   s2_t = lambda s2_(t-1) + (1 - lambda) r_t^2
 *
 * lambda = 0.94 for daily returns: half of the weight lies in the last 11.2 of them, 99% in the last 74. It is GARCH(1,1) with
 * omega 0, alpha 1 - lambda and beta lambda. J.P. Morgan, RiskMetrics Technical Document (1996).
 */
import { requirePositive, requireFinite, requireNonNegative, requireWithin } from '../../check.js';
import { InputError } from '../../errors.js';
import { exp } from '../../math/exponential.js';
import { log, log1p } from '../../math/logarithm.js';
import { goldenSection } from '../../math/golden-section.js';

export interface EwmaOptions {
  /** Weight of the last estimate, from 0 to 1. */
  lambda: number;
  /** Volatility before the first return, of one period: that of a first window, say. */
  seed: number;
}

/**
 * Volatilities of one period, [t] from the returns up to and including t: what is forecast for t + 1. Returns are decimals. Throws
 * InputError where a return is not finite, lambda lies outside [0, 1] or the seed is below 0.
 */
export function ewmaVol(returns: ArrayLike<number>, { lambda, seed }: EwmaOptions): Float64Array {
  requireWithin('lambda', lambda, 0, 1);
  const start = requireNonNegative('seed', seed);
  let variance = start * start;
  return Float64Array.from(returns, (value, t) => {
    const r = requireFinite(`returns[${t}]`, value);
    variance = lambda * variance + (1 - lambda) * r * r;
    return Math.sqrt(variance);
  });
}

/** Periods until a return has half of its first weight: ln(1/2)/ln(lambda). Throws InputError unless 0 < lambda < 1. */
export function ewmaHalfLife(lambda: number): number {
  return -LN2 / log(requireLambda(lambda));
}

/** The lambda with this half-life. Throws InputError unless it is above 0. */
export function lambdaFromHalfLife(periods: number): number {
  return exp(-LN2 / requirePositive('periods', periods));
}

/** The number of last returns that carry this share of the weight, not rounded. Throws InputError unless both lie in (0, 1). */
export function ewmaWindow(lambda: number, share: number): number {
  if (!(share > 0 && share < 1)) throw new InputError('share', share, 'a number between 0 and 1, ends excluded');
  return log1p(-share) / log(requireLambda(lambda));
}

export interface EwmaFit {
  lambda: number;
  /** Mean of r^2/s^2 + ln s^2 of the one-step forecasts, s the volatility before r. */
  loss: number;
}

/**
 * The lambda within [0.5, 0.9999] of least one-step QLIKE loss over the returns given, which should be training data only. Throws
 * InputError where there are fewer than ten returns, one is not finite, or the seed is not above 0.
 */
export function fitEwmaLambda(returns: ArrayLike<number>, { seed }: { seed: number }): EwmaFit {
  if (returns.length < 10) throw new InputError('returns.length', returns.length, '10 or more');
  const squares = Float64Array.from(returns, (value, t) => requireFinite(`returns[${t}]`, value) * value);
  const start = requirePositive('seed', seed);
  const lossAt = (logit: number): number => {
    const lambda = 1 / (1 + exp(-logit));
    let variance = start * start;
    let loss = 0;
    for (const square of squares) {
      loss += square / variance + log(variance);
      variance = lambda * variance + (1 - lambda) * square;
    }
    return loss / squares.length;
  };
  // The loss can have more than one valley: the best point of a grid is refined between its neighbours.
  const grid = Array.from({ length: GRID + 1 }, (_, k) => (k * MAX_LOGIT) / GRID);
  const losses = grid.map(lossAt);
  const best = losses.indexOf(Math.min(...losses));
  const refined = goldenSection(lossAt, grid[Math.max(best - 1, 0)]!, grid[Math.min(best + 1, GRID)]!, 1e-7);
  const at = lossAt(refined) <= losses[best]! ? refined : grid[best]!;
  return { lambda: 1 / (1 + exp(-at)), loss: lossAt(at) };
}

const LN2 = 0.6931471805599453;
/** ln(0.9999 / 0.0001); 0 is lambda = 1/2. */
const MAX_LOGIT = 9.21024036697585;
const GRID = 24;

function requireLambda(lambda: number): number {
  if (!(lambda > 0 && lambda < 1)) throw new InputError('lambda', lambda, 'a number between 0 and 1, ends excluded');
  return lambda;
}
