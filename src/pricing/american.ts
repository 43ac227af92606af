/**
 * American options on a spot price S that pays a continuous yield q, rates r, both of any sign: exercise at any time.
 *
 *   V(S, T) = sup over exercise times t <= T of E[e^(-rt) (omega (S_t - K))^+]
 *
 * Priced by spectral collocation of the exercise boundary (american/boundary.ts): the European value and the integral of what early
 * exercise earns. Three presets trade time for error; docs/american.md has the figures. Sources: Andersen, Lake and Offengenden,
 * High performance American option pricing (2016); Andersen and Lake (2021) for q < r < 0; McDonald and Schroder (1998) for calls.
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
import { exp } from '../math/exponential.js';
import { canonicalPut, certainPut, type CanonicalPut } from './american/canonical-put.js';
import { putPrice, type Accuracy } from './american/put-price.js';
import { standardDeviation } from './black-greeks.js';
import type { OptionType, SpotOption } from './option.js';

export type { Accuracy } from './american/put-price.js';

const OPTION_TYPES: readonly OptionType[] = ['call', 'put'];
const ACCURACIES: readonly Accuracy[] = ['fast', 'default', 'accurate'];

interface Terms {
  isCall: boolean;
  spot: number;
  strike: number;
  timeToExpiry: number;
  volatility: number;
  rate: number;
  dividendYield: number;
}

function readTerms(option: Omit<SpotOption, 'volatility'>, volatility: number): Terms {
  const isCall = requireOneOf('type', option.type, OPTION_TYPES) === 'call';
  const spot = requirePositive('spot', option.spot);
  const strike = requireNonNegative('strike', option.strike);
  const timeToExpiry = requireNonNegative('timeToExpiry', option.timeToExpiry);
  const rate = requireFinite('rate', option.rate ?? 0);
  const dividendYield = requireFinite('dividendYield', option.dividendYield ?? 0);
  if (!(Math.abs(rate * timeToExpiry) < 300)) {
    throw new InputError('rate', rate, 'such that |rate x timeToExpiry| is below 300');
  }
  if (!(Math.abs(dividendYield * timeToExpiry) < 300)) {
    throw new InputError('dividendYield', dividendYield, 'such that |dividendYield x timeToExpiry| is below 300');
  }
  return { isCall, spot, strike, timeToExpiry, volatility, rate, dividendYield };
}

function readOption(option: SpotOption): Terms {
  requireObject('option', option);
  return readTerms(option, requireNonNegativeOrInfinite('volatility', option.volatility));
}

function putOf({ isCall, spot, strike, timeToExpiry, volatility, rate, dividendYield }: Terms): CanonicalPut {
  return canonicalPut(isCall, spot, strike, timeToExpiry, volatility, rate, dividendYield);
}

function intrinsicValue({ isCall, spot, strike }: Terms): number {
  return Math.max(isCall ? spot - strike : strike - spot, 0);
}

/** A strike of 0: the put is worth nothing, the call is the share, or its last dividend-free day where the yield is negative. */
function strikeZero({ isCall, spot, dividendYield, timeToExpiry }: Terms): number {
  return isCall ? spot * (dividendYield < 0 ? exp(-dividendYield * timeToExpiry) : 1) : 0;
}

/**
 * Value of one option. Limits: the intrinsic value at T = 0; at volatility 0 the best exercise on the known path; at infinite volatility
 * K for a put and S for a call, times e^(-rT) or e^(-qT) where that is more. Throws an InputError naming the field that is not a number
 * of the stated range: `spot` above 0, `strike`, `timeToExpiry` and `volatility` 0 or more (volatility may be Infinity), rates finite.
 */
function price(option: SpotOption, accuracy: Accuracy = 'default'): number {
  const terms = readOption(option);
  requireOneOf('accuracy', accuracy, ACCURACIES);
  if (terms.strike === 0) return strikeZero(terms);
  const put = putOf(terms);
  const deviation = standardDeviation(terms.volatility, terms.timeToExpiry);
  if (terms.timeToExpiry === 0) return intrinsicValue(terms);
  if (deviation === 0) return Math.max(put.scale * certainPut(put).value, intrinsicValue(terms));
  if (deviation === Infinity) return put.scale * (put.rate < 0 ? exp(-put.rate * put.timeToExpiry) : 1);
  const value = put.scale * putPrice(put, accuracy);
  if (Number.isNaN(value)) {
    throw new InputError(
      'volatility',
      terms.volatility,
      'large enough beside the rates for the exercise boundary to be found',
    );
  }
  return Math.max(value, intrinsicValue(terms));
}

export const american = { price };
