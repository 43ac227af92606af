/**
 * The main job: a chain of quotes in, a surface out. Each expiry is fitted by itself, the slices are moved as little as it takes until
 * every slice and every pair of neighbours is proved free of arbitrage, and they are joined in total variance.
 */
import type { Rejection } from '../../errors.js';
import { requireOneOf } from '../../check.js';
import { InputError } from '../../errors.js';
import type { OptionChain } from '../../market/chain.js';
import { calendarClock } from '../../market/clock.js';
import type { VarianceClock } from '../../market/clock.js';
import type { Instant } from '../../market/quote.js';
import { sliceInputs } from '../../market/slice-inputs.js';
import type { SliceInput } from '../../market/slice.js';
import { certifyButterfly } from '../arbitrage/butterfly.js';
import { certifyCalendar } from '../arbitrage/calendar.js';
import type { Certificate } from '../arbitrage/certificate.js';
import type { SmileParameters } from '../smile/parameters.js';
import { isSabr, isSvi } from '../smile/smile.js';
import type { SsviFamily } from '../smile/ssvi-family.js';
import { openSurface } from '../surface/surface.js';
import type { VolatilitySurface } from '../surface/surface.js';
import { certifiedSurface } from './certified-surface.js';
import type { SurfaceSlices } from './certified-surface.js';
import { calibrateEssvi } from './essvi.js';
import type { FitFailure, FitOptions, ModelName, SliceFit } from './fit.js';
import { fitThinSlice } from './model-choice.js';
import { calibrateSabr } from './sabr.js';
import { calibrateSsvi } from './ssvi.js';
import { calibrateSvi, recalibrateSvi } from './svi.js';
import { warmFit } from './warm-start.js';

export interface SurfaceFitOptions extends FitOptions {
  /** Default 'svi'. */
  model?: ModelName | undefined;
  /** Of SSVI; default 'power-law'. */
  family?: SsviFamily | undefined;
  /** What `sliceInputs` gave, where the caller has prepared the quotes; made from the chain where missing. */
  slices?: { slices: SliceInput[]; rejected: Rejection[] } | undefined;
  /** The clock in which the slices' varianceTime is measured and the surface interpolates; calendar time where missing. */
  clock?: VarianceClock | undefined;
  /** A surface of a moment ago, from whose fits the searches of the same expiries start. */
  previous?: { fits: readonly SliceFit[] } | undefined;
  /** Called after each slice, fitted or not. */
  onSlice?: ((progress: { expiry: Instant; index: number; count: number }) => void) | undefined;
}

export type SurfaceFit =
  | {
      ok: true;
      model?: ModelName | undefined;
      /** Of SSVI. */
      family?: SsviFamily | undefined;
      /** Whether the slices were moved until everything is proved. */
      arbitrage?: 'certify' | 'report' | undefined;
      /** Whether every certificate is a proof for every k. */
      proved: boolean;
      surface: VolatilitySurface;
      fits: SliceFit[];
      /** Expiries without a slice in the surface. */
      failed: { expiry: Instant; reason: FitFailure['reason'] }[];
      /** One a slice. */
      butterfly: Certificate[];
      /** One a pair of neighbours. */
      calendar: Certificate[];
      /** What certification costs each slice's fit: by how much the root mean square of its weighted errors rises, in basis points of volatility. */
      certificationCostBp: number[];
      /** How far certification moved each slice, in basis points of volatility: root mean square over the strikes with a target, all alike. */
      certificationMoveBp?: number[] | undefined;
      /** Rows the feed's reader, the filters and the fits left out. */
      rejected: Rejection[];
    }
  | FitFailure;

const MODELS = ['svi', 'essvi', 'ssvi', 'sabr'] as const;

/**
 * Calibrates a surface to a chain. By default every slice and every pair of neighbours is proved free of arbitrage, whatever the quotes;
 * with `arbitrage` 'report' SVI slices are left as they fit best, with their refutations. `model` 'essvi' or 'ssvi' is free of arbitrage
 * either way; SABR can only be reported on: its slices and its pairs are examined where they are quoted.
 *
 * Expiries that cannot be fitted are listed in `failed`; a chain without one that can is the failure 'empty-chain'; an American chain is
 * the failure 'american-not-de-americanised', its value the number of quotes; 'not-certifiable' says that no proved surface was found.
 * Throws InputError on options it does not know.
 */
