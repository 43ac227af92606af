/** What is timed: slices by model, surfaces of twelve expiries of forty quotes, cold and warm. Every case is a plain function. */
import type { SliceInput } from '../../src/market/slice.js';
import type { FitFailure, SliceFit } from '../../src/volatility/calibration/fit.js';
import { fitQuotes } from '../../src/volatility/calibration/quotes.js';
import { searchEssviSlice } from '../../src/volatility/calibration/essvi-slice.js';
import { calibrateEssvi } from '../../src/volatility/calibration/essvi.js';
import { calibrateSvi, recalibrateSvi } from '../../src/volatility/calibration/svi.js';
import { warmFit } from '../../src/volatility/calibration/warm-start.js';
import { ssviTotalVariance } from '../../src/volatility/smile/ssvi.js';
import { microsecondsOf, microsecondsOfEach, mean, quantile } from './measure.js';
import { randomStream } from './random.js';
import { benchmarkSlice, benchmarkSlices } from './slices.js';
import type { BenchmarkSlice, Truth } from './slices.js';
import { fitError, isMiss } from './success.js';

export interface Timing {
  median: number;
  ninety: number;
  mean: number;
}

export interface SliceResult extends Timing {
  success: number;
  /** Mean number of searches. */
  starts: number;
  /** Fits outside the domain, failures and exceptions. */
  invalid: number;
  misses: { index: number; error: number; reference: number; note: string }[];
  times: number[];
}

export function timing(times: readonly number[]): Timing {
  return { median: quantile(times, 0.5), ninety: quantile(times, 0.9), mean: mean(times) };
}

/** Success and time of a calibration over slices with known reference errors. */
export function measureSlices(
  set: readonly BenchmarkSlice[],
  reference: readonly number[],
  calibrate: (slice: SliceInput) => SliceFit | FitFailure,
  repeats = 10,
): SliceResult {
  const misses: SliceResult['misses'] = [];
  let invalid = 0;
  let starts = 0;
  set.forEach(({ slice }, index) => {
    const fit = calibrate(slice);
    if (!fit.ok || !isValid(fit)) invalid++;
    const error = fit.ok ? fitError(fit) : Infinity;
    if (fit.ok) starts += fit.diagnostics.starts;
    if (isMiss(error, reference[index]!)) {
      const note = fit.ok ? fit.diagnostics.atBound.join(', ') : fit.reason;
      misses.push({ index, error, reference: reference[index]!, note });
    }
  });
  const times = microsecondsOfEach(set, ({ slice }) => calibrate(slice), repeats);
  const success = 1 - misses.length / set.length;
  return { ...timing(times), success, starts: starts / set.length, invalid, misses, times };
}

function isValid({ parameters: p }: SliceFit): boolean {
  if ('sigma' in p) {
    const { a, b, rho, sigma } = p;
    return b * (1 + rho) < 2 && b * (1 - rho) <= 2 && a + b * sigma * Math.sqrt(1 - rho * rho) >= 0;
  }
  return Object.values(p).every((value: unknown) => typeof value !== 'number' || Number.isFinite(value));
}

const EXPIRIES = 12;
const QUOTES = 40;

/** Surfaces of twelve slices; of one kind of truth or of all. */
export function surfaces(count: number, truth?: Truth): SliceInput[][] {
  const wanted = count * EXPIRIES;
  const set: SliceInput[] = [];
  for (let index = 0; set.length < wanted; index++) {
    const one = benchmarkSlice(index, 7, QUOTES);
    if (truth === undefined || one.truth === truth) set.push(one.slice);
  }
  return Array.from({ length: count }, (_, i) => set.slice(i * EXPIRIES, (i + 1) * EXPIRIES));
}

/** SVI surfaces, fitted from nothing, and again from the last fit after every quote has moved a little. */
export function measureSurfaces(set: readonly SliceInput[][]): { cold: Timing; warm: Timing } {
  const cold = microsecondsOfEach(set, (surface) => surface.map((slice) => calibrateSvi(slice)), 2);
  const random = randomStream(11);
  const moved = set.map((surface) =>
    surface.map((slice) => {
      const shift = 1 + random.uniform(-0.005, 0.005);
      const volatility = slice.volatility.map(
        (value, i) => shift * value + 0.2 * slice.standardDeviation[i]! * random.uniform(-1, 1),
      );
      return { slice: { ...slice, volatility }, previous: calibrateSvi(slice) as SliceFit };
    }),
  );
  const warm = microsecondsOfEach(
    moved,
    (surface) => surface.map(({ slice, previous }) => warmFit(calibrateSvi, slice, {}, previous, recalibrateSvi)),
    2,
  );
  return { cold: timing(cold), warm: timing(warm) };
}

/** Twelve eSSVI slices of forty quotes with noise of a fifth of a volatility point at most, in order of expiry. */
function essviSurface(seed: number): SliceInput[] {
  const random = randomStream(seed);
  const level = random.uniform(0.15, 0.7);
  const eta = random.uniform(0.8, 1.6);
  const rho = random.uniform(-0.7, 0.1);
  return Array.from({ length: EXPIRIES }, (_, i) => {
    const time = 0.02 * 1.55 ** i;
    const theta = level * level * time;
    const parameters = { theta, rho: rho * (1 - 0.02 * i), phi: eta / Math.sqrt(theta) / (1 + 0.1 * theta) };
    const { slice } = benchmarkSlice(i, seed, QUOTES);
    const logMoneyness = slice.logMoneyness.map((_, j) => (-2.5 + (4.5 * j) / (QUOTES - 1)) * Math.sqrt(theta));
    const volatility = logMoneyness.map(
      (k) => Math.sqrt(ssviTotalVariance(parameters, k) / time) + 0.002 * random.uniform(-1, 1),
    );
    const standardDeviation = volatility.map(() => 0.0012);
    return {
      ...slice,
      expiry: slice.expiry + i,
      timeToExpiry: time,
      varianceTime: time,
      logMoneyness,
      volatility,
      volatilityBid: volatility.map((value) => value - 0.002),
      volatilityAsk: volatility.map((value) => value + 0.002),
      standardDeviation,
    };
  });
}

/** eSSVI slices one after the other: the searches alone, and the whole calibration with its report and certificates. */
export function measureEssvi(count: number): { sequential: Timing; whole: Timing } {
  const set = Array.from({ length: count }, (_, i) => essviSurface(100 + i));
  const quotes = set.map((surface) => surface.map((slice) => fitQuotes(slice, {})));
  const sequential = microsecondsOfEach(
    quotes,
    (surface) => {
      let before: ReturnType<typeof searchEssviSlice>['slice'] | undefined;
      for (const slice of surface) before = searchEssviSlice(slice, before).slice;
      return before;
    },
    5,
  );
  const whole = set.slice(0, 20).map((surface) => microsecondsOf(() => calibrateEssvi(surface), 1, 3));
  return { sequential: timing(sequential), whole: timing(whole) };
}

export function sliceSet(count: number): BenchmarkSlice[] {
  return benchmarkSlices(count);
}
