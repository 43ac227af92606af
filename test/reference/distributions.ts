/**
 * Gamma, incomplete gamma, incomplete beta and Student's t at 80 digits, by plain power series: none of the continued fractions,
 * deviances or Newton steps of the library.
 */
import { HALF, ONE, PI, real, SQRT_TWO_PI, type Real, type RealLike } from './real.js';

/** Bernoulli numbers B_2, B_4, ... as quotients, by the recurrence over binomials. */
const BERNOULLI = ((): Real[] => {
  const all: Real[] = [ONE];
  for (let n = 1; n <= 80; n++) {
    let binomial = ONE;
    let sum = real(0);
    for (let k = 0; k < n; k++) {
      sum = sum.add(binomial.mul(all[k]!));
      binomial = binomial.mul(n + 1 - k).div(k + 1);
    }
    all.push(sum.neg().div(n + 1));
  }
  return all.filter((_, n) => n > 0 && n % 2 === 0);
})();

/** ln Gamma(x), x > 0: Stirling's series from 60 on, good for 60 digits. */
export function logGamma(x: RealLike): Real {
  let shifted = real(x);
  let product = ONE;
  while (shifted.lt(60)) {
    product = product.mul(shifted);
    shifted = shifted.add(1);
  }
  let sum = shifted.sub(HALF).mul(shifted.ln()).sub(shifted).add(SQRT_TWO_PI.ln());
  const square = shifted.mul(shifted);
  let power = shifted;
  for (let k = 1; k <= BERNOULLI.length; k++) {
    sum = sum.add(BERNOULLI[k - 1]!.div(power.mul(2 * k * (2 * k - 1))));
    power = power.mul(square);
  }
  return sum.sub(product.ln());
}

/** P(a, x) by its power series, all terms of one sign. */
export function gammaP(a: RealLike, x: RealLike): Real {
  const shape = real(a);
  const at = real(x);
  let term = ONE;
  let sum = ONE;
  for (let n = 1; term.gt(sum.mul('1e-75')); n++) {
    term = term.mul(at).div(shape.add(n));
    sum = sum.add(term);
  }
  return shape
    .mul(at.ln())
    .sub(at)
    .sub(logGamma(shape.add(1)))
    .exp()
    .mul(sum);
}

/** I_x(a, b) by its power series x^a y^b / (a B(a, b)) * sum of (a + b)_n / (a + 1)_n x^n, all terms of one sign. */
export function betaI(x: Real, a: RealLike, b: RealLike): Real {
  const p = real(a);
  const q = real(b);
  const y = ONE.sub(x);
  let term = ONE;
  let sum = ONE;
  for (let n = 1; term.gt(sum.mul('1e-75')); n++) {
    term = term
      .mul(x)
      .mul(p.add(q).add(n - 1))
      .div(p.add(n));
    sum = sum.add(term);
  }
  const logBeta = logGamma(p)
    .add(logGamma(q))
    .sub(logGamma(p.add(q)));
  return p.mul(x.ln()).add(q.mul(y.ln())).sub(logBeta).exp().mul(sum).div(p);
}

/** F(-|x|) of Student's t, from the side of the series that converges quickly. */
export function studentTTail(x: RealLike, nu: RealLike): Real {
  const degrees = real(nu);
  const square = real(x).mul(real(x));
  const w = degrees.div(degrees.add(square));
  const half = degrees.div(2);
  if (w.lt(0.7)) return betaI(w, half, HALF).div(2);
  return HALF.sub(betaI(ONE.sub(w), HALF, half).div(2));
}

export function studentTDensity(x: RealLike, nu: RealLike): Real {
  const degrees = real(nu);
  const top = degrees.add(1).div(2);
  const kernel = ONE.add(real(x).mul(real(x)).div(degrees))
    .ln()
    .mul(top);
  return logGamma(top)
    .sub(logGamma(degrees.div(2)))
    .sub(kernel)
    .exp()
    .div(degrees.mul(PI).sqrt());
}
