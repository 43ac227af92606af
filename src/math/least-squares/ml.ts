/**
 * ml-levenberg-marquardt behind the least-squares interface, with what it needs to be safe (version 5.1.0):
 *
 *   its `weights` weigh the normal matrix and the gradient differently   -> residuals come in whitened, `weights` is not used
 *   its error tolerance is absolute                                      -> set to 0; short runs, stopped on the relative fall
 *   rejected steps are kept and the damping is an unscaled identity      -> variables scaled by the column norms at each run's
 *                                                                          start; each run restarts from the best point seen
 *   its difference step is 0.1                                           -> the Jacobian is always supplied
 *   lengths that do not match are silently refilled                      -> lengths are ours; one residual gets a row of zeros
 *
 * Bounds are clamped by the package after each step, so a minimum on the boundary is approached, not found by an active set.
 * A robust loss enters as reweighting between runs.
 */
import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import { columnNorm } from './linear.js';
import { lossWeight } from './loss.js';
import type { LeastSquaresProblem, Loss } from './problem.js';
import { bounds, costOf, evaluateJacobian } from './trust-region.js';
import type { Search, Tolerances } from './trust-region.js';

const RUN_LENGTH = 12;
const FIRST_DAMPING = 1e-2;
const LARGEST_DAMPING = 1e8;
/** The package's own limits where a bound is missing: beyond it nothing is clamped. */
const UNBOUNDED = Number.MAX_VALUE;

export function mlLevenbergMarquardt(
  problem: LeastSquaresProblem,
  start: ArrayLike<number>,
  loss: Loss,
  tolerances: Tolerances,
): Search {
  const n = problem.parameters;
  const rows = problem.residuals;
  const low = bounds(problem.lower, n, -Infinity);
  const high = bounds(problem.upper, n, Infinity);
  const residuals = new Float64Array(rows);
  const jacobian = new Float64Array(rows * n);
  const point = new Float64Array(n);
  const scratch = new Float64Array(rows);
  const scale = new Float64Array(n);
  const rootWeight = new Float64Array(rows).fill(1);
  // The package wants at least two points.
  const index = Array.from({ length: Math.max(2, rows) }, (_, i) => i);
  const zeros = index.map(() => 0);
  const noSlope = new Array<number>(n).fill(0);

  const unscale = (z: ArrayLike<number>): Float64Array => {
    for (let j = 0; j < n; j++) point[j] = Math.min(high[j]!, Math.max(low[j]!, z[j]! / scale[j]!));
    return point;
  };
  const model = (z: number[]): ((i: number) => number) => {
    problem.evaluate(unscale(z), residuals);
    const values = residuals.map((value, i) => value * rootWeight[i]!);
    return (i) => (i < rows ? values[i]! : 0);
  };
  const gradient = (z: number[]): ((i: number) => number[]) => {
    const at = Float64Array.from(unscale(z));
    problem.evaluate(at, residuals);
    evaluateJacobian(problem, at, residuals, jacobian, low, high, point, scratch);
    return (i) => {
      if (i >= rows) return noSlope;
      return Array.from({ length: n }, (_, j) => (jacobian[i * n + j]! * rootWeight[i]!) / scale[j]!);
    };
  };

  let x = Float64Array.from(start);
  problem.evaluate(x, residuals);
  let cost = costOf(problem, residuals, loss);
  if (!Number.isFinite(cost)) {
    return { ok: false, reason: 'not-finite-at-start', message: 'the residuals are not finite at the starting point' };
  }
  let damping = FIRST_DAMPING;
  let iterations = 0;
  let converged = cost === 0;
  while (!converged && iterations < tolerances.maxIterations) {
    problem.evaluate(x, residuals);
    evaluateJacobian(problem, x, residuals, jacobian, low, high, point, scratch);
    for (let i = 0; i < rows; i++) {
      rootWeight[i] = Math.sqrt(lossWeight(loss, residuals[i]!, problem.deadzone?.[i]));
    }
    for (let j = 0; j < n; j++) scale[j] = columnNorm(jacobian, n, j, 0, rows) || 1;
    const length = Math.min(RUN_LENGTH, tolerances.maxIterations - iterations);
    iterations += length;
    const found = run(length);
    const candidate = found === undefined ? x : Float64Array.from(unscale(found));
    problem.evaluate(candidate, residuals);
    const candidateCost = costOf(problem, residuals, loss);
    const fall = cost - candidateCost;
    const step = distance(x, candidate, scale);
    if (fall > 0) {
      x = candidate;
      cost = candidateCost;
    }
    const still =
      fall <= tolerances.costTolerance * cost || step <= tolerances.stepTolerance * distance(x, noSlope, scale);
    // A run that gained nothing may have been damped too little: more damping before it counts as convergence.
    converged = cost === 0 || (still && damping >= LARGEST_DAMPING);
    if (still) damping = Math.min(LARGEST_DAMPING, damping * 1e5);
    else damping = FIRST_DAMPING;
  }
  problem.evaluate(x, residuals);
  evaluateJacobian(problem, x, residuals, jacobian, low, high, point, scratch);
  return { ok: true, x, cost, residuals, jacobian, iterations, termination: converged ? 'cost' : 'iterations' };

  /** One short run from x; nothing where the package's linear algebra gave up. */
  function run(maxIterations: number): number[] | undefined {
    try {
      const fit = levenbergMarquardt({ x: index, y: zeros }, model, {
        initialValues: Array.from(x, (value, j) => value * scale[j]!),
        minValues: Array.from(low, (value, j) => Math.max(-UNBOUNDED, value * scale[j]!)),
        maxValues: Array.from(high, (value, j) => Math.min(UNBOUNDED, value * scale[j]!)),
        jacobianFunction: gradient,
        damping,
        maxIterations,
        errorTolerance: 0,
      });
      return fit.parameterValues.every(Number.isFinite) ? fit.parameterValues : undefined;
    } catch {
      return undefined;
    }
  }
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>, scale: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < scale.length; j++) sum += (scale[j]! * (a[j]! - b[j]!)) ** 2;
  return Math.sqrt(sum);
}
