/**
 * Levenberg-Marquardt with MINPACK's care: at each x, QR of the Jacobian, then the step that minimises
 *
 *   |J p + r|^2 + lambda |D p|^2   inside the box,      D = column norms of J,
 *
 * D falling no faster than tenfold an iteration, so that a column that vanishes for a moment keeps its damping. A step is
 * accepted only if the sum of squares really falls (gain ratio above 1e-4), rolled back otherwise. lambda follows the gain
 * ratio (Nielsen 1999). All tolerances are relative. A trial whose residuals are not finite is a rejected step. No random numbers.
 *
 * Under linear inequalities the step is that of inequality-step.ts; every point is then within rounding of all of them.
 *
 * More (1978), The Levenberg-Marquardt algorithm: implementation and theory.
 */
import { boxStep, boxStepWorkspace } from './box-step.js';
import { constraintRows, inequalityStep } from './inequality-step.js';
import { columnNorm, reduceToTriangle } from './linear.js';
import { lossCurvature, lossInfluence, lossValue } from './loss.js';
import type { LeastSquaresProblem, Loss, Termination } from './problem.js';

export interface Tolerances {
  costTolerance: number;
  stepTolerance: number;
  gradientTolerance: number;
  maxIterations: number;
}

/** Where an engine came to rest; `jacobian` is the plain dr/dx there. */
export interface Minimum {
  ok: true;
  x: Float64Array;
  cost: number;
  residuals: Float64Array;
  jacobian: Float64Array;
  iterations: number;
  termination: Termination;
  /** The inequalities that hold the last step. */
  activeRows?: number[] | undefined;
}

export type Search = Minimum | { ok: false; reason: 'not-finite-at-start' | 'no-convergence'; message: string };

/** A cautious first step: on the NIST sets a bold one leaves the basin of the minimum. */
const FIRST_LAMBDA = 10;
const LEAST_FACTOR = 1 / 5;
const SCALE_MEMORY = 0.1;
const LEAST_GAIN = 1e-4;
const LEAST_LAMBDA = 1e-15;
const LARGEST_LAMBDA = 1e40;
/** Relative step of a forward difference: the square root of the machine epsilon. */
const DIFFERENCE = 2 ** -26;

/** Minimises from `start`, which lies inside the box. */
export function trustRegion(
  problem: LeastSquaresProblem,
  start: ArrayLike<number>,
  loss: Loss,
  tolerances: Tolerances,
): Search {
  const n = problem.parameters;
  const rows = problem.residuals;
  const low = bounds(problem.lower, n, -Infinity);
  const high = bounds(problem.upper, n, Infinity);
  let x = Float64Array.from(start);
  let r = new Float64Array(rows);
  let trial = new Float64Array(n);
  let trialResiduals = new Float64Array(rows);
  const jacobian = new Float64Array(rows * n);
  const weighted = new Float64Array(rows * n);
  const right = new Float64Array(rows);
  const triangle = new Float64Array(n * n);
  const q = new Float64Array(n);
  const gradient = new Float64Array(n);
  const scale = new Float64Array(n);
  const stepLow = new Float64Array(n);
  const stepHigh = new Float64Array(n);
  const p = new Float64Array(n);
  const work = boxStepWorkspace(n);
  const constraints = problem.inequalities && constraintRows(n, problem.inequalities, low, high);

  problem.evaluate(x, r);
  let cost = costOf(problem, r, loss);
  if (!Number.isFinite(cost)) {
    return { ok: false, reason: 'not-finite-at-start', message: 'the residuals are not finite at the starting point' };
  }
  let lambda = FIRST_LAMBDA;
  let growth = 2;
  let polished = false;
  let iterations = 0;
  let held: number[] = [];
  const rest = (termination: Termination): Minimum => ({
    ok: true,
    x,
    cost,
    residuals: r,
    jacobian,
    iterations,
    termination,
    activeRows: held.filter((i) => i < (problem.inequalities?.upper.length ?? 0)).sort((a, b) => a - b),
  });

  for (;;) {
    evaluateJacobian(problem, x, r, jacobian, low, high, trial, trialResiduals);
    if (!allFinite(jacobian)) {
      return {
        ok: false,
        reason: 'no-convergence',
        message: 'the Jacobian is not finite at a point with finite residuals',
      };
    }
    weigh(problem, jacobian, r, loss, weighted, right, gradient);
    for (let j = 0; j < n; j++) {
      const norm = columnNorm(weighted, n, j, 0, rows);
      scale[j] = Math.max(SCALE_MEMORY * scale[j]!, norm);
      if (scale[j] === 0) scale[j] = 1;
      stepLow[j] = low[j]! - x[j]!;
      stepHigh[j] = high[j]! - x[j]!;
    }
    // Under inequalities the gradient need not vanish: what the step promises tells.
    const cosine = largestCosine(gradient, scale, stepLow, stepHigh, cost);
    if (cosine <= tolerances.gradientTolerance) return rest('gradient');
    reduceToTriangle(weighted, rows, n, right, triangle, q);

    for (let accepted = false; !accepted;) {
      if (iterations >= tolerances.maxIterations) return rest('iterations');
      iterations++;
      if (constraints === undefined) boxStep(n, triangle, q, lambda, scale, stepLow, stepHigh, p, work);
      else held = inequalityStep(n, triangle, q, lambda, scale, x, constraints, p);
      const predicted = predictedFall(n, triangle, gradient, p);
      let stepNorm = 0;
      let pointNorm = 0;
      for (let j = 0; j < n; j++) {
        trial[j] = p[j]! <= stepLow[j]! ? low[j]! : p[j]! >= stepHigh[j]! ? high[j]! : x[j]! + p[j]!;
        stepNorm += (scale[j]! * p[j]!) ** 2;
        pointNorm += (scale[j]! * x[j]!) ** 2;
      }
      problem.evaluate(trial, trialResiduals);
      const trialCost = costOf(problem, trialResiduals, loss);
      const fall = cost - trialCost;
      const gain = fall / predicted;
      const previous = cost;
      const noise = tolerances.costTolerance * previous;
      const small = predicted <= noise && Math.abs(fall) <= noise;
      // A fall too small for the cost to show is taken on the word of the linear model, once.
      accepted = (fall >= 0 && gain > LEAST_GAIN) || (small && polished);
      if (accepted) {
        [x, trial] = [trial, x];
        [r, trialResiduals] = [trialResiduals, r];
        cost = trialCost;
        lambda *= Math.max(LEAST_FACTOR, 1 - (2 * gain - 1) ** 3);
        growth = 2;
      } else {
        lambda *= growth;
        growth *= 2;
      }
      const still = stepNorm <= tolerances.stepTolerance ** 2 * pointNorm;
      if (small && !polished) {
        // The damping hides the last digits: one step without it before the search ends.
        polished = true;
        lambda = LEAST_LAMBDA;
        continue;
      }
      if (small || still || cost === 0 || lambda > LARGEST_LAMBDA) {
        if (accepted) evaluateJacobian(problem, x, r, jacobian, low, high, trial, trialResiduals);
        return rest(still || lambda > LARGEST_LAMBDA ? 'step' : 'cost');
      }
    }
  }
}

