/** Any smile as a jet in its own parameters and, last, in log-moneyness: every derivative up to third order at once. */
import { add, constant, multiply, scale, shift, sqrt, subtract, variable } from '../../math/jet.js';
import type { Jet } from '../../math/jet.js';
import type { SmileParameters } from './parameters.js';
import { SVI_NAMES } from './raw-svi.js';
import { sabrTotalVarianceJet } from './sabr-jet.js';
import { isSsvi, isSvi } from './smile.js';

/** The parameters a smile is differentiated by, in the order of a fit's covariance; SABR's beta and shift are fixed. */
export function smileParameterNames(p: SmileParameters): readonly string[] {
  if (isSvi(p)) return SVI_NAMES;
  return isSsvi(p) ? ['theta', 'rho', 'phi'] : ['alpha', 'rho', 'nu'];
}

/**
 * Total variance around (parameters, k): variables 0 .. n - 1 are those of smileParameterNames, variable n is k. For parameters
 * that passed requireSmile; throws InputError at a k where SABR's expansion gives no positive volatility.
 */
export function totalVarianceJet(p: SmileParameters, k: number): Jet {
  const count = smileParameterNames(p).length + 1;
  const at = (index: number, value: number): Jet => variable(count, index, value);
  const moneyness = at(count - 1, k);
  if (isSvi(p)) {
    const [b, rho, sigma] = [at(1, p.b), at(2, p.rho), at(4, p.sigma)];
    const u = subtract(moneyness, at(3, p.m));
    const root = sqrt(add(multiply(u, u), multiply(sigma, sigma)));
    return add(at(0, p.a), multiply(b, add(multiply(rho, u), root)));
  }
  if (isSsvi(p)) {
    const [theta, rho] = [at(0, p.theta), at(1, p.rho)];
    const x = multiply(at(2, p.phi), moneyness);
    const beyond = add(x, rho);
    const orthogonal = subtract(constant(count, 1), multiply(rho, rho));
    const root = sqrt(add(multiply(beyond, beyond), orthogonal));
    return scale(multiply(theta, add(shift(multiply(rho, x), 1), root)), 0.5);
  }
  return sabrTotalVarianceJet(p, moneyness, at(0, p.alpha), at(1, p.rho), at(2, p.nu));
}
