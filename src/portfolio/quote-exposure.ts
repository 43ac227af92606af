/**
 * The vega of an account carried down to the market quotes that its surfaces were fitted to,
 *
 *   dV/dq = sum over options of (dV/dsigma) (dsigma/dtheta) (dtheta/dq)
 *
 * dV/dsigma is the option's vega in the account's reporting currency, dsigma/dtheta how the smile at its strike and expiry moves with the
 * parameters of the slices it is read from (parameter-gradient.ts), dtheta/dq the fit's response to the quote, with that of the
 * neighbours a certified slice touches (quote-sensitivities.ts). It is what the account gains when one quote moves and the surface is
 * calibrated again, to first order; strikes, forwards and the other quotes are held.
 */
import { normalPdf } from '../math/normal.js';
import { runningSums } from '../math/running-sums.js';
import { yearFraction } from '../market/clock.js';
import { placeOf } from '../volatility/calibration/quotes.js';
import { surfaceSensitivities } from '../volatility/calibration/quote-sensitivities.js';
import type { SensitivityFailure } from '../volatility/calibration/quote-sensitivities.js';
import type { SliceFit } from '../volatility/calibration/fit.js';
import { smileParameterNames } from '../volatility/smile/smile-jet.js';
import { parameterGradients } from '../volatility/surface/parameter-gradient.js';
import type { SurfaceData } from '../volatility/surface/surface-data.js';
import type { Instant } from '../market/quote.js';
import { logRatio } from '../math/logarithm.js';
import type { Account } from './account.js';
import { valueBook } from './book.js';
import { heldUnits } from './contributions.js';
import { openMarket } from './market-view.js';
import type { MarketView } from './market-view.js';
import type { Excluded, ValuationOptions } from './missing.js';
import { optionTerms } from './option-greeks.js';
import type { MarketSnapshot } from './snapshot.js';
import { GREEK_COUNT, greekNames } from './spot-greeks.js';
import { requireAccount } from './validate.js';

export interface QuoteBucket {
  /** As in the fit's input: the instrument, or call and put of a strike joined. */
  instrument: string;
  /** What the account gains for a volatility point (0.01) of the quote, in its reporting currency. */
  perVolPoint: number;
  /** The same per 1.00 of the quote's undiscounted price in its quote currency. */
  perPrice: number;
}

export interface QuoteExposure {
  /** Every quote of every fit that the account's options are read from. */
  quotes: QuoteBucket[];
  /**
   * Per 1.00 of the forward of an expiry, by `underlying:expiry`: what the account gains through its volatilities when the forward moves and
   * the surface is calibrated again to quotes of the same strikes and undiscounted prices. Delta at sticky strikes is not in it.
   */
  byForward: Record<string, number>;
  /** Vega per volatility point that no quote stands for: of slices without a fit that is at its minimum, and of shifted surfaces. */
  unattributed: number;
  /** The slices behind it. */
  failed: { underlying: string; expiry: Instant; reason: SensitivityFailure['reason'] | 'no-fit' | 'shifted' }[];
  excluded: Excluded[];
}

const POINT = 0.01;
const VEGA = greekNames.indexOf('vega');

/**
 * The account's vega by quote. `snapshot.fits` holds the fits behind each underlying's surface, as `calibrateSurface` gives them; a slice
 * without the fit it came from is unattributed, with the share that its neighbours have in variance time of options between expiries.
 *
 * Throws InputError naming a field of the account or the snapshot that is not as it must be, and what the snapshot lacks unless `missing`
 * says otherwise.
 */
export function quoteExposure(
  account: Account,
  snapshot: MarketSnapshot,
  options: Pick<ValuationOptions, 'missing'> = {},
): QuoteExposure {
  const view = openMarket(snapshot);
  requireAccount(account);
  const book = valueBook(account.positions, snapshot, {
    missing: options.missing,
    numeraire: account.reportingCurrency,
  });
  const held = heldUnits(book).units;
  const vegas = new Map<string, OptionVega[]>();
  book.instruments.forEach((instrument, row) => {
    if (instrument.kind !== 'option' || book.valued[row] === 0 || book.missing[row] !== undefined) return;
    const market = view.underlying(instrument.underlying);
    const found = market && optionTerms(instrument, market);
    if (found?.ok !== true || found.expired) return;
    const { strike, volatility } = found.terms;
    const vega = held[row]! * book.greeks[row * GREEK_COUNT + VEGA]!;
    if (vega === 0) return;
    const one = {
      expiry: instrument.expiry,
      strike,
      forward: found.terms.forward,
      volatility,
      slope: found.slope,
      vega,
    };
    const others = vegas.get(instrument.underlying);
    if (others === undefined) vegas.set(instrument.underlying, [one]);
    else others.push(one);
  });
  const result: QuoteExposure = { quotes: [], byForward: {}, unattributed: 0, failed: [], excluded: book.excluded };
  for (const [underlying, own] of vegas) addUnderlying(underlying, own, view, result);
  return result;
}

