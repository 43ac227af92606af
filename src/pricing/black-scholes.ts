/**
 * Black, Scholes and Merton: a European option on a spot price S that pays a continuous yield q, rates r, both of any sign.
 *
 *   F = S e^((r - q)T),  d1 = [ln(S/K) + (r - q)T]/s + s/2,  d2 = d1 - s,  s = sigma sqrt(T)
 *   V = omega [S e^(-qT) N(omega d1) - K e^(-rT) N(omega d2)]
 *
 * The logarithm is formed from S and K, never from a rounded forward. r - q is the cost of carry: q = 0 for a stock, q = r for
 * a future, q the foreign rate for a currency. Rate and dividend yield may be curves: the zero rate to expiry is taken, rho is then
 * the derivative by a parallel shift and theta holds that rate. Sources: Black and Scholes (1973); Merton (1973).
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
import { addPairs, exactSum, expm1OfProduct, scalePair } from '../math/double-double.js';
import { exp } from '../math/exponential.js';
import { log1p, logRatio } from '../math/logarithm.js';
import { blackImpliedVolatility, isModerateLeg, solve } from './black-implied-volatility.js';
import { blackGreeks, blackPrice, type BlackTerms } from './black-greeks.js';
import { zeroRate, type OnCurves } from './curves.js';
import { discountImpliedVolatility } from './discounting.js';
import type { Greeks } from './greeks.js';
import type { ImpliedVolatility } from './implied-volatility.js';
import type { Model } from './model.js';
import type { OptionType, SpotOption } from './option.js';

const OPTION_TYPES: readonly OptionType[] = ['call', 'put'];
/** Up to this the legs of an option are formed in pairs of doubles. */
const LARGEST_EXPONENT = 50;

/** Reads and checks everything but the volatility, which it is given. */
function readTerms(option: OnCurves<Omit<SpotOption, 'volatility'>>, volatility: number): BlackTerms {
  const isCall = requireOneOf('type', option.type, OPTION_TYPES) === 'call';
  const spot = requirePositive('spot', option.spot);
  const strike = requireNonNegative('strike', option.strike);
  const timeToExpiry = requireNonNegative('timeToExpiry', option.timeToExpiry);
  const rate = option.rate === undefined ? 0 : zeroRate(option.rate, timeToExpiry, 'rate');
  const dividendYield =
    option.dividendYield === undefined ? 0 : zeroRate(option.dividendYield, timeToExpiry, 'dividendYield');
  const discountFactor = exp(-rate * timeToExpiry);
  const discountedStrike = strike * discountFactor;
  const discountedUnderlying = spot * exp(-dividendYield * timeToExpiry);
  if (discountFactor === Infinity || discountedStrike === Infinity) {
    throw new InputError('rate', rate, 'such that strike x e^(-rate x timeToExpiry) is a finite number');
  }
  if (discountedUnderlying === Infinity) {
    throw new InputError(
      'dividendYield',
      dividendYield,
      'such that spot x e^(-dividendYield x timeToExpiry) is a finite number',
    );
  }
  return {
    isCall,
    underlying: spot,
    strike,
    timeToExpiry,
    volatility,
    rate,
    dividendYield,
    discountFactor,
    discountedUnderlying,
    discountedStrike,
    logMoneyness: logRatio(spot, strike) + (rate - dividendYield) * timeToExpiry,
  };
}

function readOption(option: OnCurves<SpotOption>): BlackTerms {
  requireObject('option', option);
  return readTerms(option, requireNonNegativeOrInfinite('volatility', option.volatility));
}

/**
 * Value of one option. Limits: the discounted intrinsic value at T = 0 or volatility 0; at infinite volatility S e^(-qT) for a
 * call, K e^(-rT) for a put; at strike 0 a call is S e^(-qT). Throws an InputError naming the field that is not a number of the
 * stated range: `spot` above 0, `strike`, `timeToExpiry` and `volatility` 0 or more (volatility may be Infinity), rates finite.
 */
function price(option: OnCurves<SpotOption>): number {
  return blackPrice(readOption(option));
}

/**
 * Value and derivatives in S, sigma, time, r, q, K; vega and rhos per 1.00, time per year and passing. At T = 0 or volatility 0
 * on the strike delta is one half (discounted) and gamma, vega, theta are 0. Throws as {@link blackScholes.price} does.
 */
function greeks(option: OnCurves<SpotOption>): Greeks {
  return blackGreeks(readOption(option));
}

/**
 * The volatility at which the option is worth `price`, with dvol/dprice and the resolution of the price; a reason where there is
 * none. In the money S e^(-qT) - K e^(-rT) is formed to seven bits more than a double has, so that what half an ulp of the price says is
 * also what the volatility keeps. Throws an InputError as the price does.
 */
function impliedVolatility(option: OnCurves<Omit<SpotOption, 'volatility'>>, price: number): ImpliedVolatility {
  requireObject('option', option);
  const terms = readTerms(option, 0);
  const { strike, timeToExpiry, discountFactor } = terms;
  requireFinite('price', price);
  const forward = terms.discountedUnderlying / discountFactor;
  if (!(forward > 0 && forward < Infinity)) {
    throw new InputError('rate', terms.rate, 'such that discount factor and forward are finite numbers above 0');
  }
  requirePositive('strike', strike);
  const { isCall, underlying, rate, dividendYield, logMoneyness } = terms;
  const far = Math.abs(logMoneyness);
  // Where ln(S/K) and (r - q)T do not cancel, their sum and its sign are certain.
  const isPlain = far > Math.abs((rate - dividendYield) * timeToExpiry);
  const { discountedUnderlying, discountedStrike } = terms;
  if (isPlain && isCall === logMoneyness < 0 && discountedUnderlying > 0 && discountedStrike > 0) {
    return solve(isCall, discountedUnderlying, discountedStrike, logMoneyness, 0, far, timeToExpiry, price);
  }
  if (
    !(isModerateLeg(underlying) && isModerateLeg(strike)) ||
    Math.abs(rate * timeToExpiry) > LARGEST_EXPONENT ||
    Math.abs(dividendYield * timeToExpiry) > LARGEST_EXPONENT
  ) {
    const type = isCall ? 'call' : 'put';
    const undiscounted = blackImpliedVolatility(forward, strike, timeToExpiry, type, price / discountFactor);
    return discountImpliedVolatility(undiscounted, discountFactor, price);
  }
  const underlyingLoss = scalePair(expm1OfProduct(-dividendYield, timeToExpiry), underlying);
  const strikeLoss = scalePair(expm1OfProduct(-rate, timeToExpiry), -strike);
  const difference = addPairs(addPairs(underlyingLoss, strikeLoss), exactSum(underlying, -strike));
  const a = underlying + underlyingLoss.high;
  const b = strike - strikeLoss.high;
  // Where they cancel, the difference has more digits than their sum.
  const x = isPlain || far >= 1 ? far : log1p(Math.abs(difference.high) / (a < b ? a : b));
  return solve(isCall, a, b, difference.high, difference.low, x, timeToExpiry, price);
}

export const blackScholes: Model<OnCurves<SpotOption>, Greeks> = { price, greeks, impliedVolatility };
