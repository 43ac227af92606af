/**
 * First guesses of s = sigma sqrt(T) from x = |ln(F/K)| and p, the out-of-the-money value over min(F, K), good to 7e-4 of s over
 * the whole of 0 <= x <= 3, p >= 1e-300, 1 - p >= 2^-40. The value is convex in s below the inflection s = sqrt(2x) and concave
 * above, which gives two halves:
 *
 *   lower:  w = 2 ln(1 + phi(0) x/p),      x/s = w / sqrt(4 + w) L(c, m),            c = (sqrt w - 4) / (sqrt w + 4)
 *   upper:  v = ln((1 - p_c) / (1 - p)),   s = sqrt(2x) + u U(c, m),  u = v / sqrt(1 + pi v / 4),  c = (u - 1) / (u + 1)
 *
 * p_c is the value at the inflection, m = 2 sqrt(x/3) - 1, and L, U are polynomials. The factor before L is right to first order
 * at both ends, 2x/s near the money and (x/s)^2 far out; the one before U is the exact inverse at x = 0 for small and large s.
 * scripts/fit-implied-volatility-guess.ts computes the coefficients.
 */
import { log1p } from '../math/logarithm.js';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
/** pi / 4. */
export const QUARTER_PI = 0.7853981633974483;

/** The largest x = |ln(F/K)| the guesses are made for: strikes from a twentieth to twenty times the forward. */
export const GUESS_LIMIT = 3;
/** 2 / sqrt(3). */
export const TWICE_INVERSE_ROOT_OF_LIMIT = 1.1547005383792517;

/** p at the inflection s = sqrt(2x), from root = sqrt(x) <= sqrt(3); relative error 6.3e-7. */
export function inflectionValue(root: number): number {
  return root * inflectionFactor(root);
}

function inflectionFactor(root: number): number {
  return (
    0.5641892304 +
    root *
      (-0.4999686075 +
        root *
          (0.3756507232 +
            root *
              (-0.2471333416 +
                root *
                  (0.1414682186 +
                    root *
                      (-0.06669370391 + root * (0.0233394138 + root * (-0.005173146076 + root * 0.0005295931475)))))))
  );
}

/** L(c, m). */
export function lowerPolynomial(c: number, m: number): number {
  return (
    0.8614753818 +
    m * (0.05307719435 + m * (0.02293164342 + m * -0.004107913719)) +
    c *
      (0.2090753006 +
        m * (-0.1963941083 + m * (-0.07277233234 + m * 0.0157058099)) +
        c *
          (0.2638153286 +
            m * (0.257939931 + m * (0.101064679 + m * 0.02394745722)) +
            c *
              (-1.002915486 +
                m * (-0.2442781044 + m * (-0.13496274 + m * 0.03482939294)) +
                c *
                  (0.8876500476 +
                    m * (0.2917344019 + m * (-0.1381808063 + m * -0.4176496451)) +
                    c *
                      (1.088060157 +
                        m * (0.5401829996 + m * (1.143758527 + m * 0.4013839831)) +
                        c *
                          (-2.267441575 +
                            m * (-2.004842212 + m * -1.652650868) +
                            c *
                              (-0.4619964378 +
                                m * (1.936312212 + m * 0.7390130538) +
                                c *
                                  (1.206664147 +
                                    m * -0.7220311327 +
                                    c *
                                      (1.852948134 +
                                        m * 0.05349092143 +
                                        c * (-0.8763634732 + c * -0.8886977114))))))))))
  );
}

/** U(c, m). */
export function upperPolynomial(c: number, m: number): number {
  return (
    1.897381569 +
    m * (-0.3551766308 + m * (0.125847744 + m * -0.01990568112)) +
    c *
      (0.2747334908 +
        m * (0.07205278158 + m * (-0.1712664508 + m * 0.07247794971)) +
        c *
          (0.3107403393 +
            m * (0.1961796586 + m * (-0.0452182766 + m * -0.05848526656)) +
            c *
              (0.1253379576 +
                m * (0.1097811241 + m * 0.06572902985) +
                c *
                  (-0.008472389901 +
                    m * (0.01485760859 + m * 0.02884659923) +
                    c * (-0.03958822255 + m * -0.02345567991)))))
  );
}

/** w = 2 ln(1 + phi(0) x/p), about (x/s)^2 far out. */
export function lowerVariable(x: number, p: number): number {
  return 2 * log1p(INVERSE_SQRT_TWO_PI * (x / p));
}

/** s from x, root = sqrt(x) and w, where p is below the inflection; relative error 6.5e-4. */
export function lowerGuess(x: number, root: number, w: number): number {
  const rootOfW = Math.sqrt(w);
  const c = (rootOfW - 4) / (rootOfW + 4);
  return (x * Math.sqrt(4 + w)) / (w * lowerPolynomial(c, TWICE_INVERSE_ROOT_OF_LIMIT * root - 1));
}

/** s from root = sqrt(x), p and the value at the inflection, where p is at or above that; relative error 5e-4. */
export function upperGuess(root: number, p: number, inflection: number): number {
  const v = log1p((p - inflection) / (1 - p));
  const u = v / Math.sqrt(1 + QUARTER_PI * v);
  return Math.SQRT2 * root + u * upperPolynomial((u - 1) / (u + 1), TWICE_INVERSE_ROOT_OF_LIMIT * root - 1);
}
