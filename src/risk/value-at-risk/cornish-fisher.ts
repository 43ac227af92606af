/**
 * Value at risk of a book to second order in normal factors from its first four cumulants, by the expansion of Cornish and Fisher:
 *
 *   q(z) = z + (z^2 - 1) S/6 + (z^3 - 3z) K/24 - (2z^3 - 5z) S^2/36,   z = N^-1(1 - c),   S skewness, K excess kurtosis
 *
 * A quantile must rise with z. q'(z) = a z^2 + b z + c0, a = K/8 - S^2/6, b = S/3, c0 = 1 - K/8 + 5 S^2/36; where it is negative at some
 * z <= N^-1(1 - c) the expansion is no quantile in the tail of losses and the exact distribution takes its place; where it is negative
 * elsewhere the result stands and is flagged. Maillard (2012). The expected shortfall integrates q over the tail in closed form.
 */
import { inverseNormalCdf, normalCdf, normalPdf } from '../../math/normal.js';
import { profitTail } from './delta-gamma-exact.js';
import { cumulants, independentTerms } from './quadratic-book.js';
import type { QuadraticBook } from './quadratic-book.js';
import { requireRiskOptions } from './risk-measure.js';
import type { RiskMeasure, RiskOptions } from './risk-measure.js';

/** Throws InputError where shapes differ, gamma is not symmetric or the covariance is none. */
export function cornishFisherVaR(
  book: QuadraticBook,
  options: RiskOptions,
): RiskMeasure & { skewness: number; excessKurtosis: number } {
  requireRiskOptions(options);
  const { confidence, horizonDays } = options;
  const terms = independentTerms(book, horizonDays);
  const [mean, variance, third, fourth] = cumulants(terms);
  const deviation = Math.sqrt(variance);
  const skewness = deviation > 0 ? third / deviation ** 3 : 0;
  const excessKurtosis = deviation > 0 ? fourth / variance ** 2 : 0;
  const z = inverseNormalCdf(1 - confidence);
  const slope = quantileSlope(skewness, excessKurtosis);
  const common = { confidence, horizonDays, skewness, excessKurtosis };

  if (!risesUpTo(slope, z)) {
    const { quantile, shortfall } = profitTail(terms, 1 - confidence);
    return {
      valueAtRisk: -quantile,
      expectedShortfall: -shortfall,
      flags: ['cf-not-monotone-global', 'cf-replaced-by-exact'],
      ...common,
    };
  }
  const [c0, c1, c2, c3] = coefficients(skewness, excessKurtosis);
  const quantile = ((c3 * z + c2) * z + c1) * z + c0;
  // Integrals of z^k phi(z) up to z.
  const density = normalPdf(z);
  const below = normalCdf(z);
  const tail = c0 * below - c1 * density + c2 * (below - z * density) - c3 * (z * z + 2) * density;
  return {
    valueAtRisk: -(mean + deviation * quantile),
    expectedShortfall: -(mean + (deviation * tail) / (1 - confidence)),
    flags: risesUpTo(slope, Infinity) ? [] : ['cf-not-monotone-global'],
    ...common,
  };
}

/** q(z) = c0 + c1 z + c2 z^2 + c3 z^3. */
function coefficients(S: number, K: number): [number, number, number, number] {
  return [-S / 6, 1 - K / 8 + (5 * S * S) / 36, S / 6, K / 24 - (S * S) / 18];
}

interface Quadratic {
  a: number;
  b: number;
  c: number;
}

function quantileSlope(S: number, K: number): Quadratic {
  const [, c1, c2, c3] = coefficients(S, K);
  return { a: 3 * c3, b: 2 * c2, c: c1 };
}

/** Whether a z^2 + b z + c is above 0 for every z up to `end`. */
function risesUpTo({ a, b, c }: Quadratic, end: number): boolean {
  const at = (z: number): number => (a * z + b) * z + c;
  if (a === 0) return b === 0 ? c > 0 : b < 0 && end < Infinity && at(end) > 0;
  if (a < 0) return false;
  const least = -b / (2 * a);
  return least <= end ? at(least) > 0 : at(end) > 0;
}
