/** Raw SVI as one entry point: values, derivatives in log-moneyness, and the natural and jump-wing forms. */
import { requireFinite } from '../../check.js';
import type { SviParameters } from './parameters.js';
import { requireSvi, sviDerivatives, sviTotalVariance } from './raw-svi.js';
import { fromJumpWings, fromNatural, toJumpWings, toNatural } from './svi-forms.js';
import type { TotalVariance } from './total-variance.js';

export {
  requireSvi,
  SVI_NAMES,
  sviDerivatives,
  sviGradient,
  sviHessian,
  sviMinimumVariance,
  sviTotalVariance,
} from './raw-svi.js';
export type { JumpWings, NaturalSvi, SviFromJumpWings } from './svi-forms.js';

export const svi = {
  /** w(k) at k = ln(K/F). Throws InputError for parameters outside the domain. */
  totalVariance(p: SviParameters, k: number): number {
    requireSvi(p);
    return sviTotalVariance(p, requireFinite('k', k));
  },

  /** w and its first three derivatives in k. Throws InputError for parameters outside the domain. */
  derivatives(p: SviParameters, k: number): TotalVariance {
    requireSvi(p);
    return sviDerivatives(p, requireFinite('k', k));
  },

  toNatural,
  fromNatural,
  toJumpWings,
  fromJumpWings,
};
