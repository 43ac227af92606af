/**
 * A surface for the quotes of a moment later. Only expiries whose quotes have changed are fitted, each from its last fit; the others keep
 * their smile while time passes (carried-fit.ts), and certificates are made again for what has changed alone.
 */
import { requireArray, requireFinite } from '../../check.js';
import type { Rejection } from '../../errors.js';
import type { OptionChain } from '../../market/chain.js';
import type { VarianceClock } from '../../market/clock.js';
import { judgeQuotes, quoteFilters } from '../../market/filter.js';
import type { Instant } from '../../market/quote.js';
import { BLEND_SEPARATOR, sliceInputs } from '../../market/slice-inputs.js';
import type { SliceInputOptions } from '../../market/slice-inputs.js';
import type { SliceInput } from '../../market/slice.js';
import type { Certificate } from '../arbitrage/certificate.js';
import type { SmileParameters } from '../smile/parameters.js';
import { isSabr, isSvi } from '../smile/smile.js';
import type { VolatilitySurface } from '../surface/surface.js';
import { carriedFit } from './carried-fit.js';
import { certifiedUpdate, wasMoved } from './certified-update.js';
import type { CertifiedBefore } from './certified-update.js';
import type { SurfaceSlices } from './certified-surface.js';
import { objectiveOf } from './diagnostics.js';
import type { FitFailure, FitOptions, SliceFit } from './fit.js';
import { calibrateSabr } from './sabr.js';
import { asFitted, calibrateSurface, joinSlices, ssviSlices, withThinSlices } from './surface-fit.js';
import type { JoinedAs, KnownCertificates, SurfaceFit, SurfaceFitOptions } from './surface-fit.js';
import { calibrateSvi, recalibrateSvi } from './svi.js';
import { warmFit } from './warm-start.js';

type Fitted = SurfaceFit & { ok: true };
/** What of the last fit is used. */
export type PreviousFit = Pick<
  Fitted,
  | 'ok'
  | 'fits'
  | 'model'
  | 'family'
  | 'arbitrage'
  | 'certificationCostBp'
  | 'certificationMoveBp'
  | 'failed'
  | 'rejected'
> & { surface: Pick<VolatilitySurface, 'data'> };

export interface SurfaceUpdateOptions
  extends Omit<SurfaceFitOptions, 'previous'>, Pick<SliceInputOptions, 'filters' | 'repair'> {
  /**
   * The expiries whose quotes have changed since `previous`. Where missing, all quotes are read and compared with what the last fits
   * were made of.
   */
  touched?: readonly Instant[] | undefined;
}

export type SurfaceUpdateFit =
  | (Fitted & {
      /** Expiries whose smile is another one than before. */
      refitted: Instant[];
    })
  | FitFailure;

/**
 * The surface of `chain`, calibrated as `previous` was: same model (and family, exponent, shift), weights, loss, space and clock, and certified
 * if that one was, unless `options` say otherwise, in which case every expiry is fitted again. The result is as good as a cold
 * calibration of the same quotes.
 *
 * An expiry that is new, and one whose chi-square jumps threefold, is fitted from a cold start. Certification opens again the slices
 * that have changed and what they touch. eSSVI and SSVI bind all expiries together and are fitted as a whole, from the quotes that are kept
 * and the new ones. An expiry without a quote left, or past, leaves the surface.
 *
 * Fails and throws as `calibrateSurface` does.
 */
