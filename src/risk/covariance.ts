/**
 * Covariances of returns, [day][asset]: the sample's, exponentially weighted, shrunk, of bad days only, and with holes.
 *
 *   sample       1/(n-1) sum (r - m)(r - m)',  or 1/n sum r r' about zero
 *   EWMA         S_t = lambda S_(t-1) + (1 - lambda) r_t r_t', one lambda for all pairs, so that it stays semi-definite
 *   Ledoit-Wolf  k F + (1 - k) S, F the sample variances at one correlation, the mean one; k least in expected squared error
 *   pairwise     each pair over the days both have; repaired, since such a table need not be semi-definite
 *
 * J.P. Morgan, RiskMetrics Technical Document (1996); Ledoit and Wolf, "Honey, I shrunk the sample covariance matrix" (2004).
 */
import { requireArray, requireFinite, requireOneOf } from '../check.js';
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';
import type { Matrix } from '../math/matrix.js';
import { compensatedSum } from '../math/sum.js';
import { requirePositiveSemidefinite, symmetricEigen } from '../math/symmetric-matrix.js';
import { correlationFromCovariance, covarianceFromCorrelation, nearestCorrelation } from './correlation.js';

/** About which point squares are taken; daily means are mostly noise, so 'zero' is the more careful choice for risk. */
export type Centre = 'mean' | 'zero';

/** Per period. Throws InputError on ragged or non-finite rows, or fewer than two (one about zero). */
export function sampleCovariance(returns: Matrix, o: { centre?: Centre | undefined } = {}): Matrix {
  const centre = requireOneOf('centre', o.centre ?? 'mean', ['mean', 'zero']);
  const n = requireReturns(returns, centre === 'mean' ? 2 : 1);
  const columns = centred(returns, centre);
  return covarianceOf(columns, centre === 'mean' ? n - 1 : n);
}

export interface EwmaCovarianceOptions {
  /** Weight of yesterday's estimate, above 0 and below 1. */
  lambda: number;
  /** The estimate before the first row; where missing, the weights of the rows are scaled to add up to one. */
  seed?: Matrix | undefined;
}

/** The estimate after the last row, about zero. Throws InputError on the rows, lambda, or a seed that is no covariance. */
export function ewmaCovariance(returns: Matrix, { lambda, seed }: EwmaCovarianceOptions): Matrix {
  const n = requireReturns(returns, 1);
  requireBetween0And1('lambda', lambda);
  const size = returns[0]!.length;
  if (seed !== undefined) requirePositiveSemidefinite('seed', seed, size);
  let kept = 1;
  const sum = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (let t = n - 1; t >= 0; t--) {
    const row = returns[t]!;
    const weight = (1 - lambda) * kept;
    for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) sum[i]![j]! += weight * row[i]! * row[j]!;
    kept *= lambda;
  }
  const scale = seed === undefined ? 1 / (1 - kept) : 1;
  return sum.map((row, i) =>
    row.map((_, j) => scale * sum[Math.max(i, j)]![Math.min(i, j)]! + (seed === undefined ? 0 : kept * seed[i]![j]!)),
  );
}

export interface ShrunkCovariance {
  covariance: Matrix;
  /** The weight of the constant-correlation target, 0 to 1. */
  shrinkage: number;
  /** The correlation of the target. */
  meanCorrelation: number;
}

