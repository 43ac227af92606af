/**
 * Levenberg-Marquardt for an SVI slice inside the region of valid smiles, from one starting point.
 *
 * While the least variance v = a + sigma sqrt(R L) is above its floor the variables are (a, R, L, m, s) in a box. On the floor
 * a follows from the others and the smile is a square,
 *
 *   w = v + (r sqrt(z + u) - l sqrt(z - u))^2 / 2,    R = r^2,  L = l^2,
 *
 * smooth in (r, l, m, s), again in a box. The floor is left when the gradient in a asks for more variance. The floor is
 * positive and the slopes stay above zero by amounts that no quote can see, so that the parameters are in SVI's open domain.
 */
import { exp } from '../../math/exponential.js';
import { normalStep, packedIndex } from '../../math/least-squares/normal-step.js';
import type { Termination } from '../../math/least-squares/problem.js';
import type { FitQuotes } from './quotes.js';
import { raiseToFloor } from './svi-box.js';
import type { SviBox } from './svi-box.js';
import { evaluateSvi } from './svi-objective.js';
import type { SviNormal } from './svi-objective.js';
import { completeSlopes } from './svi-projection.js';

export interface SviSearch {
  /** (a, R, L, m, s) */
  x: Float64Array;
  cost: number;
  onFloor: boolean;
  iterations: number;
  termination: Termination;
}

/** Part of the cost below which a promised fall is not worth another step; looser with every iteration after the first few. */
const COST_TOLERANCE = 1e-9;
const LOOSEST = 1e-7;
const QUICK = 8;
const MOST_ITERATIONS = 300;
const LARGEST_LAMBDA = 1e12;
/** Part of the cost that a step promises below which the curvature seen along it is taken to be that of the minimum. */
const NEAR = 0.02;
/** Damping below which the last steps went as promised, and one that promises next to nothing is taken unseen. */
const TRUSTED = 0.01;
const LINEAR_TRUST = 1e8;
const LEAST_PIVOT = 1e-14;

const floorGradient = new Float64Array(4);
const floorMatrix = new Float64Array(10);
const order = new Int32Array(5);
const factor = new Float64Array(18);
const reducedMatrix = new Float64Array(3);
const reducedGradient = new Float64Array(2);
const extra = new Float64Array(3);
const lastPoint = new Float64Array(2);
const lastGradient = new Float64Array(2);
let known = false;
const stepLow = new Float64Array(2);
const stepHigh = new Float64Array(2);
const step = new Float64Array(2);
const trial = new Float64Array(5);
const slopeStep = new Float64Array(3);
const boxMatrix = new Float64Array(15);
const boxLow = new Float64Array(5);
const boxHigh = new Float64Array(5);
const boxMove = new Float64Array(5);
const chain = new Float64Array(20);

/** Two sets of normal equations, for the point and for its trial. */
export interface SviWorkspace {
  here: SviNormal;
  there: SviNormal;
}

/** Searches from x, which is moved to the minimum found; `work.here` then holds the normal equations of the last step. */
export function sviSearch(
  quotes: FitQuotes,
  box: SviBox,
  x: Float64Array,
  firstLambda: number,
  work: SviWorkspace,
): SviSearch {
  let onFloor = raiseToFloor(box, x);
  let cost = evaluateSvi(quotes, x, work.here);
  let lambda = firstLambda;
  let iterations = 0;
  let growth = 8;
  let tolerance = COST_TOLERANCE;
  forgetCurvature();
  let termination: Termination = 'iterations';
  while (iterations < MOST_ITERATIONS) {
    iterations++;
    const promised = onFloor ? floorStep(box, x, work.here, lambda) : freeStep(box, x, work.here, lambda);
    completeSlopes(quotes, work.here, box, trial);
    if (lambda > LINEAR_TRUST) retreat(x, LINEAR_TRUST / lambda);
    const touches = raiseToFloor(box, trial);
    const small = promised <= tolerance * cost;
    if (quotes.plain && iterations > QUICK && tolerance < LOOSEST) tolerance *= 10;
    if (small && touches === onFloor && lambda < TRUSTED) {
      x.set(trial);
      termination = 'cost';
      break;
    }
    const trialCost = evaluateSvi(quotes, trial, work.there);
    const gain = (cost - trialCost) / promised;
    if (gain > 1e-3) {
      x.set(trial);
      const { here } = work;
      work.here = work.there;
      work.there = here;
      cost = trialCost;
      if (touches !== onFloor || promised > NEAR * cost) forgetCurvature();
      onFloor = touches;
      growth = 8;
      if (gain > 0.75) lambda = lambda < 1e-3 ? 0 : 0.1 * lambda;
      else if (gain < 0.25) lambda = 4 * Math.max(lambda, 0.01);
      if (small || cost <= box.leastCost) {
        termination = 'cost';
        break;
      }
    } else {
      if (small) {
        termination = 'cost';
        break;
      }
      lambda = growth * Math.max(lambda, 0.01);
      growth *= 2;
      forgetCurvature();
      if (lambda > LARGEST_LAMBDA) {
        termination = 'step';
        break;
      }
    }
  }
  return { x, cost, onFloor, iterations, termination };
}

