/**
 * Bachelier's model: the forward moves by normal steps. Forward and strike may have any sign; the volatility is in price units
 * per square root of a year.
 *
 *   v = sigma sqrt(T),  d = (F - K)/v
 *   V = DF [ (omega (F - K))^+ + v phi(d) (1 - |d| M(|d|)) ],  M the Mills ratio
 *
 * The out-of-the-money part is a product of positive factors, so it keeps its relative accuracy down to underflow. Derivatives
 * hold F and r = -ln(DF)/T fixed. Source: Bachelier, Theorie de la speculation (1900).
 */
import {
  requireFinite,
  requireNonNegative,
  requireNonNegativeOrInfinite,
  requireObject,
  requireOneOf,
  requirePositive,
} from '../check.js';
import { InputError } from '../errors.js';
import { scaledGaussian } from '../math/mills.js';
import { millsComplement, normalCdf } from '../math/normal.js';
import { bachelierImpliedVolatility } from './bachelier-implied-volatility.js';
import { INVERSE_SQRT_TWO_PI } from './black.js';
import { standardDeviation } from './black-greeks.js';
import { discountImpliedVolatility, rateFromDiscountFactor } from './discounting.js';
import type { Greeks } from './greeks.js';
import type { ImpliedVolatility } from './implied-volatility.js';
import type { Model } from './model.js';
import type { ForwardOption } from './option.js';

interface Terms {
  type: 'call' | 'put';
  omega: 1 | -1;
  /** F - K. */
  distance: number;
  timeToExpiry: number;
  discountFactor: number;
}

/** Reads and checks everything but the volatility. */
function readTerms(option: Omit<ForwardOption, 'volatility'>): Terms {
  requireObject('option', option);
  const type = requireOneOf('type', option.type, ['call', 'put']);
  const distance = requireFinite('forward', option.forward) - requireFinite('strike', option.strike);
  if (!Number.isFinite(distance)) {
    throw new InputError('strike', option.strike, 'within the range of doubles of the forward');
  }
  return {
    type,
    omega: type === 'call' ? 1 : -1,
    distance,
    timeToExpiry: requireNonNegative('timeToExpiry', option.timeToExpiry),
    discountFactor: option.discountFactor === undefined ? 1 : requirePositive('discountFactor', option.discountFactor),
  };
}

function readVolatility(option: ForwardOption): number {
  return requireNonNegativeOrInfinite('volatility', option.volatility);
}

function valueOf({ omega, distance, discountFactor }: Terms, v: number): number {
  const intrinsic = omega * distance > 0 ? Math.abs(distance) : 0;
  if (v === 0 || v === Infinity) return v === 0 ? discountFactor * intrinsic : Infinity;
  const d = Math.abs(distance / v);
  return discountFactor * (intrinsic + INVERSE_SQRT_TWO_PI * scaledGaussian(v, d) * millsComplement(d));
}

/**
 * Discounted value of one option. At T = 0 or zero volatility the discounted intrinsic value; Infinity at infinite volatility.
 * Throws an InputError naming the field that is not a number of the stated range: `forward` and `strike` finite, `timeToExpiry`
 * and `volatility` 0 or more (volatility may be Infinity), `discountFactor` above 0.
 */
function price(option: ForwardOption): number {
  const terms = readTerms(option);
  return valueOf(terms, standardDeviation(readVolatility(option), terms.timeToExpiry));
}

/**
 * Value and derivatives in F, sigma, time, r, K. At T = 0 or volatility 0 delta is the discount factor times 1, one half (on the
 * strike) or 0, gamma and vega are 0. At infinite volatility they are limits; price, theta and rho are infinite. Throws as
 * {@link bachelier.price} does.
 */
function greeks(option: ForwardOption): Greeks {
  const terms = readTerms(option);
  const { omega, distance, timeToExpiry: T, discountFactor } = terms;
  const sigma = readVolatility(option);
  // Finite even for times too short to divide by, so that nothing accrues on nothing.
  const r = Math.max(-Number.MAX_VALUE, Math.min(rateFromDiscountFactor(discountFactor, T), Number.MAX_VALUE));
  const v = standardDeviation(sigma, T);
  const price = valueOf(terms, v);
  const d = v === 0 ? (distance === 0 ? 0 : distance * Infinity) : distance / v;
  const delta = omega * discountFactor * normalCdf(omega * d);
  const n = v === 0 ? 0 : discountFactor * scaledGaussian(INVERSE_SQRT_TWO_PI, d);
  if (n === 0) return withoutDensity(price, delta, distance === 0 ? 0 : r, T);

  const gamma = n / v;
  const vega = n * Math.sqrt(T);
  const d2 = d * d;
  const theta = r * price - (vega * sigma) / (2 * T);
  return {
    price,
    delta,
    gamma,
    vega,
    theta: Number.isFinite(theta) ? theta : scaledTheta(terms, r, sigma, v, n),
    rho: -T * price,
    dividendRho: 0,
    vanna: (-n * d) / sigma,
    volga: (vega * d2) / sigma,
    charm: r * delta + (n * d) / (2 * T),
    veta: vega * (r - (1 + d2) / (2 * T)),
    speed: (-n * d) / v / v,
    zomma: (gamma * (d2 - 1)) / sigma,
    color: gamma * (r + (1 - d2) / (2 * T)),
    ultima: (vega * d2 * (d2 - 3)) / sigma / sigma,
    dualDelta: -delta,
    dualGamma: gamma,
  };
}

/** r V - n v / 2T = sigma / (2 sqrt T) [2 r T V/v - n], for a value or a loss in time that alone is no double; v may be infinite. */
function scaledTheta(
  { omega, distance, timeToExpiry: T, discountFactor }: Terms,
  r: number,
  sigma: number,
  v: number,
  n: number,
): number {
  const d = Math.abs(distance / v);
  const intrinsic = omega * distance > 0 ? d : 0;
  const valuePerDeviation = discountFactor * intrinsic + n * millsComplement(d);
  const bracket = 2 * r * T * valuePerDeviation - n;
  return bracket === 0 ? 0 : (sigma / (2 * Math.sqrt(T))) * bracket;
}

/** Where no double holds the density: a claim on F - K, discounted; on the strike, on half of it, which is worth 0 and stays so. */
function withoutDensity(price: number, delta: number, r: number, T: number): Greeks {
  return {
    price,
    delta,
    gamma: 0,
    vega: 0,
    theta: r * price,
    rho: -T * price,
    dividendRho: 0,
    vanna: 0,
    volga: 0,
    charm: r * delta,
    veta: 0,
    speed: 0,
    zomma: 0,
    color: 0,
    ultima: 0,
    dualDelta: -delta,
    dualGamma: 0,
  };
}

/**
 * The volatility, in price units per square root of a year, at which the option is worth the discounted `price`; a reason where
 * there is none. Throws an InputError as {@link bachelier.price} does.
 */
function impliedVolatility(option: Omit<ForwardOption, 'volatility'>, price: number): ImpliedVolatility {
  const { type, timeToExpiry, discountFactor } = readTerms(option);
  const undiscounted = requireFinite('price', price) / discountFactor;
  return discountImpliedVolatility(
    bachelierImpliedVolatility(option.forward, option.strike, timeToExpiry, type, undiscounted),
    discountFactor,
    price,
  );
}

export const bachelier: Model<ForwardOption, Greeks> = { price, greeks, impliedVolatility };