/** Ledoit and Wolf's estimate, about the mean, with 1/n. Throws InputError on the rows, or where an asset does not vary. */
export function ledoitWolfCovariance(returns: Matrix): ShrunkCovariance {
  const n = requireReturns(returns, 2);
  const columns = centred(returns, 'mean');
  const size = columns.length;
  const sample = covarianceOf(columns, n);
  const sd = sample.map((row, i) => {
    if (!(row[i]! > 0)) throw new InputError(`returns[..][${i}]`, row[i], 'an asset whose returns vary');
    return Math.sqrt(row[i]!);
  });
  if (size === 1) return { covariance: sample, shrinkage: 0, meanCorrelation: 1 };
  const pairs: number[] = [];
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) pairs.push(sample[i]![j]! / (sd[i]! * sd[j]!));
  const meanCorrelation = compensatedSum(pairs) / pairs.length;
  const target = sample.map((row, i) => row.map((v, j) => (i === j ? v : meanCorrelation * sd[i]! * sd[j]!)));
  // pi: the sum of the variances of the sample entries; rho: of their covariances with the target's; gamma: the misfit.
  let pi = 0;
  let rho = 0;
  let gamma = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const x = columns[i]!;
      const y = columns[j]!;
      let entry = 0;
      let withOwn = 0;
      let withOther = 0;
      for (let t = 0; t < n; t++) {
        const miss = x[t]! * y[t]! - sample[i]![j]!;
        entry += miss * miss;
        withOwn += (x[t]! * x[t]! - sample[i]![i]!) * miss;
        withOther += (y[t]! * y[t]! - sample[j]![j]!) * miss;
      }
      pi += entry / n;
      rho +=
        i === j
          ? entry / n
          : (0.5 * meanCorrelation * ((sd[j]! / sd[i]!) * withOwn + (sd[i]! / sd[j]!) * withOther)) / n;
      const misfit = target[i]![j]! - sample[i]![j]!;
      gamma += misfit * misfit;
    }
  }
  const shrinkage = gamma > 0 ? Math.min(Math.max((pi - rho) / (gamma * n), 0), 1) : 0;
  return {
    covariance: sample.map((row, i) => row.map((v, j) => shrinkage * target[i]![j]! + (1 - shrinkage) * v)),
    shrinkage,
    meanCorrelation,
  };
}

export type StressedCovariance =
  { ok: true; covariance: Matrix; /** How many rows it rests on. */ rows: number } | Failure<'too-few-rows'>;

/**
 * The covariance, about zero, of the rows in which the market (weights x returns) lost more than `threshold`: the downside or a
 * stressed window. 'too-few-rows' where fewer than two rows for each asset are left. Throws InputError on the rows or the weights.
 */
export function downsideCovariance(
  returns: Matrix,
  { weights, threshold = 0 }: { weights: readonly number[]; threshold?: number | undefined },
): StressedCovariance {
  requireReturns(returns, 1);
  const size = returns[0]!.length;
  if (requireArray('weights', weights).length !== size) {
    throw new InputError('weights.length', weights.length, String(size));
  }
  weights.forEach((w, i) => requireFinite(`weights[${i}]`, w));
  requireFinite('threshold', threshold);
  const bad = returns.filter((row) => compensatedSum(row.map((r, i) => r * weights[i]!)) < -threshold);
  if (bad.length < 2 * size) {
    const message = `${bad.length} rows with a loss above ${threshold} are too few for ${size} assets`;
    return { ok: false, reason: 'too-few-rows', message, value: bad.length, limit: 2 * size };
  }
  return { ok: true, covariance: sampleCovariance(bad, { centre: 'zero' }), rows: bad.length };
}

export type PairwiseCovariance =
  | {
      ok: true;
      covariance: Matrix;
      /** Days that both assets of a pair have. */
      observations: Matrix;
      /** Whether the table of pairs was not positive semi-definite and its correlations had to be moved. */
      repaired: boolean;
      /** The largest move of a correlation. */
      largestMove: number;
    }
  | Failure<'too-few-rows'>;

/**
 * Rows in which NaN stands for a missing return. Variances and correlations over the days a pair shares, correlations repaired by
 * Higham's projection. 'too-few-rows' where a pair shares fewer than three days. Throws InputError on shape or infinite returns.
 */
