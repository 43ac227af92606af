/**
 * The volatility at which Bachelier's model gives a price, explicitly: a polynomial guess and one correction of fourth order.
 *
 *   D = |F - K|,  d = D/v,  v = sigma sqrt(T)
 *   R(d) = (out-of-the-money value)/D = phi(d) (1 - d M(d)) / d,   R' = -phi(d)/d^2,   M the Mills ratio
 *   guess:  w = 2 ln(1 + phi(0)/R),  d = w / sqrt(4 + w) B(c),  c = (sqrt w - 4) / (sqrt w + 4),  relative error 5.3e-5
 *
 * The correction is a Householder step on 1/(ln R - constant), nearly linear in d: what it leaves is below 1e-17. At F = K the
 * inverse is v = value sqrt(2 pi). Forward and strike may have any sign. scripts/fit-implied-volatility-guess.ts computes B.
 * Explicit inversion with one correction: Jaeckel, Implied normal volatility (2017); the guess and the step here are our own.
 */
import { requireFinite, requireNonNegative, requireOneOf } from '../check.js';
import { InputError } from '../errors.js';
import { log, log1p } from '../math/logarithm.js';
import { inverseGaussian, millsComplement, SQRT_TWO_PI } from '../math/mills.js';
import { normalPdf } from '../math/normal.js';
import { ulp } from '../math/ulp.js';
import type { ImpliedVolatility } from './implied-volatility.js';
import type { OptionType } from './option.js';
import { excessOverIntrinsic, LEAST_VALUE, lowerFailure, noVolatility } from './price-bounds.js';

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
/** value/D from which D no longer shows in the last bit of v. */
const AT_THE_MONEY = 1e17;

/** B(c). */
export function guessPolynomial(c: number): number {
  return (
    0.8348889269 +
    c *
      (0.3170470437 +
        c *
          (0.08778214695 +
            c *
              (-0.9387632339 +
                c *
                  (0.9836582214 +
                    c *
                      (1.474594022 +
                        c *
                          (-2.918538469 +
                            c *
                              (-2.775895283 +
                                c *
                                  (5.092547155 +
                                    c *
                                      (4.841734541 +
                                        c *
                                          (-5.239261679 +
                                            c * (-4.850278817 + c * (2.245281697 + c * 2.017928863))))))))))))
  );
}

/**
 * v = sigma sqrt(T) from D = |F - K| >= 0 and the out-of-the-money value > 0, both finite; |dv/v| is at most
 * 8 x 2^-53 (1 + b/(v b')) for value / D >= 1e-300.
 */
export function impliedNormalDeviation(distance: number, value: number): number {
  const ratio = value / distance;
  if (!(ratio < AT_THE_MONEY)) return SQRT_TWO_PI * value;
  const w = 2 * log1p(INVERSE_SQRT_TWO_PI / ratio);
  const rootOfW = Math.sqrt(w);
  const d = (w / Math.sqrt(4 + w)) * guessPolynomial((rootOfW - 4) / (rootOfW + 4));
  const complement = millsComplement(d);
  // ln of the ratio wanted over R(d); the objective is 1/y with y = -w/2 at the target.
  const residual = log((SQRT_TWO_PI * ratio * d * inverseGaussian(d)) / complement);
  const target = -0.5 * w;
  const here = target - residual;
  // f = ln R: slope = d f', l2 = d f''/f', l3 the next; a = d R''/R'.
  const slope = -1 / complement;
  const d2 = d * d;
  const a = -(d2 + 2);
  const l2 = a - slope;
  const l3 = d2 * (d2 + 3) + 6 - slope * (3 * a - 2 * slope);
  const q = slope / here;
  const f2 = l2 - 2 * q;
  const f3 = l3 - 6 * q * (l2 - q);
  const newton = ((residual / slope) * here) / target;
  const step = (newton * (1 + 0.5 * f2 * newton)) / (1 + newton * (f2 + (f3 * newton) / 6));
  return distance / (d + d * step);
}

/**
 * The volatility, in price units per square root of a year, of an undiscounted price; forward and strike of any sign.
 *
 * Fails with `expired` at T = 0; `below-intrinsic` under the intrinsic value (a negative price too) and `at-intrinsic` within
 * 4 x 2^-52 of it (a price of 0 is at an intrinsic value of 0); `beyond-precision` where the out-of-the-money value is below
 * 1e-300 |F - K| (bound 0) or the volatility is no double. There is no maximum. `distance` is the price less the intrinsic value.
 * `resolution` is what half an ulp of the price is worth; the derivatives, d2sigma/dprice2 = -d^2 / (phi(d)^2 v sqrt T) among
 * them, are 0 or Infinity in size where they leave the range of doubles.
 *
 * Throws an InputError where `forward`, `strike` or `price` is not a finite number, forward and strike are farther apart than the
 * largest double, `timeToExpiry` is not a finite number of 0 or more, or `type` is neither call nor put.
 */
export function bachelierImpliedVolatility(
  forward: number,
  strike: number,
  timeToExpiry: number,
  type: OptionType,
  undiscountedPrice: number,
): ImpliedVolatility {
  requireFinite('forward', forward);
  requireFinite('strike', strike);
  requireNonNegative('timeToExpiry', timeToExpiry);
  const isCall = requireOneOf('type', type, ['call', 'put']) === 'call';
  const price = requireFinite('price', undiscountedPrice);
  const distance = Math.abs(forward - strike);
  if (distance === Infinity) throw new InputError('strike', strike, 'within the range of doubles of the forward');

  const excess = excessOverIntrinsic(price, forward, strike, isCall);
  const intrinsic = isCall === forward > strike ? distance : 0;
  const failure = lowerFailure(excess, intrinsic, timeToExpiry);
  if (failure !== undefined) return failure;
  if (excess / distance < LEAST_VALUE) return noVolatility('beyond-precision', excess, 0);

  const v = impliedNormalDeviation(distance, excess);
  const rootOfTime = Math.sqrt(timeToExpiry);
  const volatility = v / rootOfTime;
  if (volatility === 0 || volatility === Infinity) return noVolatility('beyond-precision', excess, volatility);

  const d = distance / v;
  const density = normalPdf(d);
  const first = 1 / density / rootOfTime;
  return {
    ok: true,
    volatility,
    dVolatilityDPrice: first,
    d2VolatilityDPrice2: 0 - ((d / density) * (d / density)) / v / rootOfTime,
    resolution: 0.5 * (ulp(price) * first),
  };
}
