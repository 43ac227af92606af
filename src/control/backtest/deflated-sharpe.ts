/**
 * How much of a Sharpe ratio is luck. A ratio estimated from n returns of skewness g3 and kurtosis g4 exceeds a benchmark with
 * probability
 *
 *   PSR(b) = N( (SR - b) sqrt(n - 1) / sqrt(1 - g3 SR + (g4 - 1)/4 SR^2) )
 *
 * and the best of N trials is to be held against the maximum that N trials without skill would reach,
 *
 *   b = sd(SR of the trials) [ (1 - c) N^-1(1 - 1/N) + c N^-1(1 - 1/(N e)) ],   c = Euler's constant
 *
 * Ratios are per period. Bailey and Lopez de Prado, "The deflated Sharpe ratio" (2014).
 */
import { requireFinite, requireNonNegative } from '../../check.js';
import { InputError } from '../../errors.js';
import { inverseNormalCdf, normalCdf } from '../../math/normal.js';
import { returnShape, sharpeRatio } from './performance.js';

const EULER = 0.5772156649015329;

export interface DeflatedSharpeInput {
  /** Per period, not annual. */
  sharpe: number;
  observations: number;
  /** Of the returns; 0 and 3 for normal ones. */
  skewness: number;
  kurtosis: number;
  /** Every strategy and setting that was tried, this one included. */
  trials: number;
  /** Variance of the Sharpe ratio per period across the trials. */
  trialVariance: number;
}

export interface DeflatedSharpe {
  /** Probability that the ratio exceeds what the best of the trials reaches without skill. */
  probability: number;
  /** That ratio, per period. */
  expectedMaximum: number;
  /** Probability that the ratio exceeds 0, had there been one trial. */
  probabilisticSharpe: number;
}

/** Throws InputError for moments no distribution has, fewer than two observations or trials below 1. */
export function deflatedSharpe(input: DeflatedSharpeInput): DeflatedSharpe {
  const sharpe = requireFinite('sharpe', input.sharpe);
  const skewness = requireFinite('skewness', input.skewness);
  const kurtosis = requireFinite('kurtosis', input.kurtosis);
  requireNonNegative('trialVariance', input.trialVariance);
  if (!(Number.isInteger(input.observations) && input.observations >= 2)) {
    throw new InputError('observations', input.observations, 'a whole number of at least 2');
  }
  if (!(Number.isInteger(input.trials) && input.trials >= 1)) {
    throw new InputError('trials', input.trials, 'a whole number of at least 1');
  }
  if (kurtosis < 1 + skewness ** 2) throw new InputError('kurtosis', kurtosis, 'at least 1 + skewness^2');
  const scale = Math.sqrt((input.observations - 1) / (1 - skewness * sharpe + 0.25 * (kurtosis - 1) * sharpe ** 2));
  const expectedMaximum = Math.sqrt(input.trialVariance) * expectedMaximumOfNormals(input.trials);
  return {
    probability: normalCdf((sharpe - expectedMaximum) * scale),
    expectedMaximum,
    probabilisticSharpe: normalCdf(sharpe * scale),
  };
}

/**
 * The deflated ratio of each of the trials, from their period returns. `otherTrials` were tried and are not in the list. The variance
 * across trials is that of the listed ratios; of one trial alone that of a ratio of no skill, 1/n. Throws InputError where there is no
 * trial, or one of fewer than two returns.
 */
export function deflateTrials(trials: readonly (readonly number[])[], otherTrials = 0): DeflatedSharpe[] {
  if (trials.length === 0) throw new InputError('trials.length', 0, 'at least 1');
  if (!(Number.isInteger(otherTrials) && otherTrials >= 0)) {
    throw new InputError('otherTrials', otherTrials, 'a whole number, 0 or more');
  }
  const ratios = trials.map(sharpeRatio);
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const squares = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0);
  return trials.map((returns, i) =>
    deflatedSharpe({
      sharpe: ratios[i]!,
      observations: returns.length,
      ...returnShape(returns),
      trials: trials.length + otherTrials,
      trialVariance: trials.length > 1 ? squares / (trials.length - 1) : 1 / returns.length,
    }),
  );
}

/** Of N independent standard normals, to the accuracy of the extreme-value limit; 0 of one. */
function expectedMaximumOfNormals(count: number): number {
  if (count === 1) return 0;
  return (1 - EULER) * inverseNormalCdf(1 - 1 / count) + EULER * inverseNormalCdf(1 - 1 / (count * Math.E));
}
