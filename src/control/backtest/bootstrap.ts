/**
 * Intervals for a statistic of dependent returns: the stationary bootstrap draws blocks of geometric length with the given mean and
 * wraps around the end, so that resampled series are stationary and keep the dependence within blocks. Politis and Romano (1994).
 */
import { requireWithin } from '../../check.js';
import { InputError } from '../../errors.js';
import { seededRandom } from '../../math/random.js';
import { quantile } from './quantile.js';
import { drawBlocks, meanBlockOf } from './resampling.js';

export interface BootstrapOptions {
  /** Mean length of a block, in periods; n^(1/3) where missing. */
  meanBlock?: number | undefined;
  /** Resampled series; 1000 where missing. */
  draws?: number | undefined;
  /** Of the interval; 0.95 where missing. */
  confidence?: number | undefined;
  seed: number;
}

export interface BootstrapInterval {
  estimate: number;
  interval: [number, number];
  standardError: number;
}

/** Percentile interval of `statistic`. Throws InputError for an empty series, blocks below 1 or a statistic that is not a number. */
export function blockBootstrap(
  returns: readonly number[],
  statistic: (sample: Float64Array) => number,
  options: BootstrapOptions,
): BootstrapInterval {
  const n = returns.length;
  if (n === 0) throw new InputError('returns.length', 0, 'at least 1');
  const meanBlock = meanBlockOf(options.meanBlock, n);
  const draws = options.draws ?? 1000;
  if (!(Number.isInteger(draws) && draws >= 20)) throw new InputError('draws', draws, 'a whole number of at least 20');
  const confidence = requireWithin('confidence', options.confidence ?? 0.95, 0.5, 0.9999);
  const random = seededRandom(options.seed);
  const evaluate = (sample: Float64Array): number => {
    const value = statistic(sample);
    if (Number.isNaN(value)) throw new InputError('statistic', value, 'a number for every sample');
    return value;
  };

  const sample = new Float64Array(n);
  const values = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    drawBlocks(random, n, meanBlock, (place, from) => (sample[place] = returns[from]!));
    values[draw] = evaluate(sample);
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / draws;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws - 1);
  return {
    estimate: evaluate(Float64Array.from(returns)),
    interval: [quantile(values, 0.5 - confidence / 2), quantile(values, 0.5 + confidence / 2)],
    standardError: Math.sqrt(variance),
  };
}
