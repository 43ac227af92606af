/**
 * Coin-settled options for one row, without branches: the coin ledger of src/pricing/inverse.ts on the formulas of black.ts.
 *
 *   c = DF B(F, K)/F,  F dc/dF = DF omega (K/F) N(omega d2)
 */
import { derivatives, legs, lognormalPrice } from './black.js';
import { ASIDE, isOrdinaryContract, KIND, question } from './black-implied.js';
import { exponential, logarithmOfRatio } from './elementary.js';
import {
  CHARM,
  COLOR,
  DELTA,
  DENSITY_PART,
  DIVIDEND_RHO,
  DUAL_DELTA,
  DUAL_GAMMA,
  GAMMA,
  PRICE,
  RHO,
  SPEED,
  STRIKE_PART,
  THETA,
  ULTIMA,
  VANNA,
  VEGA,
  VETA,
  VOLGA,
  ZOMMA,
} from './places.js';

/** The value in coin. */
export function inversePrice(
  omega: number,
  forward: number,
  strike: number,
  timeToExpiry: number,
  volatility: number,
  rate: number,
): number {
  const x = logarithmOfRatio(forward, strike);
  const s = volatility * Math.sqrt(timeToExpiry);
  const value = lognormalPrice(omega, x, s, forward, strike, forward - strike);
  return exponential(-rate * timeToExpiry) * (value / forward);
}

/** Value and derivatives of the coin value in F, sigma, time, r and K. */
export function inverseGreeks(
  results: Float64Array,
  omega: number,
  forward: number,
  strike: number,
  timeToExpiry: number,
  volatility: number,
  rate: number,
): void {
  const x = logarithmOfRatio(forward, strike);
  const root = Math.sqrt(timeToExpiry);
  const s = volatility * root;
  legs(results, omega, x, s, forward, strike, forward - strike);
  results[THETA] = 0;
  derivatives(results, forward, strike, timeToExpiry, volatility, 0, 0, x);
  const discountFactor = exponential(-rate * timeToExpiry);
  const price = discountFactor * (results[PRICE]! / forward);
  const perForward = 1 / forward;
  const unit = discountFactor * perForward;
  const net = unit * results[STRIKE_PART]!;
  const delta = net * perForward;
  const blackGamma = unit * results[GAMMA]!;
  const twice = 2 * delta * perForward;
  const gamma = blackGamma - twice;
  const vega = unit * results[VEGA]!;
  results[PRICE] = price;
  results[DELTA] = delta;
  results[GAMMA] = gamma;
  results[VEGA] = vega;
  results[THETA] = unit * results[THETA] + rate * price;
  results[RHO] = -timeToExpiry * price;
  results[DIVIDEND_RHO] = 0;

  const perDeviation = 1 / s;
  const perVolatility = root * perDeviation;
  const perRoot = volatility * perDeviation;
  const perTwiceTime = 0.5 * perRoot * perRoot;
  const d1 = x / s + 0.5 * s;
  const d2 = x / s - 0.5 * s;
  const bend = d1 * d2 - 1;
  const slope = unit * results[DENSITY_PART]! * perForward * d1;
  results[VANNA] = -slope * perVolatility;
  results[VOLGA] = unit * results[VOLGA]!;
  results[CHARM] = rate * delta + slope * perTwiceTime;
  results[VETA] = unit * results[VETA]! + rate * vega;
  results[SPEED] = (3 * twice - blackGamma * (d1 * perDeviation + 4)) * perForward;
  results[ZOMMA] = blackGamma * (bend * perVolatility + 2 * d1 * root);
  results[COLOR] = rate * gamma - blackGamma * (bend + 2 * d1 * s) * perTwiceTime;
  results[ULTIMA] = unit * results[ULTIMA]!;
  results[DUAL_DELTA] = unit * results[DUAL_DELTA]!;
  results[DUAL_GAMMA] = unit * results[DUAL_GAMMA]!;
}

/** What a coin price asks. */
export function inverseQuestion(
  results: Float64Array,
  omega: number,
  forward: number,
  strike: number,
  timeToExpiry: number,
  price: number,
  rate: number,
): void {
  const x = logarithmOfRatio(forward, strike);
  const accumulated = price * exponential(rate * timeToExpiry) * forward;
  const isOrdinary = isOrdinaryContract(forward, strike, timeToExpiry, rate);
  const kind = question(results, omega, forward, strike, 0, x, accumulated);
  results[KIND] = isOrdinary ? kind : ASIDE;
}