/** Under heavy damping the slopes, too, go only part of their way: their problem is linear only near x. */
function retreat(x: Float64Array, fraction: number): void {
  for (let j = 0; j < 3; j++) trial[j] = x[j]! + fraction * (trial[j]! - x[j]!);
}

/**
 * The outer step from a point above the floor: (a, R, L) are eliminated, but those held by a bound. Where the slopes that go with
 * it would cross a bound, the step of all five variables inside the box.
 */
function freeStep(box: SviBox, x: Float64Array, normal: SviNormal, lambda: number): number {
  const { gradient, matrix } = normal;
  order[0] = 0;
  let linear = 1;
  for (let j = 1; j < 3; j++) {
    const slope = gradient[j]!;
    const outward = (x[j]! <= box.low[j]! && slope >= 0) || (x[j]! >= box.high[j]! && slope <= 0);
    if (!outward) order[linear++] = j;
  }
  order[linear] = 3;
  order[linear + 1] = 4;
  const promised = reducedStep(box, x, linear, matrix, gradient, lambda);
  for (let c = linear - 1; c > 0; c--) {
    const j = order[c]!;
    const to = x[j]! + linearStep(linear, c);
    if (to < box.low[j]! || to > box.high[j]!) return boxStep(box, x, matrix, gradient, lambda);
  }
  return promised;
}

/** Step c of the eliminated variables, from the last to the first: L' p = -(L^-1 g + F step). */
function linearStep(linear: number, c: number): number {
  const m = linear * 3;
  let sum = -factor[m + 6 + c]! - factor[m + c]! * step[0]! - factor[m + 3 + c]! * step[1]!;
  for (let e = c + 1; e < linear; e++) sum -= factor[e * 3 + c]! * slopeStep[e]!;
  return (slopeStep[c] = sum * factor[c * 3 + c]!);
}

/** The same step with all bounds minded at once. */
function boxStep(box: SviBox, x: Float64Array, matrix: Float64Array, gradient: Float64Array, lambda: number): number {
  const dampingM = lambda * reducedMatrix[0]!;
  const dampingS = lambda * reducedMatrix[2]!;
  boxMatrix.set(matrix);
  boxMatrix[9]! += dampingM;
  boxMatrix[14]! += dampingS;
  for (let j = 0; j < 5; j++) {
    boxLow[j] = box.low[j]! - x[j]!;
    boxHigh[j] = box.high[j]! - x[j]!;
  }
  const fall = normalStep(5, boxMatrix, gradient, 0, boxLow, boxHigh, boxMove);
  const dm = boxMove[3]!;
  const ds = boxMove[4]!;
  trial[3] = x[3]! + dm;
  trial[4] = x[4]! + ds;
  forgetCurvature();
  return fall + 0.5 * (dampingM * dm * dm + dampingS * ds * ds);
}

/** Whether the step of variable j alone would cross its bound. */
function isHeld(value: number, low: number, high: number, slope: number, curvature: number): boolean {
  return slope > 0 ? slope >= (value - low) * curvature : -slope >= (high - value) * curvature;
}