export function pairwiseCovariance(returns: Matrix): PairwiseCovariance {
  const size = requireShape(returns, 1);
  returns.forEach((row, t) => {
    row.forEach((r, i) => {
      if (!Number.isNaN(r)) requireFinite(`returns[${t}][${i}]`, r);
    });
  });
  const observations = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const correlation: Matrix = returns[0]!.map((_, i) => returns[0]!.map((__, j) => (i === j ? 1 : 0)));
  const volatilities: number[] = [];
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const shared = returns.filter((row) => !Number.isNaN(row[i]!) && !Number.isNaN(row[j]!));
      observations[i]![j] = observations[j]![i] = shared.length;
      if (shared.length < 3) {
        const message = `assets ${j} and ${i} share ${shared.length} days`;
        return { ok: false, reason: 'too-few-rows', message, value: shared.length, limit: 3 };
      }
      const pair = sampleCovariance(shared.map((row) => [row[i]!, row[j]!]));
      if (i === j) volatilities.push(Math.sqrt(pair[0]![0]!));
      else correlation[i]![j] = correlation[j]![i] = correlationFromCovariance(pair).correlation[0]![1]!;
    }
  }
  const repaired = symmetricEigen(correlation).values[0]! < -1e-12;
  const near = repaired ? nearestCorrelation(correlation, { method: 'higham' }) : correlation;
  const largestMove = Math.max(
    ...near.map((row, i) => Math.max(...row.map((r, j) => Math.abs(r - correlation[i]![j]!)))),
  );
  return { ok: true, covariance: covarianceFromCorrelation(near, volatilities), observations, repaired, largestMove };
}

export interface AsynchronousPair {
  leader: number;
  follower: number;
  /** Of the follower's return with the leader's of the row before. */
  correlation: number;
}

/**
 * Pairs whose closes look taken at different times: tomorrow's return of one goes with today's of the other by more than `deviations`
 * (3 where missing) standard errors, 1/sqrt(n). Their correlations are too low. Throws InputError on the rows.
 */
export function asynchronousPairs(returns: Matrix, o: { deviations?: number | undefined } = {}): AsynchronousPair[] {
  const n = requireReturns(returns, 4);
  const limit = requireFinite('deviations', o.deviations ?? 3) / Math.sqrt(n - 1);
  const columns = centred(returns, 'mean');
  const norm = columns.map((x) => Math.sqrt(compensatedSum(x.map((v) => v * v))));
  const found: AsynchronousPair[] = [];
  for (let leader = 0; leader < columns.length; leader++) {
    for (let follower = 0; follower < columns.length; follower++) {
      if (leader === follower || !(norm[leader]! * norm[follower]! > 0)) continue;
      const x = columns[leader]!;
      const y = columns[follower]!;
      const product = compensatedSum(x.subarray(0, n - 1).map((v, t) => v * y[t + 1]!));
      const correlation = product / (norm[leader]! * norm[follower]!);
      if (correlation > limit) found.push({ leader, follower, correlation });
    }
  }
  return found;
}

function requireBetween0And1(field: string, value: number): void {
  if (!(value > 0 && value < 1)) throw new InputError(field, value, 'a number between 0 and 1, ends excluded');
}

/** Number of assets. */
function requireShape(returns: Matrix, least: number): number {
  if (requireArray('returns', returns).length < least) {
    throw new InputError('returns.length', returns.length, `${least} or more`);
  }
  const size = requireArray('returns[0]', returns[0]).length;
  if (size === 0) throw new InputError('returns[0].length', 0, 'above 0');
  returns.forEach((row, t) => {
    if (requireArray(`returns[${t}]`, row).length !== size) {
      throw new InputError(`returns[${t}].length`, row.length, String(size));
    }
  });
  return size;
}

/** Number of rows. */
function requireReturns(returns: Matrix, least: number): number {
  requireShape(returns, least);
  returns.forEach((row, t) => {
    row.forEach((r, i) => requireFinite(`returns[${t}][${i}]`, r));
  });
  return returns.length;
}

/** By asset. */
function centred(returns: Matrix, centre: Centre): Float64Array[] {
  return returns[0]!.map((_, i) => {
    const column = Float64Array.from(returns, (row) => row[i]!);
    const mean = centre === 'mean' ? compensatedSum(column) / column.length : 0;
    return column.map((r) => r - mean);
  });
}

function covarianceOf(columns: readonly Float64Array[], divisor: number): Matrix {
  return columns.map((x) => columns.map((y) => compensatedSum(x.map((v, t) => v * y[t]!)) / divisor));
}
