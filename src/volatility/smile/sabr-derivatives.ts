/** SABR's total variance in log-moneyness, Obloj's form: what a surface needs of a smile, from its jet in one variable. */
import { constant, derivative, variable } from '../../math/jet.js';
import type { SabrParameters } from './parameters.js';
import { sabrTotalVarianceJet } from './sabr-jet.js';
import type { TotalVariance } from './total-variance.js';

/**
 * w and its first three derivatives in k = ln(K/F), forward and strike shifted by p.shift, for parameters in the domain. Throws
 * InputError at a k where the expansion gives no positive volatility.
 */
export function sabrDerivatives(p: SabrParameters, k: number): TotalVariance {
  const [alpha, rho, nu] = [constant(1, p.alpha), constant(1, p.rho), constant(1, p.nu)];
  const w = sabrTotalVarianceJet(p, variable(1, 0, k), alpha, rho, nu);
  return { w: derivative(w), dw: derivative(w, 0), d2w: derivative(w, 0, 0), d3w: derivative(w, 0, 0, 0) };
}
