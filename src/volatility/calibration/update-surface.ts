/**
 * A surface for the quotes of a moment later: the calibration of surface-fit.ts, every search begun from the last fit of its expiry.
 */
import type { OptionChain } from '../../market/chain.js';
import type { VolatilitySurface } from '../surface/surface.js';
import { objectiveOf } from './diagnostics.js';
import { calibrateSurface } from './surface-fit.js';
import type { SurfaceFit, SurfaceFitOptions } from './surface-fit.js';

type Fitted = SurfaceFit & { ok: true };
/** What of the last fit is used. */
export type PreviousFit = Pick<Fitted, 'ok' | 'fits' | 'model' | 'arbitrage'> & {
  surface: Pick<VolatilitySurface, 'data'>;
};

/**
 * Calibrates `chain` as `previous` was calibrated, warm: same model, weights, loss, space and clock, and certified if that one was,
 * unless `options` say otherwise. An expiry that is new, and one whose chi-square jumps threefold, is fitted from a cold start; the
 * result is the fit of a cold calibration of the same quotes, found in fewer steps. An eSSVI or SSVI surface is always fitted from its quotes.
 */
export function updateSurface(previous: PreviousFit, chain: OptionChain, options: SurfaceFitOptions = {}): SurfaceFit {
  const { beta, shift } = sabrFrame(previous);
  return calibrateSurface(chain, {
    ...objectiveOf(previous.fits[0]?.objective ?? {}),
    beta,
    shift,
    model: previous.model,
    arbitrage: previous.arbitrage,
    clock: previous.surface.data.clock,
    ...options,
    previous,
  });
}

/** What a SABR fit holds fixed. */
function sabrFrame({ fits }: PreviousFit): Pick<SurfaceFitOptions, 'beta' | 'shift'> {
  const p = fits[0]?.parameters;
  return p !== undefined && 'alpha' in p ? { beta: p.beta, shift: p.shift } : {};
}