interface OptionVega {
  expiry: Instant;
  strike: number;
  forward: number;
  volatility: number;
  /** dvol/dk */
  slope: number;
  /** dV/dvol of all that is held. */
  vega: number;
}

function addUnderlying(
  underlying: string,
  options: readonly OptionVega[],
  { snapshot }: MarketView,
  result: QuoteExposure,
): void {
  const { surface } = snapshot.underlyings[underlying]!;
  const { slices } = surface;
  if (surface.shift !== undefined) {
    result.unattributed += POINT * options.reduce((sum, { vega }) => sum + vega, 0);
    result.failed.push(...slices.map(({ expiry }) => ({ underlying, expiry, reason: 'shifted' as const })));
    return;
  }
  const counts = slices.map(({ parameters }) => smileParameterNames(parameters).length);
  const offsets = counts.map((_, i) => counts.slice(0, i).reduce((sum, count) => sum + count, 0));
  const gradients = runningSums(counts.reduce((sum, count) => sum + count, 0));
  const shares = runningSums(slices.length);
  const direct = runningSums(slices.length);
  for (const option of options) addOption(option, surface, offsets, gradients, shares, direct);

  const fits = slices.map((slice) => snapshot.fits?.[underlying]?.find((fit) => isFitOf(fit, slice)));
  const present = fits.flatMap((fit, i) => (fit === undefined ? [] : [{ fit, i }]));
  const carried = surfaceSensitivities(
    present.map(({ fit }) => fit),
    present.map(({ i }) => Array.from({ length: counts[i]! }, (_, a) => gradients.total(offsets[i]! + a))),
  );
  slices.forEach(({ expiry }, i) => {
    const at = present.findIndex((other) => other.i === i);
    const sensitivities = carried[at];
    if (sensitivities?.ok !== true) {
      const reason = sensitivities?.reason ?? 'no-fit';
      result.unattributed += POINT * shares.total(i);
      if (shares.total(i) !== 0) result.failed.push({ underlying, expiry, reason });
      return;
    }
    const { perVolatility, perForward } = sensitivities;
    perVolatility.forEach((slope, j) => result.quotes.push(bucket(fits[i]!, j, slope)));
    result.byForward[`${underlying}:${expiry}`] = perForward + direct.total(i);
  });
}

/** Adds an option's vega to the parameters, the slices and the forwards it is read from. */
function addOption(
  { expiry, strike, forward, volatility, slope, vega }: OptionVega,
  surface: SurfaceData,
  offsets: readonly number[],
  gradients: ReturnType<typeof runningSums>,
  shares: ReturnType<typeof runningSums>,
  direct: ReturnType<typeof runningSums>,
): void {
  const { slices, asOf } = surface;
  const time = slices.find((slice) => slice.expiry === expiry)?.timeToExpiry ?? yearFraction(asOf, expiry);
  const smile = parameterGradients(surface, time);
  for (const { slice, share } of smile.shares) shares.add(slice, share * vega);
  // sigma^2 T = w
  const perVariance = vega / (2 * volatility * time);
  for (const { slice, gradient } of smile.at(logRatio(strike, forward))) {
    gradient.forEach((value, a) => {
      gradients.add(offsets[slice]! + a, perVariance * value);
    });
  }
  for (const { slice, weight } of forwardWeights(surface, time)) {
    direct.add(slice, (-slope * vega * weight) / slices[slice]!.forward);
  }
}

/** d ln F(T) / d ln F_i of the forward curve, log-linear in time. */
function forwardWeights({ slices }: SurfaceData, time: number): { slice: number; weight: number }[] {
  const found = slices.findIndex(({ timeToExpiry }) => timeToExpiry >= time);
  const to = found < 0 ? slices.length - 1 : found;
  const from = to === 0 ? 0 : slices[to - 1]!.timeToExpiry;
  const weight = (time - from) / (slices[to]!.timeToExpiry - from);
  return to === 0
    ? [{ slice: 0, weight }]
    : [
        { slice: to, weight },
        { slice: to - 1, weight: 1 - weight },
      ];
}

/** Whether the slice's parameters are those of the fit. */
function isFitOf(fit: SliceFit, { expiry, parameters }: SurfaceData['slices'][number]): boolean {
  if (fit.input.expiry !== expiry) return false;
  const theirs = new Map<string, unknown>(Object.entries(parameters));
  return Object.entries(fit.parameters).every(([name, value]) => theirs.get(name) === value);
}

function bucket({ input }: SliceFit, j: number, perVolatility: number): QuoteBucket {
  const { forward, timeToExpiry } = input;
  const at = placeOf(input.volatility[j]!, input.volatilityBid[j]!, input.volatilityAsk[j]!);
  const s = at * Math.sqrt(timeToExpiry);
  const vega = forward * Math.sqrt(timeToExpiry) * normalPdf(0.5 * s - input.logMoneyness[j]! / s);
  const perPrice = perVolatility === 0 ? 0 : perVolatility / vega;
  return { instrument: input.instrument[j]!, perVolPoint: POINT * perVolatility, perPrice };
}
