/**
 * Coin-settled (inverse) options: the payoff in USD is paid in coin at the settlement price, (omega (S_T - K))^+ / S_T coin.
 *
 *   c = DF omega [N(omega d1) - (K/F) N(omega d2)] = DF B(F, K)/F,  d1,2 = ln(F/K)/s +- s/2
 *
 * DF is the discount factor of the coin and F the forward of the expiry. Two ledgers come back, because the collateral is coin:
 * `coin` differentiates c in F, `usd` differentiates I c(F) in the index I with F/I fixed. The change of numeraire is in the
 * division by F; there is no second drift. At every point F dc/dF = netDelta = usd.delta - coin.price.
 *
 * Settlement is at the average of the index over a window. Before the window that takes two thirds of it off the time of the
 * variance; inside it see settlement-window.ts. Source: Alexander and Imeraj, Inverse options in a Black-Scholes world (2021).
 */
import {
  requireFinite,
  requireNonNegative,
  requireNonNegativeOrInfinite,
  requireObject,
  requireOneOf,
  requirePositive,
} from '../check.js';
import { logRatio } from '../math/logarithm.js';
import { outOfTheMoney } from './black.js';
import { blackGreeks, standardDeviation } from './black-greeks.js';
import { scaledImpliedVolatility } from './black-implied-volatility.js';
import { rateFromDiscountFactor } from './discounting.js';
import type { Greeks } from './greeks.js';
import type { ImpliedVolatility } from './implied-volatility.js';
import type { Model } from './model.js';
import type { InverseOption, OptionType } from './option.js';
import { checkWindow, insideWindow, windowGreeks, type WindowState } from './settlement-window.js';

export interface InverseGreeks {
  /** Value in coin, derivatives in the forward. */
  coin: Greeks;
  /** Value in USD, derivatives in the index with the ratio of forward to index held. */
  usd: Greeks;
  /** F dc/dF = usd.delta - coin.price, in coin. */
  netDelta: number;
}

interface Terms {
  type: OptionType;
  omega: 1 | -1;
  forward: number;
  strike: number;
  timeToExpiry: number;
  discountFactor: number;
  index: number;
  window: WindowState | undefined;
}

/** Reads and checks everything but the volatility. */
function readTerms(option: Omit<InverseOption, 'volatility'>): Terms {
  requireObject('option', option);
  const type = requireOneOf('type', option.type, ['call', 'put']);
  const forward = requirePositive('forward', option.forward);
  const timeToExpiry = requireNonNegative('timeToExpiry', option.timeToExpiry);
  return {
    type,
    omega: type === 'call' ? 1 : -1,
    forward,
    strike: requireNonNegative('strike', option.strike),
    timeToExpiry,
    discountFactor: option.discountFactor === undefined ? 1 : requirePositive('discountFactor', option.discountFactor),
    index: option.index === undefined ? forward : requirePositive('index', option.index),
    window: option.settlement === undefined ? undefined : checkWindow(option.settlement, timeToExpiry),
  };
}

/**
 * The forward of the settlement price, and the time for which the volatility acts on it: s = sigma sqrt(varianceTime).
 */
function effective({ forward, timeToExpiry, window }: Terms): { forward: number; varianceTime: number } {
  if (window === undefined) return { forward, varianceTime: timeToExpiry };
  if (!window.inside) return { forward, varianceTime: timeToExpiry - (2 / 3) * window.length };
  return insideWindow(window, forward);
}

/** Undiscounted value in coin. */
function coinValue(omega: 1 | -1, forward: number, strike: number, s: number): number {
  if (s === Infinity) return omega === 1 ? 1 : strike / forward;
  const x = logRatio(forward, strike);
  const intrinsic = omega * x > 0 ? Math.abs(forward - strike) / forward : 0;
  return intrinsic + outOfTheMoney(Math.min(forward, strike), Math.abs(x), s) / forward;
}

/**
 * Value of one option in coin. Limits: DF (omega (1 - K/F))^+ at T = 0 or volatility 0; at infinite volatility DF for a call,
 * DF K/F for a put; a call at strike 0 is DF. Throws an InputError naming the field that is not a number of the stated range:
 * `forward`, `index` and `discountFactor` above 0, `strike`, `timeToExpiry` and `volatility` 0 or more (volatility may be
 * Infinity), a `settlement` that does not fit the time to expiry.
 */
function price(option: InverseOption): number {
  const terms = readTerms(option);
  const volatility = requireNonNegativeOrInfinite('volatility', option.volatility);
  const { forward, varianceTime } = effective(terms);
  const s = standardDeviation(volatility, varianceTime);
  return terms.discountFactor * coinValue(terms.omega, forward, terms.strike, s);
}

/**
 * Both ledgers, and the net delta. Derivatives are per 1.00 of volatility and per year with passing time, at constant
 * r = -ln(DF)/T; theta and its kin hold the forward, inside the window with fixings at the forward. Throws as
 * {@link inverse.price} does.
 */
