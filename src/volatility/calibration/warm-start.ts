/**
 * Fits that begin where the last ones ended. A warm search sees one valley only, so its result counts as long as it is about as good as
 * the fit it came from; a chi-square that has jumped says that the smile is another one, and the cold search decides.
 */
import type { SliceInput } from '../../market/slice.js';
import type { FitFailure, FitOptions, SliceFit } from './fit.js';

/** Jump of chi-square per degree of freedom from which the cold search is asked too. */
const JUMP = 3;

/**
 * `calibrate` started from `previous`, a fit of the same expiry and model; without one, or after a jump, as `calibrate` starts itself. Where
 * there is one, `recalibrate` makes the warm fit.
 */
export function warmFit<P, O extends FitOptions>(
  calibrate: (slice: SliceInput, options: O) => SliceFit<P> | FitFailure,
  slice: SliceInput,
  options: O,
  previous: SliceFit | undefined,
  recalibrate?: (slice: SliceInput, options: O, previous: SliceFit) => SliceFit<P> | FitFailure,
): SliceFit<P> | FitFailure {
  if (previous === undefined) return calibrate(slice, options);
  const fit =
    recalibrate === undefined
      ? calibrate(slice, { ...options, start: previous.parameters })
      : recalibrate(slice, options, previous);
  if (fit.ok && !(fit.diagnostics.chiSquarePerDof > JUMP * previous.diagnostics.chiSquarePerDof)) return fit;
  const again = calibrate(slice, { ...options, start: undefined });
  if (!fit.ok || !again.ok) return again.ok ? again : fit;
  const better = again.diagnostics.chiSquarePerDof < fit.diagnostics.chiSquarePerDof ? again : fit;
  const iterations = fit.diagnostics.iterations + again.diagnostics.iterations;
  const starts = fit.diagnostics.starts + again.diagnostics.starts;
  return { ...better, diagnostics: { ...better.diagnostics, iterations, starts } };
}
