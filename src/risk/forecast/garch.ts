/**
 * GARCH(1,1) fitted by maximum likelihood.
 *
 *   r_t = mean + e_t,   e_t = sqrt(h_t) z_t,   h_t = omega + (alpha + gamma [e_(t-1) < 0]) e_(t-1)^2 + beta h_(t-1)
 *   ln L = -1/2 sum ( ln 2 pi + ln h_t + e_t^2 / h_t ),   stationary where alpha + beta + gamma/2 < 1
 *
 * The search runs over unbounded numbers u whose image is the stationary region: omega = v e^u0 and the persistence p = 1/(1 + e^-u1) is
 * split by 1/(1 + e^-u2) into alpha + gamma/2 and beta, and by tanh u3 into alpha and gamma. It starts with omega from the sample
 * variance (variance targeting), at several persistences. Standard errors are those of the observed information and, robust to a law
 * of z that is not normal, Bollerslev and Wooldridge's (1992). Bollerslev (1986); Glosten, Jagannathan and Runkle (1993).
 */
import { requireFinite, requireOneOf } from '../../check.js';
import type { Failure } from '../../errors.js';
import { exp, expm1 } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import type { Matrix } from '../../math/matrix.js';
import { minimise } from '../../math/minimise.js';
import type { Minimum } from '../../math/minimise.js';
import { fromEigen, symmetricEigen } from '../../math/symmetric-matrix.js';
import { compensatedSum } from '../../math/sum.js';
import { GARCH_WIDTH, garchLogLikelihood, garchVariances } from './garch-variance.js';

export interface GarchOptions {
  /** 'zero' (where missing): returns are their own surprises; 'constant': the mean is fitted too. */
  mean?: 'zero' | 'constant' | undefined;
  /** Whether negative returns may weigh more (gamma); false where missing. */
  asymmetric?: boolean | undefined;
}

export interface GarchFit {
  ok: true;
  omega: number;
  alpha: number;
  beta: number;
  /** 0 unless asymmetric. */
  gamma: number;
  /** 0 unless fitted. */
  mean: number;
  /** alpha + beta + gamma/2, below 1. */
  persistence: number;
  logLikelihood: number;
  /** The order of rows of the covariances. */
  parameterNames: GarchParameterName[];
  /** Of the parameters: the inverse of the observed information. */
  covariance: Matrix;
  /** The same, right for surprises that are not normal. */
  robustCovariance: Matrix;
  /** Of one period: sqrt(omega / (1 - persistence)). */
  longRunVolatility: number;
  /** Variances of one period, [t] known before return t; the last one is the forecast for the next period. */
  variances: Float64Array;
}

export type GarchParameterName = 'omega' | 'alpha' | 'beta' | 'gamma' | 'mean';
export type GarchFailure = Failure<'too-short' | 'not-stationary' | 'no-convergence'>;

const LEAST_RETURNS = 100;
/** A persistence above this cannot be told from 1 by any sample. */
const MOST_PERSISTENCE = 1 - 1e-6;
/** Below this alpha there is no clustering to fit: beta has no meaning then. */
const LEAST_ALPHA = 1e-6;
/** Of the mean log-likelihood, per unit of u. */
const GRADIENT = 1e-7;

/**
 * Returns are decimals of one period, in order of time. 'too-short' below 100 returns; 'not-stationary' where the likelihood rises
 * to a persistence of 1; 'no-convergence' where the returns do not vary, show no clustering (alpha runs to 0, where beta has no
 * meaning), or the search stops early. Throws InputError where a return is not finite.
 */
