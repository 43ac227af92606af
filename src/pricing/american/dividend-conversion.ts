/**
 * A volatility carried from one model of cash dividends to another by the price of the European option, which both then agree on.
 *
 *   affine, escrowed:  Black's formula on X: forward A_T, strike K - D_T (dividends.ts)
 *   spot:              finite differences (finite-difference.ts)
 */
import { requireObject, requireOneOf, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { brent } from '../../math/brent.js';
import { exp } from '../../math/exponential.js';
import { blackImpliedVolatility } from '../black-implied-volatility.js';
import { black76 } from '../black76.js';
import type { ImpliedVolatility } from '../implied-volatility.js';
import { noVolatility } from '../price-bounds.js';
import { DIVIDEND_MODELS, type DividendModel } from './dividends.js';
import { differencePrice } from './finite-difference.js';
import { differenceProblem, readTerms, type AmericanOption, type AmericanTerms } from './terms.js';

/** The European option with the dividends, model and volatility of `option`: closed form but for the model 'spot'. */
export function europeanWithDividends(option: AmericanOption): number {
  requireObject('option', option);
  return european(readTerms(option, requirePositive('volatility', option.volatility)));
}

function european(terms: AmericanTerms): number {
  const { isCall, strike, timeToExpiry, volatility, rate, dividends } = terms;
  if (timeToExpiry > 0 && dividends?.model === 'spot') {
    return differencePrice(differenceProblem(terms, 'european')).price;
  }
  const { forward, strikeLeft } = legs(terms);
  const discountFactor = exp(-rate * timeToExpiry);
  const type = isCall ? 'call' : 'put';
  // A strike below the cash still to come is always reached.
  if (strikeLeft <= 0) return isCall ? discountFactor * (forward - strikeLeft) : 0;
  return strike === 0 && !isCall
    ? 0
    : black76.price({ type, forward, strike: strikeLeft, timeToExpiry, volatility, discountFactor });
}

/** The forward of what is random, and the strike less the cash still to come. */
function legs({ spot, strike, rate, dividendYield, timeToExpiry, dividends }: AmericanTerms) {
  const forward = (spot - (dividends?.escrow ?? 0)) * exp((rate - dividendYield) * timeToExpiry);
  return { forward, strikeLeft: strike - (dividends?.escrowAtExpiry ?? 0) };
}

/**
 * The volatility in the model `to` at which the European option is worth what it is worth in its own model. Carried by the option out of
 * the money, so that the volatility decides the price. Fails as implied volatilities do where no volatility does. Throws an InputError
 * as {@link american.price} does, and where volatility, strike or time are not above 0.
 */
export function convertDividendVolatility(option: AmericanOption, to: DividendModel): ImpliedVolatility {
  requireObject('option', option);
  requireOneOf('to', to, DIVIDEND_MODELS);
  requirePositive('strike', option.strike);
  requirePositive('timeToExpiry', option.timeToExpiry);
  const volatility = requirePositive('volatility', option.volatility);
  const given = readTerms(option, volatility);
  const { forward, strikeLeft } = legs(given);
  const type = forward > strikeLeft ? 'put' : 'call';
  const isCall = type === 'call';
  const price = european({ ...given, isCall });
  const target = { ...readTerms({ ...option, dividendModel: to }, volatility), isCall };
  if (target.dividends?.model === 'spot') return bySearch(target, price);
  const discountFactor = exp(-target.rate * target.timeToExpiry);
  const { forward: targetForward, strikeLeft: targetStrike } = legs(target);
  if (!(targetStrike > 0)) return noVolatility('below-intrinsic', price, 0);
  const found = blackImpliedVolatility(targetForward, targetStrike, target.timeToExpiry, type, price / discountFactor);
  return found.ok
    ? {
        ...found,
        dVolatilityDPrice: found.dVolatilityDPrice / discountFactor,
        d2VolatilityDPrice2: found.d2VolatilityDPrice2 / discountFactor / discountFactor,
      }
    : found;
}

/** Derivatives by the parabola through three volatilities about the one found. */
function bySearch(terms: AmericanTerms, price: number): ImpliedVolatility {
  const error = (volatility: number): number => european({ ...terms, volatility }) - price;
  const { volatility } = terms;
  let lower = 0.5 * volatility;
  let upper = 2 * volatility;
  for (let i = 0; i < 5 && error(lower) > 0; i++) lower *= 0.5;
  for (let i = 0; i < 5 && error(upper) < 0; i++) upper *= 2;
  const atLower = error(lower);
  const atUpper = error(upper);
  if (atLower > 0) return noVolatility('at-intrinsic', -atLower, 0);
  if (atUpper < 0) return noVolatility('above-maximum', -atUpper, Infinity);
  const found = brent(error, lower, upper, { atLower, atUpper, tolerance: 1e-10 * volatility });
  const step = 0.01 * found;
  const up = error(found + step);
  const down = error(found - step);
  const vega = (up - down) / (2 * step);
  if (!(vega > 0)) throw new InputError('volatility', volatility, 'one that the European price depends on');
  const volga = (up + down - 2 * error(found)) / (step * step);
  return {
    ok: true,
    volatility: found,
    dVolatilityDPrice: 1 / vega,
    d2VolatilityDPrice2: -volga / (vega * vega * vega),
    resolution: (1e-7 * terms.strike) / vega,
  };
}
