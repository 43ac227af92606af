/**
 * The error functions, real and in doubles.
 *
 *   erf x = x R(x^2) for |x| <= 0.75,   erfcx x = e^(x^2) erfc x = sqrt(2/pi) M(x sqrt 2),   erfc x = e^(-x^2) erfcx x
 *
 * M is the Mills ratio (mills.ts); R and the central inverse are minimax fits printed by scripts/fit-normal-coefficients.ts.
 */
import { expSum } from './exponential.js';
import { log } from './logarithm.js';
import { mills } from './mills.js';

const SQRT_TWO = 1.4142135623730951;
const SQRT_HALF = 0.7071067811865476;
const SQRT_TWO_OVER_PI = 0.7978845608028654;
const HALF_LOG_TWO_PI = 0.9189385332046728;

/** erf x / x as a function of w = x^2 <= 0.5625. */
function centralErf(w: number): number {
  let r = -9.495976676462047e-10;
  r = r * w + 1.4411748675664571e-8;
  r = r * w - 1.6332943736429732e-7;
  r = r * w + 1.6460361569522413e-6;
  r = r * w - 1.4925588365203707e-5;
  r = r * w + 0.00012055331514464926;
  r = r * w - 0.0008548327000535619;
  r = r * w + 0.0052239776252148784;
  r = r * w - 0.026866170645117923;
  r = r * w + 0.11283791670955086;
  r = r * w - 0.37612638903183754;
  r = r * w + 1.1283791670955126;
  return r;
}

/** e^(-x^2), the square split so that its rounding error does not enter. */
function expMinusSquare(x: number): number {
  if (x > 28) return 0;
  const high = Math.fround(x);
  return expSum(-high * high, -(x - high) * (x + high));
}

/** 2/sqrt(pi) times the integral of e^(-u^2) from 0 to x; error below 2 ulp. */
export function erf(x: number): number {
  if (x <= 0.75 && x >= -0.75) return x * centralErf(x * x);
  return x > 0 ? 1 - erfc(x) : x < 0 ? erfc(-x) - 1 : NaN;
}

/** 1 - erf x, with relative accuracy down to underflow at x = 27.2; error below 4 ulp. */
export function erfc(x: number): number {
  if (x < 0.25) return x < -0.75 ? 2 - erfc(-x) : 1 - erf(x);
  return x > 28 ? 0 : expMinusSquare(x) * erfcx(x);
}

/** e^(x^2) erfc x; Infinity below -26.6, where it exceeds the largest double; error below 5 ulp. */
export function erfcx(x: number): number {
  if (x >= 0) return SQRT_TWO_OVER_PI * mills(x * SQRT_TWO);
  if (!(x > -28)) return x <= -28 ? Infinity : NaN;
  const high = Math.fround(x);
  return 2 * expSum(high * high, (x - high) * (x + high)) - erfcx(-x);
}

/** z with Phi(z) - 1/2 = u, for |u| <= 1/4, by a rational in u^2. */
export function centralQuantile(u: number): number {
  const w = u * u;
  let p = -4.697602867358567;
  p = p * w + 55.25059358732651;
  p = p * w - 112.21908502761181;
  p = p * w + 81.12524755200849;
  p = p * w - 24.08002741991395;
  p = p * w + 2.5066282746310007;
  let q = -9.115393319738338;
  q = q * w + 47.88237939513902;
  q = q * w - 69.64817170455126;
  q = q * w + 41.217952538281025;
  q = q * w - 10.653738602226095;
  q = q * w + 1;
  return u * (p / q);
}

/**
 * z with Phi(-z) = p, for 0 < p <= 1/4: a rational in sqrt(-2 ln p), good to 4e-7, then one step of Halley's method on ln Phi(-z),
 * whose derivatives are all made of the Mills ratio. Works on the logarithm, so p may be the least double.
 */
export function tailQuantile(p: number): number {
  const logP = log(p);
  const t = Math.sqrt(-2 * logP);
  let above = 0.10380859315519632;
  above = above * t + 1.5058113099266917;
  above = above * t + 2.597144344653907;
  above = above * t - 2.8773438013422474;
  above = above * t - 2.8693058863817043;
  let below = 0.10379688159146408;
  below = below * t + 1.5079796354126964;
  below = below * t + 3.0918822674448494;
  below = below * t + 1;
  const z = above / below;
  const m = mills(z);
  const hazard = 1 / m;
  // f = ln Phi(-z) - ln p, f' = -hazard, f'' = -hazard (hazard - z).
  const newton = (log(m) - HALF_LOG_TWO_PI - 0.5 * z * z - logP) * m;
  return z + newton / (1 + 0.5 * newton * (hazard - z));
}

/** x with erf x = y, for -1 <= y <= 1 (infinite at the ends); NaN elsewhere; error below 4 ulp. */
export function inverseErf(y: number): number {
  if (y <= 0.5 && y >= -0.5) return SQRT_HALF * centralQuantile(0.5 * y);
  if (y > 0.5 && y < 1) return SQRT_HALF * tailQuantile(0.5 * (1 - y));
  if (y < -0.5 && y > -1) return -SQRT_HALF * tailQuantile(0.5 * (1 + y));
  return y === 1 ? Infinity : y === -1 ? -Infinity : NaN;
}