export function updateSurface(
  previous: PreviousFit,
  chain: OptionChain,
  options: SurfaceUpdateOptions = {},
): SurfaceUpdateFit {
  const { touched, filters, repair, slices, ...changes } = options;
  if (touched !== undefined) requireArray('touched', touched).forEach((at, i) => requireFinite(`touched[${i}]`, at));
  const before = optionsOf(previous);
  const o = { ...before, ...defined(changes) };
  const read = { clock: o.clock, filters, repair };
  const isOtherwise = Object.entries(before).some(([name, value]) => o[name as keyof typeof o] !== value);
  if (isOtherwise || chain.style === 'american') {
    const made = slices ?? (chain.style === 'american' ? undefined : sliceInputs(chain, read));
    const fit = calibrateSurface(chain, { ...o, slices: made, previous });
    return fit.ok ? { ...fit, refitted: fit.fits.map(({ input }) => input.expiry) } : fit;
  }

  const last = previous.fits
    .filter(({ input }) => input.expiry > chain.asOf)
    .map((fit) => carriedFit(fit, chain.asOf, o.clock));
  const changed = touched === undefined ? undefined : changedExpiries(previous, chain, touched, filters);
  const made = slices ?? sliceInputs(chain, { ...read, expiries: changed && [...changed] });
  const quoted = new Set(chain.quotes.map(({ expiry }) => expiry));
  const kept = last.filter(({ input }) => {
    if (changed !== undefined) return quoted.has(input.expiry) && !changed.has(input.expiry);
    const now = made.slices.find(({ expiry }) => expiry === input.expiry);
    return now !== undefined && haveSameQuotes(input, now);
  });
  const isKept = new Set(kept.map(({ input }) => input.expiry));
  const all = [
    ...kept.map(({ input }) => input),
    ...made.slices.filter(({ expiry }) => !isKept.has(expiry) && (changed?.has(expiry) ?? true)),
  ].sort((a, b) => a.expiry - b.expiry);

  const found = updatedSlices(previous, all, kept, last, o);
  const stillFailed = previous.failed.filter(
    ({ expiry }) => changed !== undefined && quoted.has(expiry) && !changed.has(expiry) && expiry > chain.asOf,
  );
  const unread = [...made.rejected, ...keptRejections(previous, chain, changed)].sort((a, b) => a.index - b.index);
  const rejected = [...chain.rejected, ...unread];
  const withFailed = 'fits' in found ? { ...found, failed: [...stillFailed, ...found.failed] } : found;
  const fit = joinSlices(chain, o, all.length, withFailed, rejected);
  if (!fit.ok) return fit;
  const refitted = fit.fits.filter(
    ({ parameters, input }) =>
      !kept.some((one) => one.input.expiry === input.expiry && isSame(one.parameters, parameters)),
  );
  return { ...fit, refitted: refitted.map(({ input }) => input.expiry) };
}

/** How `previous` was calibrated, as far as it tells. */
function optionsOf({
  fits,
  model = 'svi',
  family,
  arbitrage,
  surface,
}: PreviousFit): FitOptions & Omit<JoinedAs, 'clock'> & { clock: VarianceClock } {
  const p = fits[0]?.parameters;
  return {
    ...objectiveOf(fits[0]?.objective ?? {}),
    ...(p !== undefined && isSabr(p) ? { beta: p.beta, shift: p.shift } : {}),
    model,
    family,
    arbitrage: arbitrage ?? (model === 'sabr' ? 'report' : 'certify'),
    clock: surface.data.clock,
  };
}

/** The options that were given. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/**
 * The expiries touched; those past; those of which a quote has become stale, or is no longer, beside the age of the others; and as time
 * passes those quoted in volatility, whose total variance does not stay.
 */
function changedExpiries(
  previous: PreviousFit,
  { quotes, asOf }: OptionChain,
  touched: readonly Instant[],
  filters: SliceInputOptions['filters'],
): Set<Instant> {
  const changed = new Set(touched);
  const isLater = asOf !== previous.surface.data.asOf;
  const wereStale = new Set(previous.rejected.filter(({ reason }) => reason === 'stale').map(({ id }) => id));
  const verdicts = judgeQuotes(quotes, asOf, quoteFilters(filters));
  quotes.forEach(({ instrument, expiry, bid, ask, bidVolatility, askVolatility }, i) => {
    const hasPrice = bid !== undefined || ask !== undefined;
    const hasVolatility = bidVolatility !== undefined || askVolatility !== undefined;
    const isStale = verdicts[i]?.reason === 'stale';
    if (expiry <= asOf || isStale !== wereStale.has(instrument) || (isLater && hasVolatility && !hasPrice)) {
      changed.add(expiry);
    }
  });
  return changed;
}

/** Relative difference up to which a quote is the same: time also moves discounting and the weights of blended quotes, by less. */
const NOTHING = 1e-7;

function haveSameQuotes(a: SliceInput, b: SliceInput): boolean {
  const isNear = (x: number, y: number): boolean => Object.is(x, y) || Math.abs(x - y) <= NOTHING * Math.abs(x);
  const areNear = (x: readonly number[], y: readonly number[]): boolean => x.every((value, i) => isNear(value, y[i]!));
  return (
    a.instrument.length === b.instrument.length &&
    a.instrument.every((name, i) => name === b.instrument[i]) &&
    isNear(a.forward, b.forward) &&
    isNear(a.discountFactor, b.discountFactor) &&
    areNear(a.volatilityBid, b.volatilityBid) &&
    areNear(a.volatilityAsk, b.volatilityAsk) &&
    areNear(a.volatility, b.volatility)
  );
}