export function calibrateSurface(chain: OptionChain, o: SurfaceFitOptions = {}): SurfaceFit {
  const model = o.model === undefined ? 'svi' : requireOneOf('model', o.model, MODELS);
  const arbitrage = o.arbitrage === undefined ? 'certify' : requireOneOf('arbitrage', o.arbitrage, ARBITRAGE);
  if (model === 'sabr' && o.arbitrage !== 'report') throw new InputError('arbitrage', arbitrage, "'report' for SABR");
  if (chain.style === 'american') return americanFailure(chain);

  const { slices, rejected: unusable } = o.slices ?? sliceInputs(chain, { clock: o.clock });
  const found =
    model === 'essvi' || model === 'ssvi'
      ? ssviSlices(slices, o, model)
      : model === 'sabr'
        ? sabrSlices(slices, o)
        : sviSlices(slices, o, arbitrage === 'certify');
  return joinSlices(chain, { ...o, model, arbitrage }, slices.length, found, [...chain.rejected, ...unusable]);
}

/** What `joinSlices` has to know of the options. */
export interface JoinedAs {
  model: ModelName;
  arbitrage: 'certify' | 'report';
  family?: SsviFamily | undefined;
  clock?: VarianceClock | undefined;
}

/** The slices found, joined to a surface, with the rows rejected before them. `count` expiries had quotes. */
export function joinSlices(
  chain: OptionChain,
  { model, arbitrage, family, clock = calendarClock }: JoinedAs,
  count: number,
  found: SurfaceSlices | FitFailure,
  before: readonly Rejection[],
): SurfaceFit {
  if (!('fits' in found)) return { ...found, rejected: [...before, ...found.rejected] };
  const { fits, butterfly, calendar, costBp, moveBp, failed, rejected } = found;
  if (fits.length === 0) {
    const message = `none of the ${count} expiries with usable quotes could be fitted`;
    const all = [...before, ...rejected];
    return { ok: false, reason: 'empty-chain', message, value: count, limit: 1, rejected: all };
  }
  const surface = openSurface({
    schema: 1,
    underlying: chain.underlying,
    asOf: chain.asOf,
    spot: chain.spot,
    clock,
    interpolation: (model === 'essvi' || model === 'ssvi') && clock.events.length === 0 ? 'essvi' : 'total-variance',
    slices: fits.map(({ input, parameters, covariance }, i) => ({
      expiry: input.expiry,
      timeToExpiry: input.timeToExpiry,
      varianceTime: input.varianceTime,
      forward: input.forward,
      discountFactor: input.discountFactor,
      parameters,
      covariance,
      butterfly: butterfly[i],
    })),
    calendar,
  });
  return {
    ok: true,
    model,
    ...(model === 'ssvi' ? { family: family ?? 'power-law' } : {}),
    arbitrage,
    proved: [...butterfly, ...calendar].every(({ verdict, domain }) => verdict === 'proved' && domain === 'all-k'),
    surface,
    fits: fits.map((fit, i) => ({ ...fit, butterfly: butterfly[i] })),
    failed,
    butterfly,
    calendar,
    certificationCostBp: costBp,
    certificationMoveBp: moveBp,
    rejected: [...before, ...rejected],
  };
}

const ARBITRAGE = ['certify', 'report'] as const;

/** Each expiry by itself; then, where asked for, all of them certified. */
function sviSlices(slices: readonly SliceInput[], o: SurfaceFitOptions, certify: boolean): SurfaceSlices | FitFailure {
  const plainly = { ...o, arbitrage: 'report' as const };
  const plain = slices.map((slice, index) => {
    const fit = warmFit(calibrateSvi, slice, plainly, lastFit(o, slice, isSvi), recalibrateSvi);
    o.onSlice?.({ expiry: slice.expiry, index, count: slices.length });
    return fit;
  });
  const certified = certify ? certifiedSurface(slices, plain, o) : undefined;
  return certified ?? asFitted(slices, withThinSlices(slices, plain, o));
}

/** The last fit of the expiry, if it is of the same model. */
function lastFit(
  { previous }: SurfaceFitOptions,
  { expiry }: SliceInput,
  isModel: (p: SmileParameters) => boolean,
): SliceFit | undefined {
  return previous?.fits.find((fit) => fit.input.expiry === expiry && isModel(fit.parameters));
}

