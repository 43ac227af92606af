/**
 * When a fit counts as a success: its weighted root mean square error, in basis points of volatility, is within max(1%, 0.1 bp) of the
 * best found by a hundred searches from a Halton sequence (SVI) or from a grid of correlations and volatilities of volatility (SABR).
 */
import type { SliceInput } from '../../src/market/slice.js';
import type { SliceFit } from '../../src/volatility/calibration/fit.js';
import { fitQuotes } from '../../src/volatility/calibration/quotes.js';
import { calibrateSabr } from '../../src/volatility/calibration/sabr.js';
import type { SabrFitOptions } from '../../src/volatility/calibration/sabr.js';
import { sviBox } from '../../src/volatility/calibration/svi-box.js';
import { sviNormal } from '../../src/volatility/calibration/svi-objective.js';
import { completeSlopes, firstLinearQuotes, setStart } from '../../src/volatility/calibration/svi-projection.js';
import { sviSearch } from '../../src/volatility/calibration/svi-search.js';

const SVI_STARTS = 100;
const SABR_CORRELATIONS = [-0.95, -0.7, -0.4, 0, 0.4, 0.7, 0.95];
/** Volatility of volatility times the root of the time to expiry. */
const SABR_VOLATILITIES = [0.1, 0.3, 1, 2.5];

/** Root mean square error of volatilities weighted by their standard deviations, in basis points. */
export function weightedError(slice: SliceInput, volatility: ArrayLike<number>): number {
  let sum = 0;
  let weights = 0;
  for (let i = 0; i < slice.volatility.length; i++) {
    const weight = 1 / slice.standardDeviation[i]! ** 2;
    sum += weight * (volatility[i]! - slice.volatility[i]!) ** 2;
    weights += weight;
  }
  return 1e4 * Math.sqrt(sum / weights);
}

/** The same of a fit. */
export function fitError(fit: SliceFit): number {
  const volatility = fit.residualBp.map((residual, i) => fit.input.volatility[i]! + 1e-4 * residual);
  return weightedError(fit.input, volatility);
}

export function isMiss(error: number, reference: number): boolean {
  return !(error - reference <= Math.max(0.01 * reference, 0.1));
}

/** Model volatilities of SVI parameters (a, b, rho, m, sigma). */
export function sviVolatilities(slice: SliceInput, [a, b, rho, m, sigma]: readonly number[]): number[] {
  return slice.logMoneyness.map((k) => {
    const u = k - m!;
    return Math.sqrt((a! + b! * (rho! * u + Math.sqrt(u * u + sigma! * sigma!))) / slice.timeToExpiry);
  });
}

/** Error of the best of a hundred SVI searches. */
export function sviReference(slice: SliceInput): number {
  const quotes = fitQuotes(slice, {});
  const box = sviBox(quotes);
  const work = { here: sviNormal(quotes.count), there: sviNormal(quotes.count) };
  const linear = sviNormal(quotes.count);
  firstLinearQuotes(quotes, linear);
  const x = new Float64Array(5);
  const best = new Float64Array(5);
  let least = Infinity;
  for (let n = 1; n <= SVI_STARTS; n++) {
    setStart(box, -0.3 + 1.6 * radicalInverse(n, 2), 0.003 * 1000 ** radicalInverse(n, 3), x);
    completeSlopes(quotes, linear, box, x);
    const { cost } = sviSearch(quotes, box, x, 0.3, work);
    if (cost < least) {
      least = cost;
      best.set(x);
    }
  }
  const [a, right, left, m, s] = best;
  const b = (right! + left!) / 2;
  return weightedError(slice, sviVolatilities(slice, [a!, b, (right! - left!) / (2 * b), m!, Math.exp(s!)]));
}

/** Error of the best of 28 SABR fits and the ordinary one. */
export function sabrReference(slice: SliceInput, options: SabrFitOptions): number {
  const { timeToExpiry, forward, volatility } = slice;
  const alpha = volatility.reduce((sum, value) => sum + value, 0) / volatility.length;
  const starts = SABR_CORRELATIONS.flatMap((rho) =>
    SABR_VOLATILITIES.map((spread) => ({ rho, nu: spread / Math.sqrt(timeToExpiry) })),
  );
  const fits = [{}, ...starts.map((start) => ({ start: { forward, timeToExpiry, alpha, beta: 1, ...start } }))].map(
    (start) => calibrateSabr(slice, { ...options, ...start }),
  );
  return Math.min(...fits.map((fit) => (fit.ok ? fitError(fit) : Infinity)));
}

function radicalInverse(n: number, base: number): number {
  let fraction = 1;
  let value = 0;
  for (let rest = n; rest > 0; rest = Math.floor(rest / base)) {
    fraction /= base;
    value += fraction * (rest % base);
  }
  return value;
}
