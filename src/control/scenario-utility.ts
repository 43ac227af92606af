/**
 * Expected utility of wealth over scenarios, as the logarithm of its certainty equivalent, with its derivatives in the weights; and what a search for its greatest value
 * answers.
 *
 *   W_s = cash + sum_i w_i R_si,   ln CE = ln( sum_s p_s W_s^(1-g) ) / (1-g)   (g = 1: sum p_s ln W_s)
 */
import type { Failure } from '../errors.js';
import { exp, expm1 } from '../math/exponential.js';
import { log, log1p } from '../math/logarithm.js';
import type { Matrix } from '../math/matrix.js';
import { compensatedSum } from '../math/sum.js';
import type { ConstraintSlack, Relaxation } from './constraint-set.js';

export interface ScenarioUtility {
  n: number;
  /** [scenario][asset] */
  returns: Matrix;
  probabilities: number[];
  /** Gross return of holding nothing. */
  cash: number;
  /** Relative risk aversion. */
  g: number;
}

export interface UtilityOptimum {
  ok: true;
  weights: number[];
  /** The sure simple return over the period that is worth as much. */
  certaintyEquivalent: number;
  /** Largest slope of the log certainty equivalent along a weight that is free to move. */
  gradientNorm: number;
  /** 'lower[i]' and 'upper[i]' of the bounds that hold, and the limits of the constraints by name. */
  binding: string[];
  /** Of the constraints, where there are any. */
  slacks?: ConstraintSlack[] | undefined;
}

/** Utility rises for ever in some direction; or no weights within the bounds keep wealth above 0 in every scenario. */
export type BoundedKellyResult = UtilityOptimum | Failure<'unbounded' | 'infeasible'>;

/** Under constraints also the least by which those that contradict each other would have to give, or a search that did not end. */
export type ScenarioKellyResult =
  | UtilityOptimum
  | (Failure<'unbounded' | 'infeasible' | 'no-convergence'> & { relaxations?: Relaxation[] | undefined });

/** Part of the way to the end of wealth that a step may go. */
const FRACTION_TO_RUIN = 0.99;

/** The largest part of a step that keeps wealth above 0 in every scenario, at most 1. */
export function solventPart({ returns, cash }: ScenarioUtility, weights: Float64Array, step: Float64Array): number {
  let size = 1;
  for (const row of returns) {
    const change = wealth(row, step, 0);
    if (change < 0) size = Math.min(size, (FRACTION_TO_RUIN * wealth(row, weights, cash)) / -change);
  }
  return size;
}

export function wealth(row: readonly number[], weights: Float64Array, cash: number): number {
  let sum = cash;
  for (let k = 0; k < weights.length; k++) sum += weights[k]! * row[k]!;
  return sum;
}

/** Log certainty equivalent of gross wealth, without overflow: ln W_min + the rest relative to it. */
export function logEquivalent({ returns, probabilities, cash, g }: ScenarioUtility, weights: Float64Array): number {
  const logs = returns.map((row) => log(wealth(row, weights, cash)));
  if (logs.some((value) => !(value > -Infinity))) return -Infinity;
  if (g === 1) return compensatedSum(logs.map((value, s) => probabilities[s]! * value));
  const anchor = g > 1 ? Math.min(...logs) : Math.max(...logs);
  const excess = compensatedSum(logs.map((value, s) => probabilities[s]! * expm1((1 - g) * (value - anchor))));
  return anchor + log1p(excess) / (1 - g);
}

/**
 * Gradient of the log certainty equivalent and minus the Hessian of expected utility on its scale. With q_s = p_s W_s^(1-g) over its
 * sum: gradient = sum q R/W, curvature = g sum q R R'/W^2.
 */
export function derivatives(p: ScenarioUtility, weights: Float64Array): { gradient: number[]; hessian: number[][] } {
  const { n, returns, probabilities, cash, g } = p;
  const gross = returns.map((row) => wealth(row, weights, cash));
  const logs = gross.map((value) => (1 - g) * log(value));
  const anchor = Math.max(...logs);
  const shares = logs.map((value, s) => probabilities[s]! * exp(value - anchor));
  const total = compensatedSum(shares);
  const gradient = Array.from({ length: n }, () => 0);
  const hessian = gradient.map(() => Array.from({ length: n }, () => 0));
  returns.forEach((row, s) => {
    const share = shares[s]! / total;
    for (let k = 0; k < n; k++) {
      const scaled = row[k]! / gross[s]!;
      gradient[k]! += share * scaled;
      for (let j = 0; j <= k; j++) hessian[k]![j]! += (g * share * scaled * row[j]!) / gross[s]!;
    }
  });
  for (let k = 0; k < n; k++) for (let j = 0; j < k; j++) hessian[j]![k] = hessian[k]![j]!;
  return { gradient, hessian };
}
