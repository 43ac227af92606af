/**
 * The probability that one price touches a margin or liquidation level within a horizon, and that it ends beyond it.
 *
 *   nu = drift - volatility^2/2,  s = volatility sqrt(T),  b = ln(barrier/spot) < 0 (lower side)
 *   path     = Phi(x) + exp(2 nu b / volatility^2) Phi(y),   x = (b - nu T)/s,  y = (b + nu T)/s
 *   terminal = Phi(x)
 *
 * The price is watched without a break: what is watched once a day is called less often. The upper side is the lower one of 1/price.
 * Since y^2/2 = x^2/2 + 2 nu b/volatility^2, the second term is phi(x) M(-y), which neither overflows nor cancels.
 * Harrison, Brownian Motion and Stochastic Flow Systems (1985), section 1.8.
 */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive } from '../check.js';
import { exp } from '../math/exponential.js';
import { logRatio } from '../math/logarithm.js';
import { mills, normalCdf, normalPdf } from '../math/normal.js';

export interface MarginCallInput {
  spot: number;
  /** The price at which the call comes. */
  barrier: number;
  /** Annual, decimal. */
  volatility: number;
  horizonYears: number;
  /** Expected growth rate of the price, per year; 0 where missing. */
  drift?: number | undefined;
  /** Which way the price has to move for the call: 'lower' for a long position. */
  side: 'lower' | 'upper';
}

export interface MarginCallProbability {
  /** That the barrier is touched at any time up to the horizon. */
  path: number;
  /** That the price is beyond the barrier at the horizon. */
  terminal: number;
}

/**
 * A barrier already reached gives a `path` of 1; volatility or horizon 0 leaves what the drift alone does. Throws InputError where spot or barrier is not above 0, or volatility or horizon is below 0.
 */
export function marginCallProbability(i: MarginCallInput): MarginCallProbability {
  const spot = requirePositive('spot', i.spot);
  const barrier = requirePositive('barrier', i.barrier);
  const volatility = requireNonNegative('volatility', i.volatility);
  const horizon = requireNonNegative('horizonYears', i.horizonYears);
  const drift = requireFinite('drift', i.drift ?? 0);
  const lower = requireOneOf('side', i.side, ['lower', 'upper']) === 'lower';
  const variance = volatility * volatility;
  const b = lower ? logRatio(barrier, spot) : logRatio(spot, barrier);
  const nu = (lower ? 1 : -1) * (drift - 0.5 * variance);
  const s = volatility * Math.sqrt(horizon);
  if (s === 0) {
    const end = nu * horizon;
    return { path: b >= 0 || end <= b ? 1 : 0, terminal: end <= b ? 1 : 0 };
  }
  const x = (b - nu * horizon) / s;
  const terminal = normalCdf(x);
  if (b >= 0) return { path: 1, terminal };
  const y = (b + nu * horizon) / s;
  const reflected = y < 0 ? normalPdf(x) * mills(-y) : exp((2 * nu * b) / variance) * normalCdf(y);
  return { path: Math.min(terminal + reflected, 1), terminal };
}
