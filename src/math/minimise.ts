/**
 * The lowest point of a smooth function without bounds: quasi-Newton steps with the inverse Hessian updated by Broyden, Fletcher,
 * Goldfarb and Shanno, and a line search that brackets the weak Wolfe conditions by doubling and halving (Lewis and Overton 2013). A
 * point where the function is not finite counts as infinitely high, so that it may have a domain. Nocedal and Wright, Numerical
 * Optimization (2006), chapter 6.
 */
import { InputError } from '../errors.js';

/** The value at x; the gradient is written into `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface MinimiseOptions {
  /** Stops where no entry of the gradient exceeds this; 1e-9 where missing. */
  gradientTolerance?: number | undefined;
  /** 500 where missing. */
  maxIterations?: number | undefined;
}

export interface Minimum {
  x: Float64Array;
  value: number;
  gradient: Float64Array;
  iterations: number;
  /** 'gradient': below the tolerance; 'precision': no lower point can be told apart; 'iterations': stopped on the way. */
  termination: 'gradient' | 'precision' | 'iterations';
}

const SUFFICIENT_DECREASE = 1e-4;
const CURVATURE = 0.9;

/** Throws InputError where the function is not finite at the start. */
export function minimise(objective: Objective, start: ArrayLike<number>, options: MinimiseOptions = {}): Minimum {
  const tolerance = options.gradientTolerance ?? 1e-9;
  const maxIterations = options.maxIterations ?? 500;
  const n = start.length;
  const x = Float64Array.from(start);
  const gradient = new Float64Array(n);
  let value = objective(x, gradient);
  if (!Number.isFinite(value)) throw new InputError('start', [...x], 'a point where the function is finite');
  const inverse = new Float64Array(n * n);
  resetToIdentity(inverse, n);
  let fresh = true;
  const direction = new Float64Array(n);
  const trial = new Float64Array(n);
  const trialGradient = new Float64Array(n);
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (maximumSize(gradient) <= tolerance)
      return { x, value, gradient, iterations: iteration, termination: 'gradient' };
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum -= inverse[i * n + j]! * gradient[j]!;
      direction[i] = sum;
    }
    const slope = dot(direction, gradient);
    let reach = fresh ? 1 / Math.max(maximumSize(gradient), 1) : 1;
    let lower = 0;
    let upper = Infinity;
    let found = false;
    let trialValue = value;
    for (let step = 0; step < 60 && slope < 0; step++) {
      for (let i = 0; i < n; i++) trial[i] = x[i]! + reach * direction[i]!;
      trialValue = objective(trial, trialGradient);
      if (!(trialValue <= value + SUFFICIENT_DECREASE * reach * slope)) upper = reach;
      else if (dot(direction, trialGradient) < CURVATURE * slope) lower = reach;
      else {
        found = true;
        break;
      }
      reach = upper === Infinity ? 2 * lower : 0.5 * (lower + upper);
    }
    if (!found) {
      // A stale Hessian may point nowhere: steepest descent gets one try before giving up.
      if (fresh) return { x, value, gradient, iterations: iteration, termination: 'precision' };
      resetToIdentity(inverse, n);
      fresh = true;
      continue;
    }
    update(inverse, n, x, trial, gradient, trialGradient, fresh);
    fresh = false;
    value = trialValue;
    x.set(trial);
    gradient.set(trialGradient);
  }
  return { x, value, gradient, iterations: maxIterations, termination: 'iterations' };
}

/** The update of the inverse Hessian from the step s and the change of gradient y; s'y > 0 by the curvature condition. */
function update(
  inverse: Float64Array,
  n: number,
  from: Float64Array,
  to: Float64Array,
  gradientFrom: Float64Array,
  gradientTo: Float64Array,
  first: boolean,
): void {
  const s = to.map((value, i) => value - from[i]!);
  const y = gradientTo.map((value, i) => value - gradientFrom[i]!);
  const sy = dot(s, y);
  if (!(sy > 0)) return;
  if (first) for (let i = 0; i < n; i++) inverse[i * n + i] = sy / dot(y, y);
  const hy = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) hy[i]! += inverse[i * n + j]! * y[j]!;
  const scale = (1 + dot(y, hy) / sy) / sy;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) inverse[i * n + j]! += scale * s[i]! * s[j]! - (hy[i]! * s[j]! + s[i]! * hy[j]!) / sy;
  }
}

function resetToIdentity(matrix: Float64Array, n: number): void {
  matrix.fill(0);
  for (let i = 0; i < n; i++) matrix[i * n + i] = 1;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function maximumSize(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
