/**
 * Random moves of correlated factors over a horizon of h days, from their covariance S of one day:
 *
 *   normal          x ~ N(h m, h S)
 *   Student's t     x = h m + sqrt(h) R z sqrt((nu - 2)/chi2_nu): the same covariance, one chi-square for all factors together
 *   jump diffusion  the normal ones and a Poisson number of joint jumps N(m_J, S_J)                            Merton (1976)
 *
 * Antithetic samples come in pairs, x and its mirror in the normal numbers. Chi-squares by Marsaglia and Tsang (2000).
 */
import { requireFinite, requireNonNegative, requireObject, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import type { Matrix } from '../../math/matrix.js';
import { seededRandom, type Random } from '../../math/random.js';
import { covarianceRoot } from './factor-space.js';

export type FactorDistribution =
  | 'normal'
  /** Degrees of freedom, above 2. */
  | { studentT: number }
  /** Jumps a day, and their mean and covariance: on top of the covariance of the normal part. */
  | { jumpsPerDay: number; mean: number[]; covariance: Matrix };

export interface FactorModel {
  /** 'spot:BTC' and so on. */
  factors: string[];
  /** Of one day. */
  covariance: Matrix;
  /** Of one day; 0 where missing. */
  mean?: number[] | undefined;
  /** 'normal' where missing. */
  distribution?: FactorDistribution | undefined;
}

export interface SampleOptions {
  samples: number;
  horizonDays: number;
  seed: number;
  /** Pairs of mirrored samples; true where missing. */
  antithetic?: boolean | undefined;
}

/** [sample][factor]. Throws InputError naming what is not as it must be; an antithetic number of samples is even. */
export function sampleFactors(model: FactorModel, options: SampleOptions): Float64Array[] {
  const n = model.factors.length;
  if (n === 0) throw new InputError('factors', model.factors, 'at least one factor');
  const count = requirePositive('samples', options.samples);
  const days = requirePositive('horizonDays', options.horizonDays);
  const mirrored = options.antithetic ?? true;
  if (!Number.isInteger(count) || (mirrored && count % 2 === 1)) {
    throw new InputError('samples', count, mirrored ? 'an even whole number, for pairs' : 'a whole number');
  }
  const mean = means('mean', model.mean, n);
  const root = scaledRoot('covariance', model.covariance, n, days);
  const random = seededRandom(options.seed);
  const draw = shockOf(model.distribution ?? 'normal', n, days, random);
  const samples: Float64Array[] = [];
  while (samples.length < count) {
    const z = Float64Array.from({ length: n }, () => random.normal());
    const { stretch, jump } = draw();
    const sample = (sign: number): Float64Array =>
      Float64Array.from({ length: n }, (_, i) => {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += root[i]![j]! * z[j]!;
        return days * mean[i]! + sign * stretch * sum + jump(sign, i);
      });
    samples.push(sample(1));
    if (mirrored) samples.push(sample(-1));
  }
  return samples;
}

interface Shock {
  /** Of the normal part. */
  stretch: number;
  /** What jumps add to a factor, mirrored by `sign`. */
  jump: (sign: number, factor: number) => number;
}

function shockOf(distribution: FactorDistribution, n: number, days: number, random: Random): () => Shock {
  const none = (): number => 0;
  if (distribution === 'normal') return () => ({ stretch: 1, jump: none });
  requireObject('distribution', distribution);
  if ('studentT' in distribution) {
    const nu = requireFinite('studentT', distribution.studentT);
    if (!(nu > 2)) throw new InputError('studentT', nu, 'above 2: the covariance exists');
    return () => ({ stretch: Math.sqrt((nu - 2) / (2 * gammaVariate(nu / 2, random))), jump: none });
  }
  const rate = requireNonNegative('jumpsPerDay', distribution.jumpsPerDay) * days;
  const mean = means('distribution.mean', distribution.mean, n);
  const root = scaledRoot('distribution.covariance', distribution.covariance, n, 1);
  return () => {
    const jumps = poissonVariate(rate, random);
    const spread = Math.sqrt(jumps);
    const z = Float64Array.from({ length: jumps === 0 ? 0 : n }, () => random.normal());
    const jump = (sign: number, i: number): number => {
      let sum = 0;
      for (let j = 0; j < z.length; j++) sum += root[i]![j]! * z[j]!;
      return jumps * mean[i]! + sign * spread * sum;
    };
    return { stretch: 1, jump };
  };
}

function means(field: string, values: readonly number[] | undefined, n: number): readonly number[] {
  if (values === undefined) return new Array<number>(n).fill(0);
  if (values.length !== n) throw new InputError(`${field}.length`, values.length, String(n));
  values.forEach((value, i) => requireFinite(`${field}[${i}]`, value));
  return values;
}

function scaledRoot(field: string, covariance: Matrix, n: number, days: number): Matrix {
  return covarianceRoot(field, covariance, n).map((row) => row.map((entry) => entry * Math.sqrt(days)));
}

/** Of unit scale, shape above 1. */
function gammaVariate(shape: number, random: Random): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = random.normal();
    const v = (1 + c * z) ** 3;
    if (v > 0 && log(random.uniform()) < 0.5 * z * z + d - d * v + d * log(v)) return d * v;
  }
}

/** By inversion, a step a jump. */
function poissonVariate(rate: number, random: Random): number {
  let left = random.uniform();
  let count = 0;
  for (let probability = exp(-rate); left > probability && count < 1000 + 10 * rate;) {
    left -= probability;
    count++;
    probability *= rate / count;
  }
  return count;
}
