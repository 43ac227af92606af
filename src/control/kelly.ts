/**
 * Growth-optimal and constant-relative-risk-aversion weights in closed form.
 *
 *   one asset     w = c (mu - r)/(g volatility^2),   growth = r + w (mu - r) - w^2 volatility^2/2
 *   several       w = c Sigma^-1 (mu - r)/g
 *   a bet         w = (p b - (1 - p))/b at odds b, growth p ln(1 + b w) + (1 - p) ln(1 - w)
 *
 * g = 1 is Kelly's weight; the part c of it keeps 2c - c^2 of the excess growth at c^2 of the variance. Kelly (1956), Merton (1969).
 */
import { Matrix as Dense, CholeskyDecomposition } from 'ml-matrix';
import { requireArray, requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { log, log1p } from '../math/logarithm.js';
import type { Matrix } from '../math/matrix.js';
import { inverseNormalCdf } from '../math/normal.js';

export interface KellyInput {
  /** Expected growth rate of the price, per year. */
  drift: number;
  rate: number;
  volatility: number;
  /** Relative; 1 (Kelly) where missing. */
  riskAversion?: number | undefined;
  /** The part of the optimal weight to hold; 1 where missing. */
  fraction?: number | undefined;
}

/** The part of wealth to hold and the expected log growth per year with it. Throws InputError on a volatility or aversion not above 0. */
export function kelly(i: KellyInput): { weight: number; growth: number } {
  const rate = requireFinite('rate', i.rate);
  const edge = requireFinite('drift', i.drift) - rate;
  const volatility = requirePositive('volatility', i.volatility);
  const variance = volatility * volatility;
  const scale = requireNonNegative('fraction', i.fraction ?? 1) / requirePositive('riskAversion', i.riskAversion ?? 1);
  const weight = (scale * edge) / variance;
  return { weight, growth: rate + weight * edge - 0.5 * weight * weight * variance };
}

export interface KellyAssetsInput {
  drift: readonly number[];
  rate: number;
  covariance: Matrix;
  riskAversion?: number | undefined;
  fraction?: number | undefined;
}

/** Several assets at once. Throws InputError where sizes differ or the covariance is not symmetric and positive definite. */
export function kellyWeights(i: KellyAssetsInput): { weights: number[]; growth: number } {
  const rate = requireFinite('rate', i.rate);
  requireArray('drift', i.drift);
  const edge = i.drift.map((mu, k) => requireFinite(`drift[${k}]`, mu) - rate);
  const scale = requireNonNegative('fraction', i.fraction ?? 1) / requirePositive('riskAversion', i.riskAversion ?? 1);
  const inverse = solveCovariance(i.covariance, edge);
  const weights = inverse.map((x) => scale * x);
  // w'Sigma w = scale^2 edge'Sigma^-1 edge.
  const excess = edge.reduce((sum, e, k) => sum + e * inverse[k]!, 0);
  return { weights, growth: rate + (scale - 0.5 * scale * scale) * excess };
}

/** Sigma^-1 b. Throws InputError where Sigma is not a covariance of full rank, of the size of b. */
function solveCovariance(covariance: Matrix, b: readonly number[]): number[] {
  const n = b.length;
  requireArray('covariance', covariance);
  if (covariance.length !== n || covariance.some((row) => row.length !== n)) {
    throw new InputError('covariance', covariance, `${n} rows of ${n}`);
  }
  covariance.forEach((row, k) => {
    row.forEach((value, j) => {
      requireFinite(`covariance[${k}][${j}]`, value);
      if (Math.abs(value - covariance[j]![k]!) > 1e-12 * Math.sqrt(Math.abs(row[k]! * covariance[j]![j]!))) {
        throw new InputError('covariance', value, `symmetric at [${k}][${j}]`);
      }
    });
  });
  if (n === 0) return [];
  const factor = new CholeskyDecomposition(new Dense(covariance));
  if (!factor.isPositiveDefinite()) throw new InputError('covariance', covariance, 'positive definite');
  return factor.solve(Dense.columnVector([...b])).to1DArray();
}

/** A bet that wins `odds` per unit with `probability` and loses the unit otherwise; no edge gives weight 0. Throws InputError out of range. */
export function kellyBet(i: { probability: number; odds: number }): { weight: number; growth: number } {
  const odds = requirePositive('odds', i.odds);
  const win = requirePositive('probability', i.probability);
  if (win > 1) throw new InputError('probability', win, 'at most 1');
  const weight = Math.max((win * odds - (1 - win)) / odds, 0);
  return { weight, growth: win * log1p(odds * weight) + (win === 1 ? 0 : (1 - win) * log1p(-weight)) };
}

/**
 * The factor on the weights that makes them best against the worst mean within `radius` standard errors of the estimated one,
 * {m : (m - mu)'Sigma^-1 (m - mu) <= radius^2}: max(0, 1 - radius/Sharpe), Sharpe = sqrt((mu - r)'Sigma^-1 (mu - r)) per year.
 */
export function robustScale(i: { sharpe: number; radius: number }): number {
  const sharpe = requireNonNegative('sharpe', i.sharpe);
  const radius = requireNonNegative('radius', i.radius);
  return radius === 0 ? 1 : Math.max(0, 1 - radius / sharpe);
}

/**
 * The risk aversion whose weight loses `maximumLoss` (a part of wealth, in (0, 1)) or more within a year with probability
 * 1 - `confidence`: the positive root of w^2 s^2/2 + (z s - edge) w = r - ln(1 - loss), z the quantile at the confidence. Throws
 * InputError out of range, and where there is no edge, so that no aversion asks for a position.
 */
export function riskAversionFromLoss(i: {
  maximumLoss: number;
  drift: number;
  rate: number;
  volatility: number;
  /** 0.95 where missing. */
  confidence?: number | undefined;
}): { riskAversion: number; weight: number } {
  const loss = requirePositive('maximumLoss', i.maximumLoss);
  if (loss >= 1) throw new InputError('maximumLoss', loss, 'below 1');
  const rate = requireFinite('rate', i.rate);
  const edge = requirePositive('drift - rate', i.drift - rate);
  const s = requirePositive('volatility', i.volatility);
  const confidence = requirePositive('confidence', i.confidence ?? 0.95);
  if (!(confidence > 0.5 && confidence < 1)) throw new InputError('confidence', confidence, 'above 0.5 and below 1');
  const room = rate - log(1 - loss);
  if (!(room > 0)) throw new InputError('maximumLoss', loss, 'more than cash itself loses in a year');
  const b = -s * inverseNormalCdf(1 - confidence) - edge;
  const root = Math.sqrt(b * b + 2 * s * s * room);
  const weight = b > 0 ? (2 * room) / (b + root) : (root - b) / (s * s);
  return { riskAversion: edge / (s * s * weight), weight };
}
