/**
 * Raw SVI (Gatheral 2004): the total variance of one expiry as a hyperbola in log-moneyness,
 *
 *   w(k) = a + b (rho u + R),   u = k - m,   R = sqrt(u^2 + sigma^2).
 *
 *   a      level
 *   b      slope of the wings, b >= 0: the asymptotes have slope b (1 + rho) on the right, -b (1 - rho) on the left
 *   rho    tilt, |rho| < 1
 *   m      shift
 *   sigma  width of the vertex, > 0
 *
 * The least variance is a + b sigma sqrt(1 - rho^2) >= 0, at k = m - rho sigma / sqrt(1 - rho^2). Lee's moment formula (2004)
 * bounds the slopes: b (1 + rho) < 2 and b (1 - rho) <= 2, at 2 on the right a call at infinite strike would keep its value.
 */
import { InputError } from '../../errors.js';
import type { SviParameters } from './parameters.js';
import type { TotalVariance } from './total-variance.js';

/** The order of the parameters in gradients, Hessians and covariances. */
export const SVI_NAMES = ['a', 'b', 'rho', 'm', 'sigma'] as const;

/** a + b sigma sqrt(1 - rho^2): the minimum of w. */
export function sviMinimumVariance(p: SviParameters): number {
  return p.a + p.b * p.sigma * Math.sqrt((1 - p.rho) * (1 + p.rho));
}

/** Throws InputError unless the parameters are in the domain; Lee's bounds are a matter of arbitrage and not asked for. */
export function requireSvi(p: SviParameters): void {
  for (const name of SVI_NAMES) {
    const value: unknown = p[name];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new InputError(name, value, 'a finite number');
  }
  if (p.b < 0) throw new InputError('b', p.b, '0 or more');
  if (!(Math.abs(p.rho) < 1)) throw new InputError('rho', p.rho, 'between -1 and 1');
  if (!(p.sigma > 0)) throw new InputError('sigma', p.sigma, 'above 0');
  // The least variance is a difference: it is judged to the rounding of its terms.
  const rounding = 4 * Number.EPSILON * Math.abs(p.a);
  if (sviMinimumVariance(p) < -rounding) {
    throw new InputError('a', p.a, 'such that the least variance a + b sigma sqrt(1 - rho^2) is 0 or more');
  }
}

/** w(k), for parameters in the domain. */
export function sviTotalVariance(p: SviParameters, k: number): number {
  const u = k - p.m;
  return p.a + p.b * (p.rho * u + Math.sqrt(u * u + p.sigma * p.sigma));
}

/** w and its first three derivatives in k: w' = b (rho + u/R), w'' = b sigma^2 / R^3, w''' = -3 b sigma^2 u / R^5. */
export function sviDerivatives(p: SviParameters, k: number): TotalVariance {
  const u = k - p.m;
  const r = Math.sqrt(u * u + p.sigma * p.sigma);
  const t = p.sigma / r;
  const d2w = (p.b * t * t) / r;
  return {
    w: p.a + p.b * (p.rho * u + r),
    dw: p.b * (p.rho + u / r),
    d2w,
    d3w: (-3 * d2w * (u / r)) / r,
  };
}

/** dw/d(a, b, rho, m, sigma) at k, written into `gradient`. */
export function sviGradient(p: SviParameters, k: number, gradient: Float64Array): void {
  const u = k - p.m;
  const r = Math.sqrt(u * u + p.sigma * p.sigma);
  gradient[0] = 1;
  gradient[1] = p.rho * u + r;
  gradient[2] = p.b * u;
  gradient[3] = -p.b * (p.rho + u / r);
  gradient[4] = (p.b * p.sigma) / r;
}

/** The symmetric second derivatives of w in (a, b, rho, m, sigma) at k: 5 x 5, row-major, written into `hessian`. */
export function sviHessian(p: SviParameters, k: number, hessian: Float64Array): void {
  const u = k - p.m;
  const r = Math.sqrt(u * u + p.sigma * p.sigma);
  const cosine = u / r;
  const sine = p.sigma / r;
  hessian.fill(0);
  const set = (i: number, j: number, value: number): void => {
    hessian[5 * i + j] = value;
    hessian[5 * j + i] = value;
  };
  set(1, 2, u);
  set(1, 3, -(p.rho + cosine));
  set(1, 4, sine);
  set(2, 3, -p.b);
  set(3, 3, (p.b * sine * sine) / r);
  set(3, 4, (p.b * cosine * sine) / r);
  set(4, 4, (p.b * cosine * cosine) / r);
}
