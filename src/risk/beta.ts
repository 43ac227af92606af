/**
 * The beta of an asset to an index from returns of the same periods.
 *
 *   beta = cov(asset, index)/var(index),  over the sample, or with exponential weights
 *   shrunk = 0.67 beta + 0.33:  betas measured high or low come back towards 1. Blume (1971).
 */
import { requireFinite } from '../check.js';
import { InputError } from '../errors.js';
import { ewmaCovariance, sampleCovariance } from './covariance.js';

export interface BetaEstimate {
  beta: number;
  rSquared: number;
}

/**
 * Exponential weights where `lambda` is given, about zero then; equal ones about the mean else. Throws InputError where the lengths
 * differ, there are fewer than three periods, a return is not finite, or the index does not vary.
 */
export function estimateBeta(
  asset: ArrayLike<number>,
  index: ArrayLike<number>,
  o: { lambda?: number | undefined } = {},
): BetaEstimate {
  if (asset.length !== index.length) throw new InputError('index.length', index.length, String(asset.length));
  if (asset.length < 3) throw new InputError('asset.length', asset.length, '3 or more');
  const rows = Array.from(asset, (r, t) => [requireFinite(`asset[${t}]`, r), requireFinite(`index[${t}]`, index[t])]);
  const covariance = o.lambda === undefined ? sampleCovariance(rows) : ewmaCovariance(rows, { lambda: o.lambda });
  const [[own, shared], [, market]] = covariance as [[number, number], [number, number]];
  if (!(market > 0)) throw new InputError('index', market, 'returns that vary');
  const beta = shared / market;
  return { beta, rSquared: own > 0 ? Math.min((beta * shared) / own, 1) : 0 };
}

/** Towards 1 by `weight` on the measured beta, 0.67 where missing. Throws InputError where one is not finite. */
export function shrinkBeta(beta: number, weight = 0.67): number {
  return requireFinite('weight', weight) * requireFinite('beta', beta) + (1 - weight);
}
