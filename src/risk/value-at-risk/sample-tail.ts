/**
 * Value at risk and expected shortfall of weighted outcomes: the smallest loss l with P(loss <= l) >= c, and the mean of the worst
 * 1 - c of the weight, the last outcome counted in part. Acerbi and Tasche (2002).
 */
import { requireArray, requireFinite, requireNonNegative } from '../../check.js';
import { InputError } from '../../errors.js';
import { requireConfidence } from './risk-measure.js';
import type { RiskFlag } from './risk-measure.js';

export interface SampleTail {
  valueAtRisk: number;
  expectedShortfall: number;
  flags: RiskFlag[];
  /** By outcome, its share of the tail's weight; together 1. The expected shortfall is their sum with the losses. */
  tailWeights: Float64Array;
}

/** Equal weights where missing. Throws InputError on an empty sample, a loss that is not finite, or weights that do not add up to 1. */
export function sampleTail(losses: ArrayLike<number>, confidence: number, weights?: ArrayLike<number>): SampleTail {
  requireConfidence(confidence);
  const n = losses.length;
  if (n === 0) throw new InputError('losses.length', 0, 'at least 1');
  for (let i = 0; i < n; i++) requireFinite(`losses[${i}]`, losses[i]);
  if (weights !== undefined) requireWeights(weights, n);
  const weightOf = (i: number): number => (weights === undefined ? 1 / n : weights[i]!);
  const worstFirst = Array.from({ length: n }, (_, i) => i).sort((a, b) => losses[b]! - losses[a]! || a - b);

  const tail = 1 - confidence;
  // The last digits of n (1 - c) must not decide which loss is the one.
  const rounding = 1e-12;
  const tailWeights = new Float64Array(n);
  let beyond = 0;
  let shortfall = 0;
  let valueAtRisk = losses[worstFirst[0]!]!;
  let found = false;
  for (const i of worstFirst) {
    const weight = weightOf(i);
    const counted = Math.min(weight, tail - beyond);
    if (counted > 0) {
      tailWeights[i] = counted / tail;
      shortfall += (counted / tail) * losses[i]!;
    }
    // P(loss <= this one) = 1 - weight of the worse ones.
    if (!found && beyond + weight > tail + rounding) {
      valueAtRisk = losses[i]!;
      found = true;
    }
    beyond += weight;
    if (found && beyond >= tail) break;
  }
  const largest = weights === undefined ? 1 / n : Math.max(...Array.from(weights));
  return {
    valueAtRisk,
    expectedShortfall: shortfall,
    flags: tail < largest - rounding ? ['sample-too-small'] : [],
    tailWeights,
  };
}

/** (1 - l) l^age / (1 - l^n), the latest outcome last. Boudoukh, Richardson and Whitelaw (1998). */
export function ageWeights(count: number, decay: number): Float64Array {
  if (!(decay > 0 && decay <= 1)) throw new InputError('decay', decay, 'a number above 0, at most 1');
  const weights = new Float64Array(count);
  let total = 0;
  for (let age = 0, weight = 1; age < count; age++, weight *= decay) {
    weights[count - 1 - age] = weight;
    total += weight;
  }
  return weights.map((weight) => weight / total);
}

function requireWeights(weights: ArrayLike<number>, length: number): void {
  if (weights.length !== length) throw new InputError('weights.length', weights.length, String(length));
  let total = 0;
  for (let i = 0; i < length; i++) total += requireNonNegative(`weights[${i}]`, weights[i]);
  if (Math.abs(total - 1) > 1e-9) throw new InputError('weights', total, 'numbers that add up to 1');
}

/** Contributions to the expected shortfall: each part's loss over the tail's outcomes. [outcome][part] losses that add up to the sample. */
export function shortfallContributions(parts: readonly ArrayLike<number>[], tail: SampleTail): number[] {
  requireArray('parts', parts);
  if (parts.length !== tail.tailWeights.length) {
    throw new InputError('parts.length', parts.length, String(tail.tailWeights.length));
  }
  const contributions = new Array<number>(parts[0]!.length).fill(0);
  parts.forEach((row, i) => {
    const weight = tail.tailWeights[i]!;
    if (weight === 0) return;
    for (let j = 0; j < contributions.length; j++) contributions[j]! += weight * row[j]!;
  });
  return contributions;
}
