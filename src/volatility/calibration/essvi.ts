/**
 * An eSSVI surface: slices fitted one after another in order of expiry, each inside the region that the slice before leaves free of
 * arbitrage; where that region has bound any of them, all are then fitted together (essvi-surface.ts).
 *
 * Anchored sequential fit: Corbetta, Cohort, Laachir and Martini (2019). Coordinates and conditions: smile/essvi-wings.ts.
 */
import { requireArray } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Rejection } from '../../errors.js';
import type { Instant } from '../../market/quote.js';
import type { SliceInput } from '../../market/slice.js';
import { certifyButterfly } from '../arbitrage/butterfly.js';
import { certifyCalendar } from '../arbitrage/calendar.js';
import type { Certificate } from '../arbitrage/certificate.js';
import { leastSlope, leastTheta, toSsviSlice } from '../smile/essvi-wings.js';
import type { WingSlice } from '../smile/essvi-wings.js';
import type { SsviSlice } from '../smile/parameters.js';
import { ssviTotalVariance } from '../smile/ssvi.js';
import { carryInformation, objectiveOf, sliceFit } from './diagnostics.js';
import { essviNormal, searchEssviSlice } from './essvi-slice.js';
import type { EssviSliceSearch } from './essvi-slice.js';
import { searchEssviSurface } from './essvi-surface.js';
import type { FitFailure, FitObjective, FitOptions, SliceFit } from './fit.js';
import { fitQuotes } from './quotes.js';
import type { FitQuotes } from './quotes.js';
import { FLATTEST, STEEPEST, WING_NORMAL } from './wing-normal.js';

export type EssviFit =
  | {
      ok: true;
      /** In order of expiry. */
      slices: SliceFit<SsviSlice>[];
      /** Of neighbouring slices. */
      calendar: Certificate[];
      /** Expiries with too few quotes for a slice. */
      failed: { expiry: Instant; reason: FitFailure['reason'] }[];
      rejected: Rejection[];
    }
  | FitFailure;

/** Quotes with a target that a slice of three parameters needs. */
export const LEAST_ESSVI_QUOTES = 3;
const NAMES = ['theta', 'rho', 'phi'] as const;

/**
 * Calibrates an eSSVI surface to slices of different expiries, in any order. Every slice of the result satisfies the sufficient
 * conditions against butterfly and calendar arbitrage; the covariance of a slice that they bind is that beside its neighbours.
 * Expiries with fewer than three quotes that have a target are listed in `failed`; where none is left the fit fails with
 * 'too-few-quotes'. Throws InputError on slices or options that are not as they must be.
 */
export function calibrateEssvi(slices: readonly SliceInput[], o: FitOptions = {}): EssviFit {
  requireArray('slices', slices);
  const ordered = [...slices].sort((a, b) => a.timeToExpiry - b.timeToExpiry);
  ordered.slice(1).forEach((slice, i) => {
    if (slice.timeToExpiry === ordered[i]!.timeToExpiry) {
      throw new InputError('slices', slice.timeToExpiry, 'of different expiries');
    }
  });
  const all = ordered.map((input) => ({ input, quotes: fitQuotes(input, o) }));
  const usable = all.filter(({ quotes }) => quotes.targets >= LEAST_ESSVI_QUOTES);
  const tooFew = all.filter(({ quotes }) => quotes.targets < LEAST_ESSVI_QUOTES);
  const rejected = tooFew.flatMap(({ input, quotes }) => tooFewRejections(input, quotes.targets));
  if (usable.length === 0) {
    const most = Math.max(0, ...tooFew.map(({ quotes }) => quotes.targets));
    const message = 'no expiry has enough quotes for an eSSVI slice';
    return { ok: false, reason: 'too-few-quotes', message, value: most, limit: LEAST_ESSVI_QUOTES, rejected };
  }

  const quotes = usable.map((slice) => slice.quotes);
  const searches: EssviSliceSearch[] = [];
  for (const slice of quotes) searches.push(searchEssviSlice(slice, searches.at(-1)?.slice));
  let wings = searches.map((search) => search.slice);
  let iterations = searches.map((search) => search.iterations);
  let terminations = searches.map((search) => search.termination);
  if (o.engine === 'ml' || searches.some((search) => search.bound)) {
    const together = searchEssviSurface(quotes, wings, o);
    if ('slices' in together) {
      wings = together.slices;
      iterations = iterations.map((count) => count + together.iterations);
      terminations = terminations.map(() => together.termination);
    } else if (o.engine === 'ml') {
      return { ok: false, reason: 'no-convergence', message: together.message, rejected };
    }
  }
  const fits = usable.map(({ input }, i) => {
    const before = wings[i - 1];
    const objective = { ...objectiveOf(o), before: before && toSsviSlice(before) };
    const fit = finish(input, objective, quotes[i]!, wings[i]!, before, iterations[i]!, terminations[i]!);
    return { ...fit, butterfly: certifyButterfly(fit.parameters) };
  });
  const calendar = fits.slice(1).map((later, i) => certifyCalendar(fits[i]!.parameters, later.parameters));
  const failed = tooFew.map(({ input }) => ({ expiry: input.expiry, reason: 'too-few-quotes' as const }));
  return { ok: true, slices: fits, calendar, failed, rejected };
}

