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
const HALF_LOG_TWO_PI = 0.9189385332046727;

/** erf x / x as a function of w = x^2 <= 0.5625. */
function centralErf(w: number): number {
  return (
    1.1283791670955126 +
    w *
      (-0.37612638903183754 +
        w *
          (0.11283791670955087 +
            w *
              (-0.026866170645118446 +
                w *
                  (0.005223977625222192 +
                    w *
                      (-0.0008548327001135946 +
                        w *
                          (0.00012055331545294116 +
                            w *
                              (-1.4925589383821143e-5 +
                                w *
                                  (1.646038320985815e-6 +
                                    w *
                                      (-1.63332293434337e-7 +
                                        w * (1.4413879289095029e-8 + w * -9.502840894774706e-10))))))))))
  );
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

/** 1 - erf x, with relative accuracy down to underflow at x = 27.2. */
export function erfc(x: number): number {
  if (x < 0.25) return x < -0.75 ? 2 - erfc(-x) : 1 - erf(x);
  return x > 28 ? 0 : expMinusSquare(x) * erfcx(x);
}

/** e^(x^2) erfc x; Infinity below -26.6, where it exceeds the largest double. */
export function erfcx(x: number): number {
  if (x >= 0) return SQRT_TWO_OVER_PI * mills(x * SQRT_TWO);
  if (!(x > -28)) return x <= -28 ? Infinity : NaN;
  const high = Math.fround(x);
  return 2 * expSum(high * high, (x - high) * (x + high)) - erfcx(-x);
}

/** z with Phi(z) - 1/2 = u, for |u| <= 1/4, by a rational in u^2. */
export function centralQuantile(u: number): number {
  const w = u * u;
  const p =
    2.5066282746310007 +
    w *
      (-24.079872788530423 +
        w * (81.12408094127645 + w * (-112.21633015155446 + w * (55.24848761769787 + w * -4.697332470110187))));
  const q =
    1 +
    w *
      (-10.65367691322933 +
        w * (41.217422527368896 + w * (-69.64665970595077 + w * (47.880790854470604 + w * -9.114948673551993))));
  return u * (p / q);
}

/**
 * z with Phi(-z) = p, for 0 < p <= 1/4: a rational in sqrt(-2 ln p), good to 4e-7, then one step of Halley's method on ln Phi(-z),
 * whose derivatives are all made of the Mills ratio. Works on the logarithm, so p may be the least double.
 */
export function tailQuantile(p: number): number {
  const logP = log(p);
  const t = Math.sqrt(-2 * logP);
  const z =
    (-2.868768138490199 +
      t * (-2.8712996952875174 + t * (2.595424435273845 + t * (1.5029382619640361 + t * 0.10350781681760422)))) /
    (1 + t * (3.0888395952764913 + t * (1.5050978384133558 + t * 0.10349616762715036)));
  const m = mills(z);
  const hazard = 1 / m;
  // f = ln Phi(-z) - ln p, f' = -hazard, f'' = -hazard (hazard - z).
  const newton = (log(m) - HALF_LOG_TWO_PI - 0.5 * z * z - logP) * m;
  return z + newton / (1 + 0.5 * newton * (hazard - z));
}

/** x with erf x = y, for -1 <= y <= 1 (infinite at the ends); NaN elsewhere. */
export function inverseErf(y: number): number {
  if (y <= 0.5 && y >= -0.5) return SQRT_HALF * centralQuantile(0.5 * y);
  if (y > 0.5 && y < 1) return SQRT_HALF * tailQuantile(0.5 * (1 - y));
  if (y < -0.5 && y > -1) return -SQRT_HALF * tailQuantile(0.5 * (1 + y));
  return y === 1 ? Infinity : y === -1 ? -Infinity : NaN;
}