/** The outer step on the floor, from the normal equations carried over to (r, l, m, s) by the chain rule. */
function floorStep(box: SviBox, x: Float64Array, normal: SviNormal, lambda: number): number {
  const { gradient, matrix } = normal;
  const r = Math.sqrt(x[1]!);
  const l = Math.sqrt(x[2]!);
  const sigma = exp(x[4]!);
  // Rows: d(a, R, L, m, s) / d(r, l, m, s).
  chain.fill(0);
  chain[0] = -sigma * l;
  chain[1] = -sigma * r;
  chain[3] = -sigma * r * l;
  chain[4] = 2 * r;
  chain[9] = 2 * l;
  chain[14] = 1;
  chain[19] = 1;
  for (let i = 0; i < 4; i++) {
    let slope = 0;
    for (let a = 0; a < 5; a++) slope += chain[4 * a + i]! * gradient[a]!;
    floorGradient[i] = slope;
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let a = 0; a < 5; a++) {
        const left = chain[4 * a + i]!;
        if (left === 0) continue;
        for (let b = 0; b < 5; b++) sum += left * chain[4 * b + j]! * matrix[packedIndex(a, b)]!;
      }
      floorMatrix[packedIndex(i, j)] = sum;
    }
  }
  let linear = 0;
  for (let j = 0; j < 2; j++) {
    const low = Math.sqrt(box.low[j + 1]!);
    const high = Math.sqrt(box.high[j + 1]!);
    const curvature = floorMatrix[packedIndex(j, j)]!;
    if (!isHeld(j === 0 ? r : l, low, high, floorGradient[j]!, curvature)) order[linear++] = j;
  }
  order[linear] = 2;
  order[linear + 1] = 3;
  return reducedStep(box, x, linear, floorMatrix, floorGradient, lambda);
}

/**
 * What Gauss-Newton leaves out of the 2 x 2 outer Hessian, learnt from the change of the gradient over the last accepted step
 * (symmetric rank one, as in NL2SOL: Dennis, Gay & Welsch 1981), and added to the matrix where the sum is positive definite.
 */
function learnCurvature(x: Float64Array): void {
  if (known) {
    const dm = x[3]! - lastPoint[0]!;
    const ds = x[4]! - lastPoint[1]!;
    if (dm !== 0 || ds !== 0) {
      const zm =
        reducedGradient[0]! -
        lastGradient[0]! -
        (reducedMatrix[0]! + extra[0]!) * dm -
        (reducedMatrix[1]! + extra[1]!) * ds;
      const zs =
        reducedGradient[1]! -
        lastGradient[1]! -
        (reducedMatrix[1]! + extra[1]!) * dm -
        (reducedMatrix[2]! + extra[2]!) * ds;
      const along = zm * dm + zs * ds;
      const scale = Math.sqrt(zm * zm * (dm * dm + (ds * ds * reducedMatrix[2]!) / reducedMatrix[0]!));
      if (Math.abs(along) > 1e-2 * scale) {
        extra[0]! += (zm * zm) / along;
        extra[1]! += (zm * zs) / along;
        extra[2]! += (zs * zs) / along;
      }
    }
  }
  known = true;
  lastPoint[0] = x[3]!;
  lastPoint[1] = x[4]!;
  lastGradient[0] = reducedGradient[0]!;
  lastGradient[1] = reducedGradient[1]!;
  const h0 = reducedMatrix[0]! + extra[0]!;
  const h1 = reducedMatrix[1]! + extra[1]!;
  const h2 = reducedMatrix[2]! + extra[2]!;
  if (
    h0 > 0.2 * reducedMatrix[0]! &&
    h2 > 0.2 * reducedMatrix[2]! &&
    h0 * h2 - h1 * h1 > 0.1 * (reducedMatrix[0]! * reducedMatrix[2]! - reducedMatrix[1]! ** 2)
  ) {
    reducedMatrix[0] = h0;
    reducedMatrix[1] = h1;
    reducedMatrix[2] = h2;
  } else extra.fill(0);
}

