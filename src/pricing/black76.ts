/**
 * Black (1976): a European option on a forward price F, discounted by DF.
 *
 *   V = DF omega [F N(omega d1) - K N(omega d2)],  d1 = ln(F/K)/s + s/2,  d2 = d1 - s,  s = sigma sqrt(T)
 *
 * Derivatives hold F and r = -ln(DF)/T fixed: theta = r V - DF F n(d1) sigma / (2 sqrt T), rho = -T V, dividendRho = 0.
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
import { logRatio } from '../math/logarithm.js';
import { scaledImpliedVolatility } from './black-implied-volatility.js';
import { blackGreeks, blackPrice, type BlackTerms } from './black-greeks.js';
import { rateFromDiscountFactor } from './discounting.js';
import type { Greeks } from './greeks.js';
import type { ImpliedVolatility } from './implied-volatility.js';
import type { Model } from './model.js';
import type { ForwardOption, OptionType } from './option.js';

const OPTION_TYPES: readonly OptionType[] = ['call', 'put'];

/** Reads and checks everything but the volatility, which it is given. */
function readTerms(option: Omit<ForwardOption, 'volatility'>, volatility: number): BlackTerms {
  const isCall = requireOneOf('type', option.type, OPTION_TYPES) === 'call';
  const forward = requirePositive('forward', option.forward);
  const strike = requireNonNegative('strike', option.strike);
  const timeToExpiry = requireNonNegative('timeToExpiry', option.timeToExpiry);
  const discountFactor =
    option.discountFactor === undefined ? 1 : requirePositive('discountFactor', option.discountFactor);
  const rate = rateFromDiscountFactor(discountFactor, timeToExpiry);
  const discountedUnderlying = discountFactor * forward;
  const discountedStrike = discountFactor * strike;
  if (discountedUnderlying === Infinity || discountedStrike === Infinity) {
    throw new InputError(
      'discountFactor',
      discountFactor,
      'such that its products with forward and strike are finite numbers',
    );
  }
  return {
    isCall,
    underlying: forward,
    strike,
    timeToExpiry,
    volatility,
    rate,
    dividendYield: rate,
    discountFactor,
    discountedUnderlying,
    discountedStrike,
    logMoneyness: logRatio(forward, strike),
  };
}

function readOption(option: ForwardOption): BlackTerms {
  requireObject('option', option);
  return readTerms(option, requireNonNegativeOrInfinite('volatility', option.volatility));
}

/**
 * Value of one option. Limits: DF times the intrinsic value at T = 0 or volatility 0; at infinite volatility DF F for a call,
 * DF K for a put; at strike 0 a call is DF F. Throws an InputError naming the field that is not a number of the stated range:
 * `forward` and `discountFactor` above 0, `strike`, `timeToExpiry` and `volatility` 0 or more (volatility may be Infinity).
 */
function price(option: ForwardOption): number {
  return blackPrice(readOption(option));
}

/**
 * Value and derivatives in F, sigma, time, r, K; vega and rho per 1.00, time per year and passing. At T = 0 or volatility 0 on
 * the strike delta is one half (discounted) and gamma, vega, theta are 0. Throws as {@link black76.price} does.
 */
function greeks(option: ForwardOption): Greeks {
  const terms = readOption(option);
  const result = blackGreeks(terms);
  result.rho = -terms.timeToExpiry * result.price;
  result.dividendRho = 0;
  return result;
}

/**
 * The volatility at which the option is worth the discounted `price`, with dvol/dprice and the resolution
 * of the price; a reason where there is none. Throws an InputError as the price does.
 */
function impliedVolatility(option: Omit<ForwardOption, 'volatility'>, price: number): ImpliedVolatility {
  requireObject('option', option);
  const { isCall, underlying, strike, timeToExpiry, discountFactor } = readTerms(option, 0);
  requireFinite('price', price);
  const type = isCall ? 'call' : 'put';
  return scaledImpliedVolatility(underlying, strike, timeToExpiry, type, discountFactor, 'cash', price);
}

export const black76: Model<ForwardOption, Greeks> = { price, greeks, impliedVolatility };
