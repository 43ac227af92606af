/**
 * Levenberg-Marquardt on the normal equations in a box, for hot loops: one pass over the data gives cost, gradient and
 * Gauss-Newton matrix together, and nothing is allocated once a problem of that size has been met. Steps by normal-step.ts,
 * accepted on the gain ratio, rolled back otherwise. trust-region.ts is the general engine; this one squares the condition of the
 * Jacobian.
 */
import { normalStep } from './normal-step.js';
import type { Termination } from './problem.js';

/**
 * Writes the cost, its gradient and the packed lower triangle of the Gauss-Newton matrix at x into `normal`
 * (1 + n + n (n + 1) / 2 numbers), and returns the cost; one that is not finite refuses x.
 */
export type NormalEquations = (x: Float64Array, normal: Float64Array) => number;

export interface NormalSearch {
  cost: number;
  iterations: number;
  termination: Termination;
}

const COST_TOLERANCE = 1e-12;
const LARGEST_LAMBDA = 1e12;
/** Damping below which the last steps went as promised, and one that promises next to nothing is taken unseen. */
const TRUSTED = 0.01;

/** Scratch arrays of a problem of n variables, made when the first is met. */
interface Workspace {
  current: Float64Array;
  next: Float64Array;
  trial: Float64Array;
  step: Float64Array;
  stepLow: Float64Array;
  stepHigh: Float64Array;
  gradient: Float64Array;
  matrix: Float64Array;
}

const workspaces: (Workspace | undefined)[] = [];

function workspaceOf(n: number): Workspace {
  const current = new Float64Array(1 + n + (n * (n + 1)) / 2);
  return {
    current,
    next: new Float64Array(current.length),
    trial: new Float64Array(n),
    step: new Float64Array(n),
    stepLow: new Float64Array(n),
    stepHigh: new Float64Array(n),
    gradient: current.subarray(1, 1 + n),
    matrix: current.subarray(1 + n),
  };
}

/** A step that promises more of the cost is looked at, whatever the step after it would promise. */
const UNSEEN = 1e-6;

/**
 * Minimises from x, which lies in the box and is moved to the minimum found. A cost below `leastCost` ends, and so does a step that
 * leaves less than `costTolerance` (1e-12) of the cost to gain: it promises no more itself, or the step after it would, did the gains
 * fall on as they fell last. Such a step is taken without a look at the cost there, which is then what it promised.
 */
export function normalSearch(
  n: number,
  evaluate: NormalEquations,
  x: Float64Array,
  low: Float64Array,
  high: Float64Array,
  options: { firstLambda: number; maxIterations: number; leastCost: number; costTolerance?: number | undefined },
): NormalSearch {
  const costTolerance = options.costTolerance ?? COST_TOLERANCE;
  const { current, next, trial, step, stepLow, stepHigh, gradient, matrix } = (workspaces[n] ??= workspaceOf(n));
  let cost = evaluate(x, current);
  let lambda = options.firstLambda;
  let gained = 0;
  let iterations = 0;
  if (!Number.isFinite(cost)) return { cost, iterations, termination: 'iterations' };
  while (iterations < options.maxIterations) {
    if (cost <= options.leastCost) return { cost, iterations, termination: 'cost' };
    iterations++;
    for (let j = 0; j < n; j++) {
      stepLow[j] = low[j]! - x[j]!;
      stepHigh[j] = high[j]! - x[j]!;
    }
    const promised = normalStep(n, matrix, gradient, lambda, stepLow, stepHigh, step);
    if (!(promised >= 0)) {
      lambda = 10 * Math.max(lambda, 1e-6);
      if (lambda > LARGEST_LAMBDA) return { cost, iterations, termination: 'step' };
      continue;
    }
    if (promised === 0) return { cost, iterations, termination: 'gradient' };
    for (let j = 0; j < n; j++) trial[j] = Math.min(high[j]!, Math.max(low[j]!, x[j]! + step[j]!));
    const small = promised <= costTolerance * cost;
    const left = promised * Math.min(1, promised / gained);
    if (lambda < TRUSTED && (small || (promised <= UNSEEN * cost && left <= costTolerance * cost))) {
      for (let j = 0; j < n; j++) x[j] = trial[j]!;
      return { cost: cost - promised, iterations, termination: 'cost' };
    }
    const trialCost = evaluate(trial, next);
    const gain = (cost - trialCost) / promised;
    if (gain > 1e-3) {
      for (let j = 0; j < n; j++) x[j] = trial[j]!;
      current.set(next);
      cost = trialCost;
      gained = promised;
      if (gain > 0.75) lambda = lambda < 1e-8 ? 0 : lambda * 0.1;
      else if (gain < 0.25) lambda = 4 * Math.max(lambda, 1e-6);
      if (small) return { cost, iterations, termination: 'cost' };
    } else {
      if (small) return { cost, iterations, termination: 'cost' };
      lambda = 8 * Math.max(lambda, 1e-5);
      if (lambda > LARGEST_LAMBDA) return { cost, iterations, termination: 'step' };
    }
  }
  return { cost, iterations, termination: 'iterations' };
}