function forgetCurvature(): void {
  known = false;
  extra.fill(0);
}

/**
 * Eliminates the first `linear` variables of `order` from the normal equations and steps in the other two, m and s, with
 * lambda times the diagonal of what is left (Kaufman 1975). Writes the trial m and s; returns the promised fall of the cost.
 */
function reducedStep(
  box: SviBox,
  x: Float64Array,
  linear: number,
  matrix: Float64Array,
  gradient: Float64Array,
  lambda: number,
): number {
  // Rows of the Cholesky factor for the linear variables, then for m and s, then for the gradient.
  let promised = 0;
  for (let c = 0; c < linear + 3; c++) {
    const row = c < linear + 2 ? order[c]! : -1;
    for (let d = 0; d < linear; d++) {
      if (d > c) break;
      let sum = row < 0 ? gradient[order[d]!]! : matrix[packedIndex(row, order[d]!)]!;
      const diagonal = sum;
      for (let e = 0; e < d; e++) sum -= factor[c * 3 + e]! * factor[d * 3 + e]!;
      // The diagonal holds its reciprocal; 0 where a variable cannot be told from those before it.
      if (d === c) factor[c * 3 + d] = sum > LEAST_PIVOT * diagonal ? 1 / Math.sqrt(sum) : 0;
      else factor[c * 3 + d] = sum * factor[d * 3 + d]!;
    }
  }
  const m = linear * 3;
  const s = m + 3;
  const g = s + 3;
  reducedMatrix[0] = matrix[packedIndex(order[linear]!, order[linear]!)]!;
  reducedMatrix[1] = matrix[packedIndex(order[linear + 1]!, order[linear]!)]!;
  reducedMatrix[2] = matrix[packedIndex(order[linear + 1]!, order[linear + 1]!)]!;
  reducedGradient[0] = gradient[order[linear]!]!;
  reducedGradient[1] = gradient[order[linear + 1]!]!;
  for (let e = 0; e < linear; e++) {
    const fm = factor[m + e]!;
    const fs = factor[s + e]!;
    const fg = factor[g + e]!;
    reducedMatrix[0] -= fm * fm;
    reducedMatrix[1] -= fm * fs;
    reducedMatrix[2] -= fs * fs;
    reducedGradient[0] -= fm * fg;
    reducedGradient[1] -= fs * fg;
    promised += (fg * fg) / 2;
  }
  for (let j = 0; j < 2; j++) {
    stepLow[j] = box.low[3 + j]! - x[3 + j]!;
    stepHigh[j] = box.high[3 + j]! - x[3 + j]!;
  }
  learnCurvature(x);
  promised += outerStep(lambda);
  trial[3] = Math.min(box.high[3]!, Math.max(box.low[3]!, x[3]! + step[0]!));
  trial[4] = Math.min(box.high[4]!, Math.max(box.low[4]!, x[4]! + step[1]!));
  return promised;
}

/** The damped step in (m, s): two equations where it stays inside the box, the active-set method where it does not. */
function outerStep(lambda: number): number {
  const h0 = reducedMatrix[0]!;
  const h1 = reducedMatrix[1]!;
  const h2 = reducedMatrix[2]!;
  const g0 = reducedGradient[0]!;
  const g1 = reducedGradient[1]!;
  const d0 = h0 * (1 + lambda);
  const d2 = h2 * (1 + lambda);
  const determinant = d0 * d2 - h1 * h1;
  if (determinant > 1e-10 * d0 * d2) {
    const p0 = (h1 * g1 - d2 * g0) / determinant;
    const p1 = (h1 * g0 - d0 * g1) / determinant;
    if (p0 >= stepLow[0]! && p0 <= stepHigh[0]! && p1 >= stepLow[1]! && p1 <= stepHigh[1]!) {
      step[0] = p0;
      step[1] = p1;
      return -(g0 * p0 + g1 * p1) - 0.5 * (h0 * p0 * p0 + h2 * p1 * p1) - h1 * p0 * p1;
    }
  }
  return normalStep(2, reducedMatrix, reducedGradient, lambda, stepLow, stepHigh, step);
}
