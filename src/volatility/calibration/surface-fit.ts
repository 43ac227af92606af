/**
 * The main job: a chain of quotes in, a surface out. Each expiry is fitted by itself, the slices are joined in total variance,
 * and every slice and every pair of neighbours is examined for arbitrage.
 */
import type { Rejection } from '../../errors.js';
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
import { openSurface } from '../surface/surface.js';
import type { VolatilitySurface } from '../surface/surface.js';
import type { FitFailure, FitOptions, ModelName, SliceFit } from './fit.js';
import { calibrateSvi } from './svi.js';

export interface SurfaceFitOptions extends FitOptions {
  /** Default 'svi'. */
  model?: ModelName | undefined;
  /** What `sliceInputs` gave, where the caller has prepared the quotes; made from the chain where missing. */
  slices?: { slices: SliceInput[]; rejected: Rejection[] } | undefined;
  /** The clock in which the slices' varianceTime is measured and the surface interpolates; calendar time where missing. */
  clock?: VarianceClock | undefined;
  /** Called after each slice, fitted or not. */
  onSlice?: ((progress: { expiry: Instant; index: number; count: number }) => void) | undefined;
}

export type SurfaceFit =
  | {
      ok: true;
      /** Whether every certificate is a proof. */
      proved: boolean;
      surface: VolatilitySurface;
      fits: SliceFit[];
      /** Expiries without a slice in the surface. */
      failed: { expiry: Instant; reason: FitFailure['reason'] }[];
      /** One a slice. */
      butterfly: Certificate[];
      /** One a pair of neighbours. */
      calendar: Certificate[];
      /** What certification moved each slice, in basis points of volatility (root mean square at the quotes). */
      certificationCostBp: number[];
      /** Rows the feed's reader, the filters and the fits left out. */
      rejected: Rejection[];
    }
  | FitFailure;

/**
 * Calibrates a surface to a chain. Expiries that cannot be fitted are listed in `failed`; a chain without one that can is the
 * failure 'empty-chain'; an American chain is the failure 'american-not-de-americanised', its value the number of quotes.
 * Throws InputError on options it does not know.
 */
export function calibrateSurface(chain: OptionChain, o: SurfaceFitOptions = {}): SurfaceFit {
  if (o.model !== undefined && o.model !== 'svi') throw new InputError('model', o.model, "'svi'");
  if (chain.style === 'american') return americanFailure(chain);

  const { slices, rejected: unusable } = o.slices ?? sliceInputs(chain, { clock: o.clock });
  const fits: SliceFit[] = [];
  const failed: { expiry: Instant; reason: FitFailure['reason'] }[] = [];
  const rejected = [...chain.rejected, ...unusable];
  slices.forEach((slice, index) => {
    const fit = calibrateSvi(slice, o);
    rejected.push(...fit.rejected);
    if (fit.ok) fits.push(fit);
    else failed.push({ expiry: slice.expiry, reason: fit.reason });
    o.onSlice?.({ expiry: slice.expiry, index, count: slices.length });
  });
  if (fits.length === 0) {
    const message = `none of the ${slices.length} expiries with usable quotes could be fitted`;
    return { ok: false, reason: 'empty-chain', message, value: slices.length, limit: 1, rejected };
  }

  const butterfly = fits.map((fit) => certifyButterfly(fit.parameters));
  const calendar = fits.slice(1).map((later, i) => certifyCalendar(fits[i]!.parameters, later.parameters));
  const surface = openSurface({
    schema: 1,
    underlying: chain.underlying,
    asOf: chain.asOf,
    spot: chain.spot,
    clock: o.clock ?? calendarClock,
    interpolation: 'total-variance',
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
    proved: [...butterfly, ...calendar].every((certificate) => certificate.verdict === 'proved'),
    surface,
    fits: fits.map((fit, i) => ({ ...fit, butterfly: butterfly[i] })),
    failed,
    butterfly,
    calendar,
    certificationCostBp: fits.map(() => 0),
    rejected,
  };
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
