/**
 * The four delta conventions of the foreign exchange market, for a pair quoted as domestic per foreign currency.
 *
 *   F = S e^((r_d - r_f) T),  q = e^(-r_f T),  s = sigma sqrt(T),  d1,2 = ln(F/K)/s +- s/2
 *
 *   spot      omega q N(omega d1)          spot-premium-adjusted      omega q (K/F) N(omega d2)
 *   forward   omega N(omega d1)            forward-premium-adjusted   omega (K/F) N(omega d2)
 *
 * Premium-adjusted deltas hedge an option whose premium is paid in foreign currency: they are the plain delta less the premium.
 * Source: Reiswich and Wystup, FX volatility smile construction (2010).
 */
import {
  requireNonNegative,
  requireNonNegativeOrInfinite,
  requireObject,
  requireOneOf,
  requirePositive,
} from '../check.js';
import { exp } from '../math/exponential.js';
import { logRatio } from '../math/logarithm.js';
import { normalCdf } from '../math/normal.js';
import { zeroRate, type OnCurves } from './curves.js';
import type { OptionType } from './option.js';

export type DeltaConvention = 'spot' | 'forward' | 'spot-premium-adjusted' | 'forward-premium-adjusted';

export interface FxOption {
  type: OptionType;
  /** Domestic currency for one unit of foreign currency. */
  spot: number;
  strike: number;
  /** Years. */
  timeToExpiry: number;
  /** Per square root of a year. */
  volatility: number;
  /** Continuously compounded, per year. */
  domesticRate: number;
  foreignRate: number;
}

const CONVENTIONS: readonly DeltaConvention[] = [
  'spot',
  'forward',
  'spot-premium-adjusted',
  'forward-premium-adjusted',
];

/** What a convention comes down to: the factor q or 1, and whether the premium is taken off. */
export interface DeltaRule {
  factor: number;
  premiumAdjusted: boolean;
}

/** The market an FX option lives in, checked: everything but type, strike and volatility. */
export interface FxMarket {
  spot: number;
  timeToExpiry: number;
  domesticRate: number;
  foreignRate: number;
}

export function checkFxMarket(market: OnCurves<FxMarket>): FxMarket {
  requireObject('option', market);
  const timeToExpiry = requireNonNegative('timeToExpiry', market.timeToExpiry);
  return {
    spot: requirePositive('spot', market.spot),
    timeToExpiry,
    domesticRate: zeroRate(market.domesticRate, timeToExpiry, 'domesticRate'),
    foreignRate: zeroRate(market.foreignRate, timeToExpiry, 'foreignRate'),
  };
}

export function deltaRule(market: FxMarket, convention: DeltaConvention): DeltaRule {
  requireOneOf('convention', convention, CONVENTIONS);
  return {
    factor: convention.startsWith('spot') ? exp(-market.foreignRate * market.timeToExpiry) : 1,
    premiumAdjusted: convention.endsWith('premium-adjusted'),
  };
}

/** ln(F/K), from the spot: no rounded forward in between. */
export function logForwardMoneyness(market: FxMarket, strike: number): number {
  return logRatio(market.spot, strike) + (market.domesticRate - market.foreignRate) * market.timeToExpiry;
}

/** Delta under a rule, from x = ln(F/K) and s; the limits at s = 0 (one half at the forward), s = Infinity and K = 0 included. */
export function deltaUnder(rule: DeltaRule, omega: 1 | -1, x: number, s: number): number {
  const sign = rule.premiumAdjusted ? -0.5 : 0.5;
  const d = x === Infinity ? x : s === 0 ? (x === 0 ? 0 : x * Infinity) : x / s + sign * s;
  const probability = normalCdf(omega * d);
  if (!rule.premiumAdjusted) return omega * rule.factor * probability;
  return probability === 0 ? omega * 0 : omega * rule.factor * exp(-x) * probability;
}

/**
 * Delta of an FX option in a convention: per unit of foreign notional, positive for calls, negative for puts. Rates may be
 * numbers or curves. Throws an InputError for a number out of range (strike, time and volatility 0 or more, spot above 0).
 */
export function fxDelta(option: OnCurves<FxOption>, convention: DeltaConvention): number {
  const market = checkFxMarket(option);
  const omega = requireOneOf('type', option.type, ['call', 'put']) === 'call' ? 1 : -1;
  const strike = requireNonNegative('strike', option.strike);
  const volatility = requireNonNegativeOrInfinite('volatility', option.volatility);
  const s = market.timeToExpiry === 0 ? 0 : volatility * Math.sqrt(market.timeToExpiry);
  return deltaUnder(deltaRule(market, convention), omega, logForwardMoneyness(market, strike), s);
}
