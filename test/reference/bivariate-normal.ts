/**
 * The bivariate normal distribution to some 60 digits, by the tetrachoric series (Pearson 1900):
 *
 *   P(h, k, rho) = Phi(h) Phi(k) + phi(h) phi(k) sum_{n >= 0} rho^(n+1) He_n(h) He_n(k) / (n + 1)!
 */
import { normalCdf, normalDensity } from './normal.js';
import { ONE, real, ZERO, type Real, type RealLike } from './real.js';

export function bivariateNormal(h: RealLike, k: RealLike, rho: RealLike): Real {
  const [x, y, r] = [real(h), real(k), real(rho)];
  // Hermite polynomials over sqrt(n!), so that nothing grows.
  let [a0, a1] = [ZERO, ONE];
  let [b0, b1] = [ZERO, ONE];
  let power = r;
  let sum = ZERO;
  for (let n = 0; n < 20_000; n++) {
    const term = power
      .mul(a1)
      .mul(b1)
      .div(n + 1);
    sum = sum.add(term);
    if (power.abs().toNumber() < 1e-60) break;
    const root = real(n + 1).sqrt();
    const before = real(n).sqrt();
    [a0, a1] = [a1, x.mul(a1).sub(before.mul(a0)).div(root)];
    [b0, b1] = [b1, y.mul(b1).sub(before.mul(b0)).div(root)];
    power = power.mul(r);
  }
  return normalCdf(x)
    .mul(normalCdf(y))
    .add(normalDensity(x).mul(normalDensity(y)).mul(sum));
}
