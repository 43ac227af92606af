/**
 * American options on a spot price S that pays a continuous yield q, rates r, both of any sign: exercise at any time.
 *
 *   V(S, T) = sup over exercise times t <= T of E[e^(-rt) (omega (S_t - K))^+]
 *
 * Priced by spectral collocation of the exercise boundary (american/boundary.ts): the European value and the integral of what early
 * exercise earns; with cash dividends by finite differences (american/finite-difference.ts). Three presets trade time for error:
 * docs/american.md has the figures. Sources: Andersen, Lake and Offengenden,
 * High performance American option pricing (2016); Andersen and Lake (2021) for q < r < 0; McDonald and Schroder (1998) for calls.
 */
import { requireNonNegativeOrInfinite, requireObject, requireOneOf } from '../check.js';
import { boundaryPoints, type BoundaryPoint } from './american/exercise-boundary.js';
import { americanImpliedVolatility } from './american/implied-volatility.js';
import type { Accuracy } from './american/put-edges.js';
import { readTerms, type AmericanOption, type AmericanTerms } from './american/terms.js';
import { americanGreeks, americanValue, type AmericanGreeks } from './american/value.js';
import type { ImpliedVolatility } from './implied-volatility.js';

export type { DividendModel } from './american/dividends.js';
export type { BoundaryPoint } from './american/exercise-boundary.js';
export type { Accuracy } from './american/put-edges.js';
export type { AmericanOption } from './american/terms.js';
export type { AmericanGreeks } from './american/value.js';

const ACCURACIES: readonly Accuracy[] = ['fast', 'default', 'accurate'];

function readOption(option: AmericanOption): AmericanTerms {
  requireObject('option', option);
  return readTerms(option, requireNonNegativeOrInfinite('volatility', option.volatility));
}

/**
 * Value of one option. Limits: the intrinsic value at T = 0; at volatility 0 the best exercise on the known path; at infinite volatility
 * K for a put and S for a call, times e^(-rT) or e^(-qT) where that is more. Throws an InputError naming the field that is not a number
 * of the stated range: `spot` above 0, `strike`, `timeToExpiry` and `volatility` 0 or more (volatility may be Infinity where there are
 * no cash dividends), rates finite with |rT| and |qT| below 300, dividends of 0 or more and worth less than the spot.
 */
function price(option: AmericanOption, accuracy: Accuracy = 'default'): number {
  const terms = readOption(option);
  return americanValue(terms, requireOneOf('accuracy', accuracy, ACCURACIES));
}

/**
 * Value and derivatives; vega and rhos per 1.00, theta per year and passing. Where it is exercised now delta is 1 or -1 and the others
 * are 0. Without cash dividends all are derivatives of the integral (american/put-greeks.ts); with them delta, gamma and theta come
 * from the grid, vega and rhos from central differences of prices, good to about four digits. Throws as {@link american.price} does.
 */
function greeks(option: AmericanOption, accuracy: Accuracy = 'default'): AmericanGreeks {
  const terms = readOption(option);
  return americanGreeks(terms, requireOneOf('accuracy', accuracy, ACCURACIES));
}

/**
 * The volatility at which the option is worth `price`. Fails with `expired` at T = 0; `below-intrinsic` under the value without
 * volatility and `at-intrinsic` within 4 x 2^-52 of it (every volatility low enough gives that value where exercise pays at once);
 * `above-maximum` from the value at infinite volatility on; `beyond-precision` where the price is too near a bound for a double to
 * tell. `resolution` is what half an ulp of the price is worth; the engine's own error over vega comes on top (docs/american.md).
 * Throws an InputError as the price does, and where `price` is not a finite number.
 */
function impliedVolatility(
  option: Omit<AmericanOption, 'volatility'>,
  price: number,
  accuracy: Accuracy = 'default',
): ImpliedVolatility {
  requireObject('option', option);
  return americanImpliedVolatility(readTerms(option, 0), price, requireOneOf('accuracy', accuracy, ACCURACIES));
}

/**
 * The edge of exercise as points from expiry on; empty where early exercise never pays, and at the limits of time and volatility. A put
 * is exercised at and below it, a call at and above; with two edges it is a closed line around the region of exercise. With cash
 * dividends one point for each time step and edge, to the width of the grid. Throws as {@link american.price} does.
 */
function exerciseBoundary(option: AmericanOption): BoundaryPoint[] {
  return boundaryPoints(readOption(option));
}

export const american = { price, greeks, impliedVolatility, exerciseBoundary };