export function fitGarch(returns: ArrayLike<number>, options: GarchOptions = {}): GarchFit | GarchFailure {
  const withMean = requireOneOf('mean', options.mean ?? 'zero', ['zero', 'constant']) === 'constant';
  const asymmetric = options.asymmetric ?? false;
  const values = Float64Array.from(returns, (value, t) => requireFinite(`returns[${t}]`, value));
  const n = values.length;
  if (n < LEAST_RETURNS) {
    const message = `${n} returns are too few for a likelihood of this kind`;
    return { ok: false, reason: 'too-short', message, value: n, limit: LEAST_RETURNS };
  }
  const centre = withMean ? compensatedSum(values) / n : 0;
  const scale = Math.sqrt(compensatedSum(values.map((r) => (r - centre) * (r - centre))) / n);
  if (!(scale > 1e-14 * Math.abs(centre))) {
    return { ok: false, reason: 'no-convergence', message: 'the returns do not vary', value: scale };
  }
  // In units of the sample's deviation every parameter is of the order of 1.
  const unit = values.map((r) => r / scale);
  const minimum = search(unit, centre / scale, withMean, asymmetric);
  const parameters = parametersOf(minimum.x, asymmetric);
  const [omega, alpha, beta, gamma, mean] = parameters as unknown as [number, number, number, number, number];
  const persistence = alpha + beta + 0.5 * gamma;
  if (persistence > MOST_PERSISTENCE) {
    const message = 'the likelihood rises to a persistence of 1: variance has no long-run level';
    return { ok: false, reason: 'not-stationary', message, value: persistence, limit: 1 };
  }
  if (alpha + 0.5 * gamma < LEAST_ALPHA) {
    const message = 'the returns show no clustering of volatility: alpha is 0, where beta has no meaning';
    return { ok: false, reason: 'no-convergence', message, value: alpha, limit: LEAST_ALPHA };
  }
  if (maximumSize(minimum.gradient) > GRADIENT) {
    const message = `the search stopped with a gradient left after ${minimum.iterations} steps`;
    return { ok: false, reason: 'no-convergence', message, value: maximumSize(minimum.gradient), limit: GRADIENT };
  }
  const free = [0, 1, 2, ...(asymmetric ? [3] : []), ...(withMean ? [4] : [])];
  const units = [scale * scale, 1, 1, 1, scale];
  const covariances = parameterCovariances(unit, parameters, free, units);
  if (covariances === undefined) {
    const message = 'the likelihood is flat in some direction: the returns do not determine the parameters';
    return { ok: false, reason: 'no-convergence', message };
  }
  const natural = { omega: omega * scale * scale, alpha, beta, gamma, mean: mean * scale };
  return {
    ok: true,
    ...natural,
    persistence,
    logLikelihood: -n * (minimum.value + log(scale) + 0.5 * LOG_TWO_PI),
    parameterNames: free.map((k) => NAMES[k]!),
    ...covariances,
    longRunVolatility: Math.sqrt(natural.omega / (1 - persistence)),
    variances: garchVariances(values, natural),
  };
}

const LOG_TWO_PI = 1.8378770664093453;
const NAMES: readonly GarchParameterName[] = ['omega', 'alpha', 'beta', 'gamma', 'mean'];

function logistic(u: number): number {
  return u < 0 ? exp(u) / (1 + exp(u)) : 1 / (1 + exp(-u));
}

function tanh(u: number): number {
  const e = expm1(-2 * Math.abs(u));
  return Math.sign(u) * (-e / (2 + e));
}

/** [omega, alpha, beta, gamma, mean] of u = [ln omega, logit of the persistence, logit of the split, (atanh), (mean)]. */
function parametersOf(u: Float64Array, asymmetric: boolean): Float64Array {
  const persistence = logistic(u[1]!);
  const reaction = persistence * logistic(u[2]!);
  const tilt = asymmetric ? tanh(u[3]!) : 0;
  const mean = u[asymmetric ? 4 : 3] ?? 0;
  return Float64Array.of(exp(u[0]!), reaction * (1 - tilt), persistence * logistic(-u[2]!), 2 * reaction * tilt, mean);
}

