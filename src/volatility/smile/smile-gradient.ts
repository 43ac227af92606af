/** dw/dparameters of any smile at one log-moneyness, in closed form. */
import { exp } from '../../math/exponential.js';
import type { SmileParameters } from './parameters.js';
import { sviGradient } from './raw-svi.js';
import { evaluateSabr, newSabrPoint } from './sabr.js';
import { isSsvi, isSvi } from './smile.js';

const point = newSabrPoint();

/**
 * Written into `gradient` in the order of smileParameterNames, for parameters that passed requireSmile. With x = phi k and
 * Z = sqrt(x^2 + 2 rho x + 1), SSVI has w_theta = (1 + rho x + Z)/2, w_rho = theta/2 x (1 + 1/Z), w_phi = theta/2 k (rho + (x + rho)/Z).
 */
export function totalVarianceGradient(p: SmileParameters, k: number, gradient: Float64Array): void {
  if (isSvi(p)) {
    sviGradient(p, k, gradient);
    return;
  }
  if (isSsvi(p)) {
    const { theta, rho, phi } = p;
    const x = phi * k;
    const z = Math.sqrt((x + rho) * (x + rho) + (1 - rho) * (1 + rho));
    gradient[0] = 0.5 * (1 + rho * x + z);
    gradient[1] = 0.5 * theta * x * (1 + 1 / z);
    gradient[2] = 0.5 * theta * k * (rho + (x + rho) / z);
    return;
  }
  const shift = p.shift ?? 0;
  evaluateSabr(p, (p.forward + shift) * exp(k) - shift, 'obloj', point);
  const perVolatility = 2 * point.volatility * p.timeToExpiry;
  gradient[0] = perVolatility * point.dAlpha;
  gradient[1] = perVolatility * point.dRho;
  gradient[2] = perVolatility * point.dNu;
}
