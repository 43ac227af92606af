/**
 * Value at risk of a book that is linear in normal factors:
 *
 *   VaR = z_c sigma - mean,   ES = sigma phi(z_c)/(1 - c) - mean,   sigma^2 = d'S d
 *
 * and its split by exposure, which adds up because both are homogeneous of degree one: contribution_i = d_i (S d)_i / sigma z_c.
 */
import { requireFinite } from '../../check.js';
import { inverseNormalCdf, normalPdf } from '../../math/normal.js';
import type { Matrix } from '../../math/matrix.js';
import { covarianceRoot, quadraticForm } from './factor-space.js';
import { requireConfidence, requireExposures, requireRiskOptions } from './risk-measure.js';
import type { RiskMeasure, RiskOptions } from './risk-measure.js';

export interface LinearBook {
  /** Profit per unit return of each factor. */
  exposures: number[];
  /** Of one-day factor returns. */
  covariance: Matrix;
  /** Expected profit a day; 0 where missing. */
  mean?: number | undefined;
}

/** `contributions` to the value at risk, by exposure, add up to it. Throws InputError on a covariance that is none. */
export function parametricVaR(book: LinearBook, options: RiskOptions): RiskMeasure & { contributions: number[] } {
  requireRiskOptions(options);
  const { confidence, horizonDays } = options;
  const mean = requireFinite('mean', book.mean ?? 0);
  const { contributions, deviation } = allocate(book.exposures, book.covariance, confidence);
  const grown = Math.sqrt(horizonDays);
  const z = inverseNormalCdf(confidence);
  // What the mean takes off is spread over the exposures as their risk is.
  const gain = mean * horizonDays;
  const risk = z * deviation * grown;
  return {
    valueAtRisk: risk - gain,
    expectedShortfall: (deviation * grown * normalPdf(z)) / (1 - confidence) - gain,
    confidence,
    horizonDays,
    flags: [],
    contributions: contributions.map(
      (part) => part * grown - (risk === 0 ? gain / contributions.length : gain * ((part * grown) / risk)),
    ),
  };
}

/**
 * By exposure, for one day: the value at risk gained per unit of it, and what is saved by holding none of it. Throws InputError on a
 * covariance that is none.
 */
export function exposureIncrements(
  exposures: number[],
  covariance: Matrix,
  confidence: number,
): { marginal: number[]; incremental: number[] } {
  const { slopes, deviation } = allocate(exposures, covariance, requireConfidence(confidence));
  const z = inverseNormalCdf(confidence);
  const marginal = slopes.map((slope) => (deviation > 0 ? (z * slope) / deviation : 0));
  const incremental = exposures.map((_, i) => {
    const others = exposures.map((d, j) => (j === i ? 0 : d));
    return z * (deviation - Math.sqrt(quadraticForm(covariance, others)));
  });
  return { marginal, incremental };
}

/** Contributions to the one-day value at risk of normal factors, and their total. Throws InputError on a covariance that is none. */
export function eulerAllocation(
  exposures: number[],
  covariance: Matrix,
  confidence: number,
): { contributions: number[]; total: number } {
  const { contributions, deviation } = allocate(exposures, covariance, requireConfidence(confidence));
  return { contributions, total: inverseNormalCdf(confidence) * deviation };
}

function allocate(
  exposures: number[],
  covariance: Matrix,
  confidence: number,
): { contributions: number[]; slopes: number[]; deviation: number } {
  requireExposures('exposures', exposures);
  covarianceRoot('covariance', covariance, exposures.length);
  const deviation = Math.sqrt(quadraticForm(covariance, exposures));
  const z = inverseNormalCdf(confidence);
  // S d
  const slopes = exposures.map((_, i) => exposures.reduce((sum, d, j) => sum + covariance[i]![j]! * d, 0));
  const contributions = exposures.map((d, i) => (deviation > 0 ? (z * d * slopes[i]!) / deviation : 0));
  return { contributions, slopes, deviation };
}
