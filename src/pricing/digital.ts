/**
 * European digitals, priced on the smile: the strike's volatility and its slope.
 *
 *   cash     DF [N(omega d2) - omega n(d2) sqrt(T) sigma']          pays 1
 *   asset    DF F [N(omega d1) - omega n(d1) sqrt(T) sigma']        pays S_T
 *
 * if S_T ends beyond the strike; sigma' = dsigma/dk, k = ln(K/F), at the strike: the digital is the strike derivative of a vanilla
 * option whose volatility moves along the smile. Without a slope this is Black's digital. Source: Gatheral, The Volatility
 * Surface (2006), chapter 8; Reiner and Rubinstein, Unscrambling the binary code (1991).
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
import * as jet from '../math/jet.js';
import { logRatio } from '../math/logarithm.js';
import { mills, normalCdf, normalPdf } from '../math/normal.js';
import { standardDeviation } from './black-greeks.js';
import { rateFromDiscountFactor } from './discounting.js';
import type { Greeks } from './greeks.js';
import { FORWARD, FORWARD_VARIABLES, greeksFromJet, STRIKE, TIME, VOLATILITY } from './jet-greeks.js';
import type { ForwardOption } from './option.js';

export interface DigitalOption extends ForwardOption {
  /** 1 unit of cash, or one unit of the underlying. */
  payoff: 'cash' | 'asset';
  /** dvol/dk at this strike, k = ln(K/F); 0 where missing. */
  volatilitySlope?: number | undefined;
}

interface Terms {
  omega: 1 | -1;
  cash: boolean;
  forward: number;
  strike: number;
  timeToExpiry: number;
  volatility: number;
  discountFactor: number;
  slope: number;
  s: number;
  /** d2 for cash, d1 for asset digitals; infinite where the outcome is certain. */
  d: number;
}

function readTerms(option: DigitalOption): Terms {
  requireObject('option', option);
  const omega = requireOneOf('type', option.type, ['call', 'put']) === 'call' ? 1 : -1;
  const cash = requireOneOf('payoff', option.payoff, ['cash', 'asset']) === 'cash';
  const forward = requirePositive('forward', option.forward);
  const strike = requireNonNegative('strike', option.strike);
  const timeToExpiry = requireNonNegative('timeToExpiry', option.timeToExpiry);
  const volatility = requireNonNegativeOrInfinite('volatility', option.volatility);
  const discountFactor =
    option.discountFactor === undefined ? 1 : requirePositive('discountFactor', option.discountFactor);
  const slope = option.volatilitySlope === undefined ? 0 : requireFinite('volatilitySlope', option.volatilitySlope);
  const s = standardDeviation(volatility, timeToExpiry);
  const x = logRatio(forward, strike);
  const half = cash ? -0.5 : 0.5;
  const d = x === Infinity ? x : s === 0 ? (x === 0 ? 0 : x * Infinity) : s === Infinity ? half * s : x / s + half * s;
  const terms = { omega, cash, forward, strike, timeToExpiry, volatility, discountFactor, slope, s, d } as const;
  checkSlope(terms);
  return terms;
}

/** A smile steeper than this gives the digital a negative value, or one above that of its payoff for certain. */
function checkSlope({ timeToExpiry, slope, s, d }: Terms): void {
  if (slope === 0 || s === 0 || s === Infinity) return;
  const root = Math.sqrt(timeToExpiry);
  const lower = -mills(d) / root;
  const upper = mills(-d) / root;
  if (slope < lower || slope > upper) {
    throw new InputError(
      'volatilitySlope',
      slope,
      `from ${lower} to ${upper}, or the smile has arbitrage at the strike`,
    );
  }
}

/** The value per unit of DF times the payoff: in [0, 1]. */
function share({ omega, d, s, slope, timeToExpiry }: Terms): number {
  const flat = normalCdf(omega * d);
  if (slope === 0 || s === 0 || s === Infinity) return flat;
  return Math.min(Math.max(flat - omega * normalPdf(d) * Math.sqrt(timeToExpiry) * slope, 0), 1);
}

/**
 * Value of one digital. At T = 0 or volatility 0 the discounted payoff at the forward, one half of it on the strike; at infinite
 * volatility a cash call is 0 and an asset call DF F; at strike 0 a call is DF times its payoff. Throws an InputError naming the
 * field that is not a number of the stated range, as black76 does, and for a `volatilitySlope` no smile without arbitrage has.
 */
function price(option: DigitalOption): number {
  const terms = readTerms(option);
  return terms.discountFactor * (terms.cash ? 1 : terms.forward) * share(terms);
}

/**
 * Value and derivatives at constant volatility and slope of this strike, in F, sigma, time at constant r = -ln(DF)/T, and K, by a
 * jet. Where no double holds the density, or without volatility or time, what it multiplies is 0. Throws as
 * {@link digital.price} does.
 */
function greeks(option: DigitalOption): Greeks {
  const terms = readTerms(option);
  const { omega, cash, forward, strike, timeToExpiry: T, volatility, discountFactor, slope, s, d } = terms;
  const rate = rateFromDiscountFactor(discountFactor, T);
  const time = jet.variable(FORWARD_VARIABLES, TIME, 0);
  const growth = jet.scale(jet.exp(jet.scale(time, rate)), discountFactor);
  const forwardJet = jet.variable(FORWARD_VARIABLES, FORWARD, forward);
  const payoff = cash ? growth : jet.multiply(growth, forwardJet);

  let shareJet = jet.constant(FORWARD_VARIABLES, 0);
  if (s > LEAST_DEVIATION && s < Infinity && normalPdf(d) > 0) {
    const strikeJet = jet.variable(FORWARD_VARIABLES, STRIKE, strike);
    const root = jet.sqrt(jet.shift(jet.scale(time, -1), T));
    const deviation = jet.multiply(jet.variable(FORWARD_VARIABLES, VOLATILITY, volatility), root);
    const x = jet.subtract(jet.log(forwardJet), jet.log(strikeJet));
    x[0] = logRatio(forward, strike);
    const dJet = jet.add(jet.divide(x, deviation), jet.scale(deviation, cash ? -0.5 : 0.5));
    const tilt = jet.scale(jet.multiply(jet.normalPdf(dJet), root), -omega * slope);
    shareJet = jet.add(jet.normalCdf(jet.scale(dJet, omega)), tilt);
  }
  shareJet[0] = share(terms);
  return greeksFromJet(jet.multiply(payoff, shareJet), T);
}

/** Deviations below this are none: their fourth powers would leave the range of doubles. */
const LEAST_DEVIATION = 1e-70;

export const digital = { price, greeks };
