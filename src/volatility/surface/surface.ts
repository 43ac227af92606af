/** A view on surface data: volatility, forward and distribution at any strike and time. The data stays plain and is never changed. */
import { requireArray, requireFinite, requireObject, requireOneOf, requirePositive, requireText } from '../../check.js';
import { InputError } from '../../errors.js';
import { eventVariance, millisecondsPerYear, requireClock, varianceRate } from '../../market/clock.js';
import { exp } from '../../math/exponential.js';
import { logRatio } from '../../math/logarithm.js';
import { isSabr, isSsvi, requireSmile, smileDerivatives } from '../smile/smile.js';
import { cumulative, durrleman, logDensity, logQuantile } from './distribution.js';
import { discountFactorAt, forwardAt } from './forward-curve.js';
import { smileAtMaturity } from './interpolation.js';
import type { SmileAt } from './smile-at.js';
import type { SabrParameters } from '../smile/parameters.js';
import type { SurfaceData, SurfaceSlice } from './surface-data.js';
import { requireSurfaceShift } from './surface-shift.js';
import { smileCentres, swapStrike } from './variance-swap.js';

export interface VolatilitySurface {
  readonly data: SurfaceData;
  /** Black volatility, a decimal per square root of a year of timeToExpiry. */
  volatility(strike: number, timeToExpiry: number): number;
  /** Total variance at log-moneyness k = ln(K/F). */
  totalVariance(k: number, timeToExpiry: number): number;
  forward(timeToExpiry: number): number;
  discountFactor(timeToExpiry: number): number;
  /** Risk-neutral density of S_T at the strike, per unit of price; negative where the surface has butterfly arbitrage. */
  density(strike: number, timeToExpiry: number): number;
  /** Risk-neutral P(S_T <= strike). */
  cdf(strike: number, timeToExpiry: number): number;
  /**
   * The price below which S_T ends with probability p, 0 < p < 1. Throws InputError where the smile has arbitrage in a wing
   * and the cumulative turns back before it reaches p.
   */
  quantile(p: number, timeToExpiry: number): number;
  /**
   * Fair strike of a variance swap, as a volatility. Throws InputError where a wing of the smile has arbitrage and implies no
   * distribution, as SABR's do.
   */
  varianceSwapStrike(timeToExpiry: number): number;
  /**
   * Dupire's local volatility. Throws InputError at a point where the surface has arbitrage and none exists, and for a surface
   * whose volatilities were moved since it was calibrated.
   */
  localVolatility(strike: number, timeToExpiry: number): number;
  toJSON(): SurfaceData;
}

/**
 * Opens surface data. Throws InputError naming the first field that is not as it must be: slices in order of time with positive
 * times, forwards and discount factors, smiles in their domain, event variances no greater than the slices they lie in.
 */
export function openSurface(data: SurfaceData): VolatilitySurface {
  requireSurfaceData(data);
  let lastTime = NaN;
  let lastSmile: SmileAt | undefined;
  const smileFor = (timeToExpiry: number): SmileAt => {
    if (lastSmile === undefined || timeToExpiry !== lastTime) {
      lastSmile = smileAtMaturity(data, requirePositive('timeToExpiry', timeToExpiry));
      lastTime = timeToExpiry;
    }
    return lastSmile;
  };
  const forward = (timeToExpiry: number): number =>
    forwardAt(data.slices, data.spot, requirePositive('timeToExpiry', timeToExpiry));
  const logMoneyness = (strike: number, timeToExpiry: number): number =>
    logRatio(requirePositive('strike', strike), forward(timeToExpiry));

  return {
    data,
    volatility(strike, timeToExpiry) {
      return Math.sqrt(smileFor(timeToExpiry)(logMoneyness(strike, timeToExpiry)).w / timeToExpiry);
    },
    totalVariance(k, timeToExpiry) {
      return smileFor(timeToExpiry)(requireFinite('k', k)).w;
    },
    forward,
    discountFactor(timeToExpiry) {
      return discountFactorAt(data.slices, requirePositive('timeToExpiry', timeToExpiry));
    },
    density(strike, timeToExpiry) {
      const k = logMoneyness(strike, timeToExpiry);
      return logDensity(smileFor(timeToExpiry)(k), k) / strike;
    },
    cdf(strike, timeToExpiry) {
      const k = logMoneyness(strike, timeToExpiry);
      return cumulative(smileFor(timeToExpiry)(k), k);
    },
    quantile(p, timeToExpiry) {
      if (typeof p !== 'number' || !(p > 0 && p < 1)) throw new InputError('p', p, 'between 0 and 1');
      const k = logQuantile(smileFor(timeToExpiry), p);
      if (k === undefined) throw new InputError('p', p, 'a probability the smile reaches: its wings have arbitrage');
      return forward(timeToExpiry) * exp(k);
    },
    varianceSwapStrike(timeToExpiry) {
      return swapStrike(smileFor(timeToExpiry), smileCentres(data), timeToExpiry);
    },
    localVolatility(strike, timeToExpiry) {
      if (data.shift !== undefined && data.shift.volatility.length > 0) {
        throw new InputError(
          'shift.volatility',
          data.shift.volatility,
          'empty: local volatility is that of a calibrated surface',
        );
      }
      const k = logMoneyness(strike, timeToExpiry);
      const point = smileFor(timeToExpiry)(k);
      const rate = varianceRate(data.clock, data.asOf + timeToExpiry * millisecondsPerYear);
      const variance = (point.dTau * rate) / durrleman(point, k);
      if (!(variance >= 0 && variance < Infinity)) {
        throw new InputError(
          'strike',
          strike,
          `a strike where the surface is free of arbitrage at ${timeToExpiry} years`,
        );
      }
      return Math.sqrt(variance);
    },
    toJSON() {
      return data;
    },
  };
}