function greeks(option: InverseOption): InverseGreeks {
  const terms = readTerms(option);
  const volatility = requireNonNegativeOrInfinite('volatility', option.volatility);
  const r = rateFromDiscountFactor(terms.discountFactor, terms.timeToExpiry);
  if (terms.window?.inside === true) {
    const { forward, varianceTime } = insideWindow(terms.window, terms.forward);
    const s = standardDeviation(volatility, varianceTime);
    return windowGreeks({
      ...terms,
      window: terms.window,
      volatility,
      rate: r,
      coinValue: coinValue(terms.omega, forward, terms.strike, s),
    });
  }
  const { varianceTime } = effective(terms);
  const { coin, usd } = ledgers(terms, volatility, varianceTime);
  const still = standardDeviation(volatility, varianceTime) === 0 && terms.forward === terms.strike;
  for (const ledger of [coin, usd]) discount(ledger, terms.discountFactor, still ? 0 : r, terms.timeToExpiry);
  return { coin, usd, netDelta: terms.forward * coin.delta };
}

/** Both ledgers undiscounted, at zero rate. */
function ledgers(terms: Terms, sigma: number, T: number): { coin: Greeks; usd: Greeks } {
  const { omega, forward: F, strike: K } = terms;
  const x = logRatio(F, K);
  const s = standardDeviation(sigma, T);
  const black = blackGreeks({
    isCall: omega === 1,
    underlying: F,
    strike: K,
    timeToExpiry: T,
    volatility: sigma,
    rate: 0,
    dividendYield: 0,
    discountFactor: 1,
    discountedUnderlying: F,
    discountedStrike: K,
    logMoneyness: x,
  });
  // omega (K/F) N(omega d2) and n(d1); the latter is 0 where no double holds it.
  const net = (-K * black.dualDelta) / F;
  const root = Math.sqrt(T);
  const n = black.vega === 0 ? 0 : black.vega / root / F;
  const [d1, d2] = n === 0 ? [0, 0] : [x / s + 0.5 * s, x / s - 0.5 * s];
  const gamma = black.gamma / F;
  const onStrike = s === 0 && x === 0;
  const coin: Greeks = {
    price: coinValue(omega, F, K, s),
    delta: net / F,
    gamma: onStrike ? 0 : gamma - (2 * net) / F / F,
    vega: black.vega / F,
    theta: black.theta / F,
    rho: 0,
    dividendRho: 0,
    vanna: n === 0 ? 0 : (-n * d1) / sigma / F,
    volga: black.volga / F,
    charm: n === 0 ? 0 : (n * d1) / (2 * T) / F,
    veta: black.veta / F,
    speed: onStrike ? 0 : ((6 * net) / F / F - gamma * (n === 0 ? 0 : d1 / s + 4)) / F,
    zomma: n === 0 ? 0 : gamma * ((d1 * d2 - 1) / sigma + 2 * d1 * root),
    color: n === 0 ? 0 : (-gamma * (d1 * d2 - 1 + 2 * d1 * s)) / (2 * T),
    ultima: black.ultima / F,
    dualDelta: black.dualDelta / F,
    dualGamma: black.dualGamma / F,
  };
  // I c(F) = (I/F) B(F, K) with F/I fixed is homogeneous of degree one in (I, F).
  const ratio = terms.index / F;
  const usd: Greeks = {
    ...black,
    price: terms.index * coin.price,
    gamma: black.gamma / ratio,
    vega: black.vega * ratio,
    theta: black.theta * ratio,
    volga: black.volga * ratio,
    veta: black.veta * ratio,
    speed: black.speed / ratio / ratio,
    zomma: black.zomma / ratio,
    color: black.color / ratio,
    ultima: black.ultima * ratio,
    dualDelta: black.dualDelta * ratio,
    dualGamma: black.dualGamma * ratio,
  };
  return { coin, usd };
}

/** From undiscounted Greeks at zero rate to those of DF = e^(-rT) times the value. */
function discount(greeks: Greeks, discountFactor: number, r: number, T: number): void {
  for (const name of Object.keys(greeks) as (keyof Greeks)[]) greeks[name] *= discountFactor;
  // Next to what is infinite, or with nothing to accrue on, the rate does not matter.
  const accrued = (value: number): number => (r === 0 || value === 0 || !Number.isFinite(value) ? 0 : r * value);
  greeks.theta += accrued(greeks.price);
  greeks.charm += accrued(greeks.delta);
  greeks.veta += accrued(greeks.vega);
  greeks.color += accrued(greeks.gamma);
  greeks.rho = -T * greeks.price;
  greeks.dividendRho = 0;
}

/**
 * The volatility at which the option is worth `price` coin, with derivatives and resolution by the coin price; a reason, with its
 * distance in coin, where there is none. Throws an InputError as {@link inverse.price} does; strikes must be above 0 here.
 */
function impliedVolatility(option: Omit<InverseOption, 'volatility'>, price: number): ImpliedVolatility {
  const terms = readTerms(option);
  const { forward, varianceTime } = effective(terms);
  requireFinite('price', price);
  const { type, strike, discountFactor } = terms;
  return scaledImpliedVolatility(forward, strike, varianceTime, type, discountFactor, 'underlying', price);
}

export const inverse: Model<InverseOption, InverseGreeks> = { price, greeks, impliedVolatility };