/** Half the sum of rho(r). */
export function costOf(problem: LeastSquaresProblem, r: Float64Array, loss: Loss): number {
  let sum = 0;
  if (loss === 'l2') for (const value of r) sum += value * value;
  else for (let i = 0; i < r.length; i++) sum += lossValue(loss, r[i]!, problem.deadzone?.[i]);
  return sum / 2;
}

/** The Jacobian and residuals whose normal equations are those of the loss, and the gradient of the cost. */
function weigh(
  problem: LeastSquaresProblem,
  jacobian: Float64Array,
  r: Float64Array,
  loss: Loss,
  weighted: Float64Array,
  right: Float64Array,
  gradient: Float64Array,
): void {
  const n = gradient.length;
  gradient.fill(0);
  for (let i = 0; i < r.length; i++) {
    const halfWidth = problem.deadzone?.[i];
    const influence = lossInfluence(loss, r[i]!, halfWidth);
    const root = Math.sqrt(lossCurvature(loss, r[i]!, halfWidth));
    right[i] = influence / root;
    for (let j = 0; j < n; j++) {
      const slope = jacobian[i * n + j]!;
      gradient[j]! += slope * influence;
      weighted[i * n + j] = root * slope;
    }
  }
}

/** Largest cosine between the residual vector and a column, over the variables that may still move downhill. */
function largestCosine(
  gradient: Float64Array,
  scale: Float64Array,
  low: Float64Array,
  high: Float64Array,
  cost: number,
): number {
  const length = Math.sqrt(2 * cost);
  if (length === 0) return 0;
  let largest = 0;
  for (let j = 0; j < gradient.length; j++) {
    const stuck = (low[j] === 0 && gradient[j]! >= 0) || (high[j] === 0 && gradient[j]! <= 0);
    if (!stuck) largest = Math.max(largest, Math.abs(gradient[j]!) / (scale[j]! * length));
  }
  return largest;
}

/** -g'p - |R p|^2 / 2: the fall of the cost that the linear model promises. */
function predictedFall(n: number, triangle: Float64Array, gradient: Float64Array, p: Float64Array): number {
  let fall = 0;
  for (let i = 0; i < n; i++) {
    fall -= gradient[i]! * p[i]!;
    let row = 0;
    for (let j = i; j < n; j++) row += triangle[i * n + j]! * p[j]!;
    fall -= (row * row) / 2;
  }
  return fall;
}

/** dr/dx by the problem's own function, or by forward differences that stay inside the box. */
export function evaluateJacobian(
  problem: LeastSquaresProblem,
  x: Float64Array,
  r: Float64Array,
  jacobian: Float64Array,
  low: Float64Array,
  high: Float64Array,
  point: Float64Array,
  residuals: Float64Array,
): void {
  if (problem.jacobian !== undefined) {
    problem.jacobian(x, jacobian);
    return;
  }
  const n = x.length;
  point.set(x);
  for (let j = 0; j < n; j++) {
    const length = DIFFERENCE * (x[j] === 0 ? 1 : Math.abs(x[j]!));
    const forward = x[j]! + length <= high[j]!;
    point[j] = forward ? x[j]! + length : Math.max(low[j]!, x[j]! - length);
    const step = point[j]! - x[j]!;
    problem.evaluate(point, residuals);
    for (let i = 0; i < r.length; i++) jacobian[i * n + j] = (residuals[i]! - r[i]!) / step;
    point[j] = x[j]!;
  }
}

export function bounds(given: readonly number[] | undefined, n: number, missing: number): Float64Array {
  return given === undefined ? new Float64Array(n).fill(missing) : Float64Array.from(given);
}

function allFinite(values: Float64Array): boolean {
  for (const value of values) if (!Number.isFinite(value)) return false;
  return true;
}