/** Throws InputError naming the first field of the data that is not as it must be, whatever the data is. */
export function requireSurfaceData(data: SurfaceData): void {
  requireObject('surface', data);
  if ((data.schema as number) !== 1) throw new InputError('schema', data.schema, '1');
  requireText('underlying', data.underlying);
  requireFinite('asOf', data.asOf);
  if (data.spot !== undefined) requirePositive('spot', data.spot);
  requireClock(data.clock);
  requireOneOf('interpolation', data.interpolation, ['total-variance', 'essvi', 'price']);
  if (data.interpolation !== 'total-variance' && data.clock.events.length > 0) {
    throw new InputError('clock.events', data.clock.events, "empty unless the interpolation is 'total-variance'");
  }
  requireArray('calendar', data.calendar);
  if (requireArray('slices', data.slices).length === 0)
    throw new InputError('slices', data.slices, 'at least one slice');
  if (data.shift !== undefined) {
    requireSurfaceShift(data.shift, data.slices.length);
    if (data.calendar.length > 0 || data.slices.some((slice) => slice.butterfly !== undefined)) {
      throw new InputError('shift', data.shift, 'of a surface without certificates: none holds once it is moved');
    }
  }
  let before = { timeToExpiry: 0, varianceTime: 0 };
  data.slices.forEach((slice, i) => {
    const field = `slices[${i}]`;
    requireObject(field, slice);
    requireFinite(`${field}.expiry`, slice.expiry);
    requirePositive(`${field}.timeToExpiry`, slice.timeToExpiry);
    requirePositive(`${field}.varianceTime`, slice.varianceTime);
    requirePositive(`${field}.forward`, slice.forward);
    requirePositive(`${field}.discountFactor`, slice.discountFactor);
    requireSmile(slice.parameters);
    if (isSabr(slice.parameters)) {
      const forward = data.shift?.smileForwards[i] ?? slice.forward;
      requireSabrOfSlice(`${field}.parameters`, slice.parameters, { ...slice, forward });
    }
    if (data.interpolation === 'essvi' && !isSsvi(slice.parameters)) {
      throw new InputError(`${field}.parameters`, slice.parameters, "an SSVI slice, for the interpolation 'essvi'");
    }
    if (!(slice.timeToExpiry > before.timeToExpiry && slice.varianceTime > before.varianceTime)) {
      throw new InputError(field, slice.timeToExpiry, 'later than the slice before it');
    }
    before = slice;
    const events = eventVariance(data.clock, data.asOf, data.asOf + slice.timeToExpiry * millisecondsPerYear);
    if (events > 0 && !(smileDerivatives(slice.parameters, 0).w >= events)) {
      throw new InputError('clock.events', events, `no more than the variance of ${field}`);
    }
  });
}

/** SABR carries its forward and time itself: both must be the slice's, and there is no shift, which would change what k means. */
function requireSabrOfSlice(field: string, p: SabrParameters, slice: SurfaceSlice): void {
  for (const name of ['forward', 'timeToExpiry'] as const) {
    if (p[name] !== slice[name]) throw new InputError(`${field}.${name}`, p[name], `the slice's, ${slice[name]}`);
  }
  if (p.shift !== undefined && p.shift !== 0) {
    throw new InputError(
      `${field}.shift`,
      p.shift,
      '0: add the shift to the forwards of the surface and to its strikes',
    );
  }
}
