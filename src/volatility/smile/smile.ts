/** Any smile through its parameters: the kind is recognised by the keys. */
import { InputError } from '../../errors.js';
import type { SabrParameters, SmileParameters, SsviSlice, SviParameters } from './parameters.js';
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

/** Throws InputError unless the record is a smile of a known kind with parameters in their domain. */
export function requireSmile(p: SmileParameters): void {
  if (typeof p !== 'object' || (p as unknown) === null) throw new InputError('parameters', p, 'a smile');
  if (isSvi(p)) requireSvi(p);
  else if (isSsvi(p)) requireSsviSlice(p);
  else throw new InputError('parameters', p, 'raw SVI (a, b, rho, m, sigma) or an SSVI slice (theta, rho, phi)');
}

/** Total variance and its derivatives at k = ln(K/F), for parameters that passed requireSmile. */
export function smileDerivatives(p: SmileParameters, k: number): TotalVariance {
  if (isSvi(p)) return sviDerivatives(p, k);
  if (isSsvi(p)) return ssviDerivatives(p, k);
  throw new InputError('parameters', p, 'a smile in total variance');
}
