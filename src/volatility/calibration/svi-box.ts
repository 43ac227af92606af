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

export function sviBox(quotes: FitQuotes): SviBox {
  let lowest = Infinity;
  let highest = -Infinity;
  let least = Infinity;
  let leastCost = 0;
  for (let i = 0; i < quotes.count; i++) {
    const volatility = quotes.volatility[i]!;
    if (quotes.k[i]! < lowest) lowest = quotes.k[i]!;
    if (quotes.k[i]! > highest) highest = quotes.k[i]!;
    if (volatility < least) least = volatility;
    if (volatility === volatility) leastCost += (volatility / quotes.deviation[i]!) ** 2;
  }
  const span = highest - lowest;
  const variance = least * least * quotes.time;
  const flattest = (1e-9 * variance) / span;
  const low = new Float64Array(5);
  const high = new Float64Array(5);
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
  return {
    low,
    high,
    floor: 1e-6 * variance,
    span,
    leastCost: 1e-27 * leastCost,
  };
}

/** Lifts a so that the least variance is not below the floor; whether it is on it. */
export function raiseToFloor(box: SviBox, x: Float64Array): boolean {
  const least = box.floor - exp(x[4]!) * Math.sqrt(x[1]! * x[2]!);
  // What is within rounding of the floor is on it.
  if (x[0]! > least + 1e-12 * Math.abs(least)) return false;
  x[0] = least;
  return true;
}
