/**
 * Value at risk and expected shortfall of a loss: positive for a loss, never clamped, so that a certain gain is negative. The value at
 * risk is the smallest l with P(loss <= l) >= confidence; the expected shortfall is the mean of the worst 1 - confidence.
 */
import { requireFinite, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';

export interface RiskMeasure {
  /** In the currency of the book, positive for a loss. */
  valueAtRisk: number;
  expectedShortfall: number;
  /** Between 0 and 1. */
  confidence: number;
  horizonDays: number;
  flags: RiskFlag[];
  /** Of the value at risk, where it was sampled. */
  standardError?: number | undefined;
}

/**
 * 'sample-too-small': fewer than one observation beyond the confidence level, so the worst loss stands for the tail.
 * 'cf-not-monotone-global': Cornish and Fisher's quantile falls somewhere, if only in the tail of gains.
 * 'cf-replaced-by-exact': it falls in the tail of losses, so the exact distribution was used instead.
 */
export type RiskFlag = 'sample-too-small' | 'cf-not-monotone-global' | 'cf-replaced-by-exact';

export interface RiskOptions {
  confidence: number;
  /** Days; variances grow in proportion to it. */
  horizonDays: number;
}

export function requireConfidence(confidence: unknown): number {
  if (typeof confidence !== 'number' || !(confidence > 0 && confidence < 1)) {
    throw new InputError('confidence', confidence, 'a number between 0 and 1, ends excluded');
  }
  return confidence;
}

export function requireRiskOptions({ confidence, horizonDays }: RiskOptions): void {
  requireConfidence(confidence);
  requirePositive('horizonDays', horizonDays);
}

export function requireExposures(field: string, values: readonly number[]): void {
  if (!Array.isArray(values) || values.length === 0) throw new InputError(field, values, 'an array of numbers');
  values.forEach((value, i) => requireFinite(`${field}[${i}]`, value));
}
