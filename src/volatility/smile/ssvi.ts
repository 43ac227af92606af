/**
 * One slice of SSVI (also of eSSVI, where rho differs by expiry).
 *
 *   w(k) = theta/2 (1 + rho x + Z),   x = phi k,   Z = sqrt((x + rho)^2 + 1 - rho^2)
 *
 *   theta  at-the-money total variance, >= 0
 *   rho    correlation, in (-1, 1)
 *   phi    curvature, > 0; psi = theta phi is twice the at-the-money slope scale
 *
 * Gatheral and Jacquier, "Arbitrage-free SVI volatility surfaces" (2014); Hendriks and Martini, "The extended SSVI volatility
 * surface" (2019). It is raw SVI with a = theta (1 - rho^2)/2, b = theta phi/2, m = -rho/phi, sigma = sqrt(1 - rho^2)/phi.
 */
import { requireFinite, requireNonNegative, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import type { SsviSlice, SviParameters } from './parameters.js';
import type { TotalVariance } from './total-variance.js';

/** Throws InputError unless theta >= 0, -1 < rho < 1 and phi > 0. */
export function requireSsviSlice(p: SsviSlice): void {
  requireNonNegative('theta', p.theta);
  requireFinite('rho', p.rho);
  if (!(Math.abs(p.rho) < 1)) throw new InputError('rho', p.rho, 'between -1 and 1');
  requirePositive('phi', p.phi);
}

/** w(k) without checks: two positive terms are added, or the equal quotient where they would cancel. */
export function ssviTotalVariance({ theta, rho, phi }: SsviSlice, k: number): number {
  const x = phi * k;
  const z = Math.sqrt((x + rho) * (x + rho) + (1 - rho) * (1 + rho));
  const linear = 1 + rho * x;
  return 0.5 * theta * (linear >= 0 ? linear + z : (x * x * (1 - rho) * (1 + rho)) / (z - linear));
}

/** w and its first three derivatives in k, without checks. */
export function ssviDerivatives(p: SsviSlice, k: number): TotalVariance {
  const { theta, rho, phi } = p;
  const shifted = phi * k + rho;
  const orthogonal = (1 - rho) * (1 + rho);
  const z = Math.sqrt(shifted * shifted + orthogonal);
  const scale = 0.5 * theta * phi;
  return {
    w: ssviTotalVariance(p, k),
    dw: scale * (rho + shifted / z),
    d2w: (scale * phi * orthogonal) / (z * z * z),
    d3w: (-3 * scale * phi * phi * orthogonal * shifted) / (z * z * z * z * z),
  };
}

export const ssvi = {
  /** Total variance at log-moneyness k. Throws InputError on parameters that are not a slice. */
  totalVariance(p: SsviSlice, k: number): number {
    requireSsviSlice(p);
    return ssviTotalVariance(p, requireFinite('k', k));
  },

  /** The same smile as raw SVI parameters. Throws InputError on parameters that are not a slice. */
  toSvi(p: SsviSlice): SviParameters {
    requireSsviSlice(p);
    const { theta, rho, phi } = p;
    const orthogonal = (1 - rho) * (1 + rho);
    return {
      a: 0.5 * theta * orthogonal,
      b: 0.5 * theta * phi,
      rho,
      m: -rho / phi,
      sigma: Math.sqrt(orthogonal) / phi,
    };
  },
};
