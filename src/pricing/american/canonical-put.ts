/**
 * Every American option as a put with strike 1, and when its early exercise can pay.
 *
 *   C(S, K, r, q) = P(K, S, q, r)   (McDonald and Schroder, A parity result for American options, 1998),   P(S, K) = K P(S/K, 1)
 *
 *   never exercised early     r <= 0 and q >= r, or rT and -qT below 1e-18
 *   below an upper edge       r > 0, or r = 0 and q < 0
 *   between two edges         q < r < 0   (Healy, Pricing American options under negative rates, 2021)
 *
 * Exercise earns r K - q S a year: with r and q of those signs it is never positive, positive below r K / q, or above it.
 */
import { exp } from '../../math/exponential.js';
import { logRatio } from '../../math/logarithm.js';
import { blackPrice } from '../black-greeks.js';

export interface CanonicalPut {
  /** S/K of the put. */
  readonly moneyness: number;
  /** ln(S/K). */
  readonly logMoneyness: number;
  readonly rate: number;
  readonly dividendYield: number;
  readonly volatility: number;
  readonly timeToExpiry: number;
  /** What a value of this put is multiplied by: the put's strike. */
  readonly scale: number;
}

export type ExerciseRegion = 'never' | 'below' | 'between';

/** Rates that earn less than this until expiry, per unit of the strike, are none. */
const NOTHING = 1e-18;

/** A lower edge below this share of the strike is none. */
const LEAST_EDGE = 1e-50;

export function exerciseRegion(rate: number, dividendYield: number, timeToExpiry: number): ExerciseRegion {
  if (!(Math.max(rate, -dividendYield) * timeToExpiry > NOTHING)) return 'never';
  if (rate > 0 || (rate === 0 && dividendYield < 0)) return 'below';
  if (!(dividendYield < rate)) return 'never';
  return rate / dividendYield > LEAST_EDGE ? 'between' : 'below';
}

/** Spot and strike above 0. */
export function canonicalPut(
  isCall: boolean,
  spot: number,
  strike: number,
  timeToExpiry: number,
  volatility: number,
  rate: number,
  dividendYield: number,
): CanonicalPut {
  return {
    moneyness: isCall ? strike / spot : spot / strike,
    logMoneyness: isCall ? logRatio(strike, spot) : logRatio(spot, strike),
    rate: isCall ? dividendYield : rate,
    dividendYield: isCall ? rate : dividendYield,
    volatility,
    timeToExpiry,
    scale: isCall ? spot : strike,
  };
}

/** The European put of strike 1. */
export function europeanPut(put: CanonicalPut): number {
  const { moneyness, logMoneyness, rate, dividendYield, volatility, timeToExpiry } = put;
  const discountFactor = exp(-rate * timeToExpiry);
  return blackPrice({
    isCall: false,
    underlying: moneyness,
    strike: 1,
    timeToExpiry,
    volatility,
    rate,
    dividendYield,
    discountFactor,
    discountedUnderlying: moneyness * exp(-dividendYield * timeToExpiry),
    discountedStrike: discountFactor,
    logMoneyness: logMoneyness + (rate - dividendYield) * timeToExpiry,
  });
}

export function intrinsicPut({ moneyness }: CanonicalPut): number {
  return moneyness < 1 ? 1 - moneyness : 0;
}

/**
 * The time to expiry beyond which a put exercised below one edge gains nothing more that a double could hold: its distance from the
 * perpetual put falls like e^(-lambda T), lambda = r + mu^2 / (2 sigma^2), where the drift mu = r - q - sigma^2/2 of ln S is not
 * negative. Longer times only spread the nodes over a boundary that has settled.
 */
export function settledTime({ rate, dividendYield, volatility, timeToExpiry }: CanonicalPut): number {
  const drift = rate - dividendYield - 0.5 * volatility * volatility;
  if (!(drift > 0)) return timeToExpiry;
  const settled = 40 / (rate + (0.5 * drift * drift) / (volatility * volatility));
  return settled < timeToExpiry ? settled : timeToExpiry;
}
