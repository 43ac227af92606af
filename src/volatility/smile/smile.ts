/** Any smile through its parameters: the kind is recognised by the keys. */
import { InputError } from '../../errors.js';
import type { SabrParameters, SmileParameters, SsviSlice, SviParameters } from './parameters.js';
import { sabrDerivatives } from './sabr-derivatives.js';
import { requireSabr } from './sabr.js';
import { requireSsviSlice, ssviDerivatives } from './ssvi.js';
import { requireSvi, sviDerivatives } from './svi.js';
import type { TotalVariance } from './total-variance.js';

export function isSvi(p: SmileParameters): p is SviParameters {
  return 'sigma' in p;
}

export function isSsvi(p: SmileParameters): p is SsviSlice {
  return 'theta' in p;
}

export function isSabr(p: SmileParameters): p is SabrParameters {
  return 'alpha' in p;
}

/**
 * Throws InputError unless the record is a smile of a known kind with parameters in their domain. SABR is that of Obloj's form,
 * and has a positive volatility at the forward.
 */
export function requireSmile(p: SmileParameters): void {
  if (typeof p !== 'object' || (p as unknown) === null) throw new InputError('parameters', p, 'a smile');
  if (isSvi(p)) requireSvi(p);
  else if (isSsvi(p)) requireSsviSlice(p);
  else if (isSabr(p)) {
    requireSabr(p, 'obloj');
    sabrDerivatives(p, 0);
  } else throw new InputError('parameters', p, 'raw SVI, an SSVI slice or SABR');
}

/**
 * Total variance and its derivatives at k = ln(K/F), for parameters that passed requireSmile. Of SABR with a shift, those of the
 * displaced forward and strike. Throws InputError at a k where SABR's expansion gives no positive volatility.
 */
export function smileDerivatives(p: SmileParameters, k: number): TotalVariance {
  if (isSvi(p)) return sviDerivatives(p, k);
  if (isSsvi(p)) return ssviDerivatives(p, k);
  return sabrDerivatives(p, k);
}