/** The lowest of the searches from several starts. */
function search(unit: Float64Array, centre: number, withMean: boolean, asymmetric: boolean): Minimum {
  const n = unit.length;
  const slopes = new Float64Array(GARCH_WIDTH);
  const objective = (u: Float64Array, gradient: Float64Array): number => {
    const parameters = parametersOf(u, asymmetric);
    const value = garchLogLikelihood(unit, parameters, log, slopes);
    const persistence = logistic(u[1]!);
    const restP = logistic(-u[1]!);
    const share = logistic(u[2]!);
    const restS = logistic(-u[2]!);
    const tilt = asymmetric ? tanh(u[3]!) : 0;
    // By the reaction alpha + gamma/2 at fixed tilt.
    const byReaction = slopes[1]! * (1 - tilt) + 2 * slopes[3]! * tilt;
    gradient[0] = slopes[0]! * parameters[0]!;
    gradient[1] = persistence * restP * (byReaction * share + slopes[2]! * restS);
    gradient[2] = persistence * share * restS * (byReaction - slopes[2]!);
    if (asymmetric) gradient[3] = persistence * share * (1 - tilt * tilt) * (2 * slopes[3]! - slopes[1]!);
    if (withMean) gradient[asymmetric ? 4 : 3] = slopes[4]!;
    for (let i = 0; i < gradient.length; i++) gradient[i]! /= -n;
    return -value / n;
  };
  const minima = STARTS.map(([persistence, share]) => {
    const logit = (p: number): number => log(p / (1 - p));
    const start = [log(1 - persistence), logit(persistence), logit(share)];
    if (asymmetric) start.push(0);
    if (withMean) start.push(centre);
    return minimise(objective, start, { gradientTolerance: 1e-10 });
  });
  return minima.reduce((best, other) => (other.value < best.value ? other : best));
}

/** Persistence, and the share of it that reacts to the last return. */
const STARTS = [
  [0.97, 0.08],
  [0.9, 0.15],
  [0.7, 0.4],
] as const;

/** Both covariances of the free parameters, in the units of the returns; undefined where the information is singular. */
function parameterCovariances(
  unit: Float64Array,
  parameters: Float64Array,
  free: readonly number[],
  units: readonly number[],
): { covariance: Matrix; robustCovariance: Matrix } | undefined {
  const up = new Float64Array(GARCH_WIDTH);
  const down = new Float64Array(GARCH_WIDTH);
  const moved = Float64Array.from(parameters);
  const rows = free.map((k) => {
    // Central differences of the gradient; a step this small keeps the weights above 0.
    const step = 1e-5 * Math.max(Math.abs(parameters[k]!), 1e-3);
    moved[k] = parameters[k]! + step;
    garchLogLikelihood(unit, moved, log, up);
    moved[k] = parameters[k]! - step;
    garchLogLikelihood(unit, moved, log, down);
    moved[k] = parameters[k]!;
    return free.map((l) => (down[l]! - up[l]!) / (2 * step));
  });
  const information = rows.map((row, i) => row.map((value, j) => 0.5 * (value + rows[j]![i]!)));
  const size = information.map((row, i) => (row[i]! > 0 ? 1 / Math.sqrt(row[i]!) : NaN));
  if (size.some(Number.isNaN)) return undefined;
  const eigen = symmetricEigen(information.map((row, i) => row.map((v, j) => v * size[i]! * size[j]!)));
  if (!(eigen.values[0]! > 1e-10)) return undefined;
  const inverse = fromEigen(eigen, (value) => 1 / value).map((row, i) => row.map((v, j) => v * size[i]! * size[j]!));
  const scores = new Float64Array(GARCH_WIDTH * GARCH_WIDTH);
  garchLogLikelihood(unit, parameters, log, up, scores);
  const outer = free.map((k) => free.map((l) => scores[k * GARCH_WIDTH + l]!));
  const product = (a: Matrix, b: Matrix): Matrix =>
    a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
  const sandwich = product(product(inverse, outer), inverse);
  const inUnits = (matrix: Matrix): Matrix =>
    matrix.map((row, i) =>
      row.map((_, j) => 0.5 * (matrix[i]![j]! + matrix[j]![i]!) * units[free[i]!]! * units[free[j]!]!),
    );
  return { covariance: inUnits(inverse), robustCovariance: inUnits(sandwich) };
}

function maximumSize(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