/** Expiries with too few quotes for SVI, fitted with what their neighbours lend (model-choice.ts). */
export function withThinSlices(
  slices: readonly SliceInput[],
  plain: readonly (SliceFit | FitFailure)[],
  o: SurfaceFitOptions,
): (SliceFit | FitFailure)[] {
  const isFitted = (fit: SliceFit | FitFailure): fit is SliceFit => fit.ok;
  return plain.map((fit, i) => {
    if (fit.ok || fit.reason !== 'too-few-quotes') return fit;
    return fitThinSlice(
      slices[i]!,
      { before: plain.slice(0, i).findLast(isFitted), after: plain.slice(i + 1).find(isFitted) },
      o,
    );
  });
}

/** All expiries together, inside the conditions against arbitrage: eSSVI, or SSVI with one curve for all. */
export function ssviSlices(
  slices: readonly SliceInput[],
  o: SurfaceFitOptions,
  model: 'essvi' | 'ssvi',
): SurfaceSlices | FitFailure {
  const fit = model === 'essvi' ? calibrateEssvi(slices, o) : calibrateSsvi(slices, o);
  slices.forEach(({ expiry }, index) => o.onSlice?.({ expiry, index, count: slices.length }));
  if (!fit.ok) return fit;
  const { slices: fits, calendar, failed, rejected } = fit;
  return {
    fits,
    butterfly: fits.map((slice) => slice.butterfly!),
    calendar,
    costBp: fits.map(() => 0),
    moveBp: fits.map(() => 0),
    failed,
    rejected,
  };
}

function sabrSlices(slices: readonly SliceInput[], o: SurfaceFitOptions): SurfaceSlices {
  const fits = slices.map((slice, index) => {
    const fit = warmFit(calibrateSabr, slice, o, lastFit(o, slice, isSabr));
    o.onSlice?.({ expiry: slice.expiry, index, count: slices.length });
    return fit;
  });
  return asFitted(slices, fits);
}

/** Certificates made before, of parameters that are still the same; undefined where there is none. */
export interface KnownCertificates {
  butterfly(fit: SliceFit): Certificate | undefined;
  calendar(earlier: SliceFit, later: SliceFit): Certificate | undefined;
}

/** The fits that there are, examined and left as they are. */
export function asFitted(
  slices: readonly SliceInput[],
  all: readonly (SliceFit | FitFailure)[],
  known?: KnownCertificates,
): SurfaceSlices {
  const fits = all.filter((fit) => fit.ok);
  const failed = all.flatMap((fit, i) => (fit.ok ? [] : [{ expiry: slices[i]!.expiry, reason: fit.reason }]));
  const butterfly = fits.map((fit) => known?.butterfly(fit) ?? certifySlice(fit));
  const calendar = fits.slice(1).map((later, i) => known?.calendar(fits[i]!, later) ?? certifyPair(fits[i]!, later));
  const rejected = all.flatMap((fit) => fit.rejected);
  const none = fits.map(() => 0);
  return { fits, butterfly, calendar, costBp: none, moveBp: none, failed, rejected };
}

/** A SABR slice is examined where it is quoted. */
function certifySlice({ parameters, input: { logMoneyness: k } }: SliceFit): Certificate {
  return certifyButterfly(parameters, isSabr(parameters) ? { interval: [Math.min(...k), Math.max(...k)] } : {});
}

/** With SABR in it a pair is examined where both slices are quoted; 'undecided' where that is nowhere. */
export function certifyPair(earlier: SliceFit, later: SliceFit): Certificate {
  const [p, q] = [earlier.parameters, later.parameters];
  if (!isSabr(p) && !isSabr(q)) return certifyCalendar(p, q);
  const [first, second] = [earlier.input.logMoneyness, later.input.logMoneyness];
  const from = Math.max(Math.min(...first), Math.min(...second));
  const to = Math.min(Math.max(...first), Math.max(...second));
  return certifyCalendar(p, q, from < to ? { interval: [from, to] } : {});
}

function americanFailure(chain: OptionChain): FitFailure {
  const count = chain.quotes.length;
  return {
    ok: false,
    reason: 'american-not-de-americanised',
    message: `${count} American quotes of ${chain.underlying}: their early-exercise premium has to be taken out before a European surface can be fitted`,
    value: count,
    limit: 0,
    rejected: chain.rejected,
  };
}
