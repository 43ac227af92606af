/**
 * The region of valid smiles in x = (a, R, L, m, s): Lee's bounds and the least variance, and a frame around the quotes beyond
 * which nothing is determined. The floor of the variance is positive and the slopes stay above zero by amounts that no quote
 * can see, so that the parameters are in SVI's open domain.
 */
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import type { FitQuotes } from './quotes.js';

/** The box of (a, R, L, m, s) and the floor of the least variance. */
export interface SviBox {
  low: Float64Array;
  high: Float64Array;
  floor: number;
  /** Length of the interval of log-moneyness that is quoted. */
  span: number;
  /** Cost at which the residuals are rounding. */
  leastCost: number;
}

/** Below Lee's limit of 2 by what the conversion to (b, rho) can round. */
const STEEPEST = 2 * (1 - 2 ** -40);

export function emptyBox(): SviBox {
  return { low: new Float64Array(5), high: new Float64Array(5), floor: 0, span: 0, leastCost: 0 };
}

/** The box of the quotes, written into `box` where one is given. */
export function sviBox(quotes: FitQuotes, box = emptyBox()): SviBox {
  let lowest = Infinity;
  let highest = -Infinity;
  let least = Infinity;
  let leastCost = 0;
  const { count, k, deviation } = quotes;
  for (let i = 0; i < count; i++) {
    const volatility = quotes.volatility[i]!;
    if (k[i]! < lowest) lowest = k[i]!;
    if (k[i]! > highest) highest = k[i]!;
    if (volatility < least) least = volatility;
    if (volatility === volatility) {
      const inErrors = volatility / deviation[i]!;
      leastCost += inErrors * inErrors;
    }
  }
  const span = highest - lowest;
  const variance = least * least * quotes.time;
  const flattest = (1e-9 * variance) / span;
  const { low, high } = box;
  low[0] = -Infinity;
  low[1] = flattest;
  low[2] = flattest;
  low[3] = lowest - 2 * span;
  low[4] = log(1e-4 * span);
  high[0] = Infinity;
  high[1] = STEEPEST;
  high[2] = STEEPEST;
  high[3] = highest + 2 * span;
  high[4] = log(10 * span);
  box.floor = 1e-6 * variance;
  box.span = span;
  box.leastCost = 1e-27 * leastCost;
  return box;
}

/** Lifts a so that the least variance is not below the floor; whether it is on it. */
export function raiseToFloor(box: SviBox, x: Float64Array): boolean {
  const least = box.floor - exp(x[4]!) * Math.sqrt(x[1]! * x[2]!);
  // What is within rounding of the floor is on it.
  if (x[0]! > least + 1e-12 * Math.abs(least)) return false;
  x[0] = least;
  return true;
}