/** The slices of the model; `kept` need no new fit, `last` are where a new one starts. */
function updatedSlices(
  previous: PreviousFit,
  slices: readonly SliceInput[],
  kept: readonly SliceFit[],
  last: readonly SliceFit[],
  o: FitOptions & JoinedAs,
): SurfaceSlices | FitFailure {
  if (o.model === 'essvi' || o.model === 'ssvi') return ssviSlices(slices, o, o.model);
  const keptOf = ({ expiry }: SliceInput): SliceFit | undefined => kept.find(({ input }) => input.expiry === expiry);
  const lastOf = ({ expiry }: SliceInput): SliceFit | undefined => last.find(({ input }) => input.expiry === expiry);
  const known = knownCertificates(previous, kept);
  if (o.model === 'sabr') {
    const fits = slices.map((slice) => keptOf(slice) ?? warmFit(calibrateSabr, slice, o, lastOf(slice)));
    return asFitted(slices, fits, known);
  }
  const plainly = { ...o, arbitrage: 'report' as const };
  const plainFit = (slice: SliceInput) => warmFit(calibrateSvi, slice, plainly, alone(lastOf(slice)), recalibrateSvi);
  if (o.arbitrage === 'report') {
    // An expiry with too few quotes for SVI leans on its neighbours: it is fitted again whenever one of them may have changed.
    const plain = slices.map((slice) => {
      const fit = keptOf(slice);
      return fit !== undefined && isSvi(fit.parameters) ? fit : plainFit(slice);
    });
    return asFitted(slices, withThinSlices(slices, plain, o), known);
  }
  return certifiedUpdate(
    slices,
    slices.map((slice) => certifiedBefore(previous, keptOf(slice), slices)),
    { warm: (i) => plainFit(slices[i]!), cold: (i) => calibrateSvi(slices[i]!, plainly), last: lastOf },
    (earlier, later) => known.calendar(earlier, later),
    o,
  );
}

/** The last SVI fit of an expiry, where its quotes alone put it. */
function alone(fit: SliceFit | undefined): SliceFit | undefined {
  if (fit === undefined || !isSvi(fit.parameters)) return undefined;
  const moved = fit.objective?.moved;
  return moved === undefined ? fit : { ...fit, parameters: moved.from };
}

/** The certified slice of a fit that is kept; none where it leaned on an expiry that is gone. */
function certifiedBefore(
  previous: PreviousFit,
  fit: SliceFit | undefined,
  now: readonly SliceInput[],
): CertifiedBefore | undefined {
  const { slices } = previous.surface.data;
  const i = fit === undefined ? -1 : slices.findIndex(({ expiry }) => expiry === fit.input.expiry);
  if (fit?.butterfly?.verdict !== 'proved' || i < 0) return undefined;
  const isGone = (at: number): boolean =>
    slices[at] !== undefined && !now.some(({ expiry }) => expiry === slices[at]?.expiry);
  if (wasMoved(fit) && (isGone(i - 1) || isGone(i + 1))) return undefined;
  return {
    fit,
    butterfly: fit.butterfly,
    costBp: previous.certificationCostBp[i] ?? 0,
    moveBp: previous.certificationMoveBp?.[i] ?? 0,
  };
}

/** The certificates of `previous` that are of the slices kept. */
function knownCertificates({ surface }: PreviousFit, kept: readonly SliceFit[]): KnownCertificates {
  const { slices, calendar } = surface.data;
  return {
    butterfly: (fit) => (kept.includes(fit) ? fit.butterfly : undefined),
    calendar(earlier, later) {
      if (!kept.includes(earlier) || !kept.includes(later)) return undefined;
      const i = slices.findIndex(({ expiry }) => expiry === earlier.input.expiry);
      const pair: Certificate | undefined = calendar[i];
      const [first, second] = pair?.parameters ?? [];
      if (first === undefined || second === undefined) return undefined;
      return isSame(first, earlier.parameters) && isSame(second, later.parameters) ? pair : undefined;
    },
  };
}

function isSame(p: SmileParameters, q: SmileParameters): boolean {
  const others = new Map<string, unknown>(Object.entries(q));
  return Object.entries(p).every(([name, value]) => Object.is(value, others.get(name)));
}

/** The rows of `previous` that were left out of expiries not read again, by their place in `chain`. */
function keptRejections(
  previous: PreviousFit,
  chain: OptionChain,
  changed: ReadonlySet<Instant> | undefined,
): Rejection[] {
  if (changed === undefined) return [];
  const places = new Map<string, number>();
  chain.quotes.forEach(({ instrument, expiry }, i) => {
    if (!changed.has(expiry) && !places.has(instrument)) places.set(instrument, i);
  });
  return previous.rejected.flatMap((row) => {
    if (chain.quotes[row.index]?.instrument === row.id) return places.has(row.id) ? [row] : [];
    const index = places.get(row.id) ?? (places.has(row.id.split(BLEND_SEPARATOR)[0]!) ? row.index : undefined);
    return index === undefined ? [] : [{ ...row, index }];
  });
}
