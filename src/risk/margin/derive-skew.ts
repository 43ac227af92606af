/**
 * Derive's skew scenarios (risk manager v2.1): at the forward of now each volatility is multiplied by
 *
 *   1 + clamp(c k / k*, -c, c),  k = ln(K/F), of its absolute value in the second scenario
 *   c = cap + capSlope sqrt(T),  k* = max(least, sqrt(T) width (level + levelSlope sqrt(T)))
 *
 * and an expiry counts with what it loses or gains, as a loss. Source: derivexyz/v2-core, PMRMLib_2_1.
 */
import { requireFinite, requireNonNegative, requirePositive } from '../../check.js';
import { logRatio } from '../../math/logarithm.js';

/** Shares of a volatility: cap + slope sqrt(T), T in years. */
export interface SkewCap {
  cap: number;
  slope: number;
}

export interface DeriveSkew {
  linear: SkewCap;
  absolute: SkewCap;
  /** Log-moneyness at which the smile is taken to flatten, and the multiplier is the cap. */
  width: { least: number; scale: number; level: number; slope: number };
}

export type SkewKind = 'linear' | 'absolute';

/** What a volatility is multiplied by, at least 0; 1 at the forward. T in years. */
export function skewMultiplier(
  kind: SkewKind,
  { width, ...caps }: DeriveSkew,
  strike: number,
  forward: number,
  timeToExpiry: number,
): number {
  const root = Math.sqrt(timeToExpiry);
  const cap = caps[kind].cap + caps[kind].slope * root;
  const flat = Math.max(width.least, root * width.scale * (width.level + width.slope * root));
  const k = logRatio(strike, forward);
  const moved = (cap * (kind === 'linear' ? k : Math.abs(k))) / flat;
  return Math.max(0, 1 + (k >= 0 || kind === 'absolute' ? Math.min(cap, moved) : Math.max(-cap, moved)));
}

/** Throws InputError naming the field. */
export function requireSkew({ linear, absolute, width }: DeriveSkew): void {
  for (const [name, { cap, slope }] of Object.entries({ linear, absolute })) {
    requireNonNegative(`skew.${name}.cap`, cap);
    requireFinite(`skew.${name}.slope`, slope);
  }
  requirePositive('skew.width.least', width.least);
  requireNonNegative('skew.width.scale', width.scale);
  requireNonNegative('skew.width.level', width.level);
  requireFinite('skew.width.slope', width.slope);
}
