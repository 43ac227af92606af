/**
 * What a desk reads off a surface at one maturity, each figure with its standard error.
 *
 *   at the money        sigma(0), sigma'(0), sigma''(0) in k = ln(K/F)
 *   risk reversal       sigma(K_c) - sigma(K_p),  forward deltas of the call at K_c and the put at K_p as stated, on the smile
 *   butterfly           [sigma(K_c) + sigma(K_p)]/2 - sigma(0)
 *   moneyness skew      sigma(0.9 F) - sigma(1.1 F)
 *   term slope          of sigma(0) per year, between the two slices next to the maturity
 *   variance swap       its fair volatility, and what it is above sigma(0)
 *
 * The standard error is that of the delta method, sqrt(f' C f) with C the covariance of the slice's parameters and f the derivative
 * of the figure by them: exact derivatives from jets, those of the delta strikes by the implicit-function theorem. Errors of two
 * slices are taken as independent.
 */
import { requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import { exp } from '../../math/exponential.js';
import { add, derivative, divide, scale, sqrt, variable } from '../../math/jet.js';
import type { Jet } from '../../math/jet.js';
import { log } from '../../math/logarithm.js';
import type { Matrix } from '../../math/matrix.js';
import type { SmileParameters } from '../smile/parameters.js';
import { totalVarianceGradient } from '../smile/smile-gradient.js';
import { smileParameterNames, totalVarianceJet } from '../smile/smile-jet.js';
import { strikeOfDelta } from './delta-strike.js';
import type { DeltaStrikeFailure } from './delta-strike.js';
import { smileAtMaturity } from './interpolation.js';
import type { SmileAt } from './smile-at.js';
import { volatilityPoint } from './smile-point.js';
import type { VolatilitySurface } from './surface.js';
import type { SurfaceSlice } from './surface-data.js';
import { expectedTotalVariance, expectedVarianceChange, smileCentres } from './variance-swap.js';

/**
 * The standard error is there where the maturity is that of a slice with a covariance, and missing elsewhere; it is Infinity where
 * the quotes did not determine what the figure depends on.
 */
export interface Estimate {
  value: number;
  standardError?: number | undefined;
}

/** Strikes as K/F. */
export interface DeltaWings {
  ok: true;
  callMoneyness: number;
  putMoneyness: number;
  riskReversal: Estimate;
  butterfly: Estimate;
}

export interface SurfaceAnalytics {
  timeToExpiry: number;
  atmVolatility: Estimate;
  /** dvol/dk at the forward. */
  skew: Estimate;
  /** d2vol/dk2 at the forward. */
  curvature: Estimate;
  delta25: DeltaWings | DeltaStrikeFailure;
  delta10: DeltaWings | DeltaStrikeFailure;
  /** Volatility at 90% of the forward less that at 110%. */
  moneynessSkew: Estimate;
  /** Change of the at-the-money volatility per year; missing where the surface has one slice. */
  termSlope?: Estimate | undefined;
  varianceSwap: { ok: true; volatility: Estimate; aboveAtm: Estimate } | Failure<'no-distribution'>;
}

/** A figure with its derivative by the parameters of the slice, where there are any. */
interface Reading {
  value: number;
  gradient?: Float64Array | undefined;
}

/** One smile: its points, and at a slice its volatility as a jet in the parameters and k. */
interface Smile {
  timeToExpiry: number;
  at: SmileAt;
  volatilityJet?: ((k: number) => { volatility: Jet; variance: Jet }) | undefined;
  parameters?: SmileParameters | undefined;
  covariance?: Matrix | undefined;
  breaks: number[];
}

/**
 * The figures of the surface at a maturity. Throws InputError where the time is not above 0, the smile has no variance at the
 * money or, for SABR, no volatility at a strike that is read, and where a slice's covariance is not one of its parameters.
 */
export function surfaceAnalytics(surface: VolatilitySurface, timeToExpiry: number): SurfaceAnalytics {
  requirePositive('timeToExpiry', timeToExpiry);
  const smile = smileOf(surface, timeToExpiry);
  if (!(smile.at(0).w > 0)) {
    throw new InputError('timeToExpiry', timeToExpiry, 'a time at which the smile has variance at the money');
  }
  const estimate = (reading: Reading): Estimate => estimateOf(reading, smile.covariance);
  const money = pointReadings(smile, 0);
  const wings = (delta: number): DeltaWings | DeltaStrikeFailure => {
    const call = deltaReading(smile, delta);
    if (!call.ok) return call;
    const put = deltaReading(smile, 1 - delta);
    if (!put.ok) return put;
    return {
      ok: true,
      callMoneyness: call.moneyness,
      putMoneyness: put.moneyness,
      riskReversal: estimate(combine([1, call], [-1, put])),
      butterfly: estimate(combine([0.5, call], [0.5, put], [-1, money.volatility])),
    };
  };
  const at90 = pointReadings(smile, log(0.9)).volatility;
  const at110 = pointReadings(smile, log(1.1)).volatility;
  const swap = swapReading(smile);
  return {
    timeToExpiry,
    atmVolatility: estimate(money.volatility),
    skew: estimate(money.slope),
    curvature: estimate(money.curvature),
    delta25: wings(0.25),
    delta10: wings(0.1),
    moneynessSkew: estimate(combine([1, at90], [-1, at110])),
    termSlope: termSlope(surface, timeToExpiry),
    varianceSwap:
      'reason' in swap
        ? swap
        : { ok: true, volatility: estimate(swap), aboveAtm: estimate(combine([1, swap], [-1, money.volatility])) },
  };
}

function smileOf(surface: VolatilitySurface, timeToExpiry: number): Smile {
  const { slices } = surface.data;
  const breaks = smileCentres(surface.data);
  const at = smileAtMaturity(surface.data, timeToExpiry);
  const index = slices.findIndex((slice) => slice.timeToExpiry === timeToExpiry);
  const slice = slices[index];
  if (slice?.covariance === undefined) return { timeToExpiry, at, breaks };
  requireCovariance(`slices[${index}].covariance`, slice.covariance, slice);
  const volatilityJet = (k: number): { volatility: Jet; variance: Jet } => {
    const variance = totalVarianceJet(slice.parameters, k);
    return { variance, volatility: sqrt(scale(variance, 1 / timeToExpiry)) };
  };
  return { timeToExpiry, at, volatilityJet, parameters: slice.parameters, covariance: slice.covariance, breaks };
}

function requireCovariance(field: string, covariance: Matrix, { parameters }: SurfaceSlice): void {
  const names = smileParameterNames(parameters);
  const isRow = (row: unknown): boolean =>
    Array.isArray(row) &&
    row.length === names.length &&
    row.every((entry) => typeof entry === 'number' && entry === entry);
  if (!Array.isArray(covariance) || covariance.length !== names.length || !covariance.every(isRow)) {
    throw new InputError(field, covariance, `${names.length} rows of ${names.length} numbers: of ${names.join(', ')}`);
  }
}

/** Volatility, slope and curvature at k. */
function pointReadings(smile: Smile, k: number): Record<'volatility' | 'slope' | 'curvature', Reading> {
  const { volatility, slope, curvature } = volatilityPoint(smile.at(k), smile.timeToExpiry);
  const jet = smile.volatilityJet?.(k).volatility;
  const at = parameterCount(smile);
  return {
    volatility: { value: volatility, gradient: jet && gradientOf(at, (i) => derivative(jet, i)) },
    slope: { value: slope, gradient: jet && gradientOf(at, (i) => derivative(jet, i, at)) },
    curvature: { value: curvature, gradient: jet && gradientOf(at, (i) => derivative(jet, i, at, at)) },
  };
}

/** Volatility at the strike of a call delta: the strike moves with the parameters, dk = -(d1)_theta / (d1)_k dtheta. */
function deltaReading(smile: Smile, delta: number): (Reading & { ok: true; moneyness: number }) | DeltaStrikeFailure {
  const found = strikeOfDelta(smile.at, delta);
  if (!found.ok) return found;
  const { k } = found;
  const { volatility: value } = volatilityPoint(smile.at(k), smile.timeToExpiry);
  const reading = { ok: true as const, value, moneyness: exp(k) };
  if (smile.volatilityJet === undefined) return reading;
  const { volatility, variance } = smile.volatilityJet(k);
  const at = parameterCount(smile);
  const root = sqrt(variance);
  const d1 = add(divide(scale(variable(at + 1, at, k), -1), root), scale(root, 0.5));
  const perStrike = derivative(volatility, at) / derivative(d1, at);
  const gradient = gradientOf(at, (i) => derivative(volatility, i) - perStrike * derivative(d1, i));
  return { ...reading, gradient };
}

function swapReading(smile: Smile): Reading | Failure<'no-distribution'> {
  const { timeToExpiry, at, parameters, breaks } = smile;
  const variance = expectedTotalVariance(at, breaks);
  if (variance === undefined) {
    const message = 'a wing of the smile has arbitrage: there is no distribution to expect the variance of';
    return { ok: false, reason: 'no-distribution', message };
  }
  const value = Math.sqrt(variance / timeToExpiry);
  if (parameters === undefined) return { value };
  const slopes = new Float64Array(parameterCount(smile));
  const changeBy = (i: number) => (k: number) => {
    totalVarianceGradient(parameters, k, slopes);
    return slopes[i]!;
  };
  const perVariance = 1 / (2 * value * timeToExpiry);
  return {
    value,
    gradient: gradientOf(slopes.length, (i) => perVariance * expectedVarianceChange(at, changeBy(i), breaks)!),
  };
}

/** Between the slices around the time, or the two nearest to it. */
function termSlope(surface: VolatilitySurface, timeToExpiry: number): Estimate | undefined {
  const { slices } = surface.data;
  if (slices.length < 2) return undefined;
  const after = slices.findIndex((slice) => slice.timeToExpiry > timeToExpiry);
  const later = after < 0 ? slices.length - 1 : Math.max(1, after);
  const [from, to] = [slices[later - 1]!, slices[later]!].map((slice) => {
    const smile = smileOf(surface, slice.timeToExpiry);
    return estimateOf(pointReadings(smile, 0).volatility, smile.covariance);
  }) as [Estimate, Estimate];
  const years = slices[later]!.timeToExpiry - slices[later - 1]!.timeToExpiry;
  const value = (to.value - from.value) / years;
  if (from.standardError === undefined || to.standardError === undefined) return { value };
  return { value, standardError: Math.hypot(from.standardError, to.standardError) / years };
}

function parameterCount({ covariance }: Smile): number {
  return covariance?.length ?? 0;
}

function gradientOf(count: number, by: (i: number) => number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => by(i));
}

function combine(...terms: [weight: number, reading: Reading][]): Reading {
  const value = terms.reduce((sum, [weight, reading]) => sum + weight * reading.value, 0);
  const first = terms[0]![1].gradient;
  if (first === undefined) return { value };
  const along = (i: number): number => terms.reduce((sum, [weight, { gradient }]) => sum + weight * gradient![i]!, 0);
  return { value, gradient: gradientOf(first.length, along) };
}

/** The delta method; an infinite variance counts only where the figure depends on the parameter. */
function estimateOf({ value, gradient }: Reading, covariance: Matrix | undefined): Estimate {
  if (gradient === undefined || covariance === undefined) return { value };
  let variance = 0;
  gradient.forEach((left, i) => {
    gradient.forEach((right, j) => {
      if (left !== 0 && right !== 0) variance += left * right * covariance[i]![j]!;
    });
  });
  return { value, standardError: Math.sqrt(Math.max(0, variance)) };
}