function tooFewRejections(input: SliceInput, targets: number): Rejection[] {
  return input.instrument.map((id, index) => ({
    index,
    id,
    reason: 'too-few-quotes',
    value: targets,
    limit: LEAST_ESSVI_QUOTES,
  }));
}

/** The record of one slice, from its wings and those of the slice before. */
function finish(
  input: SliceInput,
  objective: FitObjective,
  quotes: FitQuotes,
  wing: WingSlice,
  before: WingSlice | undefined,
  iterations: number,
  termination: EssviSliceSearch['termination'],
): SliceFit<SsviSlice> {
  const parameters = toSsviSlice(wing);
  const { theta, right, left } = wing;
  const sum = right + left;
  // x = (e, r, l): how far the slice is from its bounds.
  const rightFloor = before === undefined ? FLATTEST : leastSlope(before.right);
  const leftFloor = before === undefined ? FLATTEST : leastSlope(before.left);
  const x = Float64Array.of(theta - leastTheta(right, left, before), right - rightFloor, left - leftFloor);
  const held = [x[0]! <= 1e-12 * theta, x[1]! <= 1e-12 * right, x[2]! <= 1e-12 * left].map((at) => (at ? 1 : 0));
  const normal = new Float64Array(WING_NORMAL);
  const slopes = essviNormal(quotes, before, Math.max(0, x[0]!), right, left, normal);
  // Rows theta, rho, phi; columns e, r, l.
  const chain = Float64Array.of(
    ...[1, slopes.thetaRight, slopes.thetaLeft],
    ...[0, (2 * left) / (sum * sum), (-2 * right) / (sum * sum)],
    ...[
      -sum / (theta * theta),
      1 / theta - (sum * slopes.thetaRight) / (theta * theta),
      1 / theta - (sum * slopes.thetaLeft) / (theta * theta),
    ],
  );
  const atBound: string[] = [];
  if (held[0] === 1) atBound.push('theta');
  if (right >= STEEPEST || left >= STEEPEST || held[1] === 1 || held[2] === 1) atBound.push('phi');
  const volatility = Float64Array.from(quotes.k, (k) => Math.sqrt(ssviTotalVariance(parameters, k) / quotes.time));
  return sliceFit<SsviSlice>({
    model: 'essvi',
    parameters,
    names: NAMES,
    values: [parameters.theta, parameters.rho, parameters.phi],
    lower: [0, -1, 0],
    upper: [Infinity, 1, Infinity],
    input,
    objective,
    volatility,
    cost: normal[0]!,
    variables: 3,
    information: normal.slice(4, 10),
    held,
    chain,
    parameterInformation: parameterInformation(normal.subarray(4), chain),
    atBound,
    iterations,
    starts: 1,
    termination,
    rejected: [],
  });
}

/** J'J in (theta, rho, phi) from that in (e, r, l), by the inverse of the 3 x 3 chain. */
function parameterInformation(information: Float64Array, chain: Float64Array): Float64Array {
  const [a, b, c, d, e, f, g, h, i] = chain as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const inverse = Float64Array.of(
    ...[e * i - f * h, c * h - b * i, b * f - c * e],
    ...[f * g - d * i, a * i - c * g, c * d - a * f],
    ...[d * h - e * g, b * g - a * h, a * e - b * d],
  ).map((cofactor) => cofactor / determinant);
  const carried = new Float64Array(6);
  carryInformation(3, information, inverse, carried);
  return carried;
}
