/**
 * Levenberg-Marquardt in a box for many variables of which each meets only its near neighbours: the Gauss-Newton matrix is banded, so
 * that a step costs n times the square of the band. Damping by the diagonal, steps accepted on the gain ratio and shortened where they
 * end outside the domain of the cost; a variable that would leave the box is held at its bound and the others are solved again.
 */

/** The lower band of a symmetric matrix and a gradient: `band[i (width + 1) + d]` is H(i, i - d), d from 0 to width. */
export interface BandedNormal {
  readonly gradient: Float64Array;
  readonly band: Float64Array;
}

/** Writes gradient and Gauss-Newton matrix at x and returns the cost; one that is not finite refuses x. */
export type BandedEquations = (x: Float64Array, normal: BandedNormal) => number;

export interface BandedSearch {
  cost: number;
  iterations: number;
  /** Whether the promised fall of the cost became small, and not the iterations or the steps. */
  converged: boolean;
}

const LARGEST_LAMBDA = 1e12;
/** Below this part of its diagonal a pivot is rounding. */
const LEAST_PIVOT = 1e-14;
/** Passes in which variables that leave the box are held and the rest is solved again. */
const HOLDING_PASSES = 6;
/** Halvings of a step that ends where there is no cost, before it is damped. */
const SHORTENINGS = 2;

export function bandedNormal(n: number, width: number): BandedNormal {
  return { gradient: new Float64Array(n), band: new Float64Array(n * (width + 1)) };
}

/** Minimises from x, which lies in the box and is moved to the minimum found. */
export function bandedSearch(
  width: number,
  evaluate: BandedEquations,
  x: Float64Array,
  low: Float64Array,
  high: Float64Array,
  options: { firstLambda: number; maxIterations: number; costTolerance: number },
): BandedSearch {
  const n = x.length;
  let here = bandedNormal(n, width);
  let there = bandedNormal(n, width);
  const trial = new Float64Array(n);
  const p = new Float64Array(n);
  const factor = new Float64Array(n * (width + 1));
  const held = new Int8Array(n);
  let cost = evaluate(x, here);
  let lambda = options.firstLambda;
  let iterations = 0;
  if (!Number.isFinite(cost)) return { cost, iterations, converged: false };
  while (iterations < options.maxIterations) {
    iterations++;
    boxStep(width, here, lambda, x, low, high, held, factor, p);
    let promised = promisedFall(width, here, p);
    if (promised >= 0) {
      const small = promised <= options.costTolerance * cost;
      if (promised === 0) return { cost, iterations, converged: true };
      for (let j = 0; j < n; j++) trial[j] = Math.min(high[j]!, Math.max(low[j]!, x[j]! + p[j]!));
      let trialCost = evaluate(trial, there);
      for (let cut = 0; cut < SHORTENINGS && trialCost === Infinity; cut++) {
        for (let j = 0; j < n; j++) {
          p[j]! *= 0.5;
          trial[j] = Math.min(high[j]!, Math.max(low[j]!, x[j]! + p[j]!));
        }
        promised = promisedFall(width, here, p);
        trialCost = evaluate(trial, there);
      }
      const gain = (cost - trialCost) / promised;
      if (gain > 1e-3) {
        x.set(trial);
        [here, there] = [there, here];
        cost = trialCost;
        if (gain > 0.75) lambda = lambda < 1e-8 ? 0 : 0.1 * lambda;
        else if (gain < 0.25) lambda = 4 * Math.max(lambda, 1e-6);
      }
      if (small) return { cost, iterations, converged: true };
      if (gain > 1e-3) continue;
    }
    lambda = 8 * Math.max(lambda, 1e-5);
    if (lambda > LARGEST_LAMBDA) break;
  }
  return { cost, iterations, converged: false };
}

/** Writes into p the damped step, with every variable that would leave the box at its bound. */
function boxStep(
  width: number,
  { gradient, band }: BandedNormal,
  lambda: number,
  x: Float64Array,
  low: Float64Array,
  high: Float64Array,
  held: Int8Array,
  factor: Float64Array,
  p: Float64Array,
): void {
  const n = x.length;
  for (let j = 0; j < n; j++) {
    p[j] = 0;
    held[j] = (x[j]! <= low[j]! && gradient[j]! >= 0) || (x[j]! >= high[j]! && gradient[j]! <= 0) ? 1 : 0;
  }
  for (let pass = 0; pass < HOLDING_PASSES; pass++) {
    solveFree(width, gradient, band, lambda, held, factor, p);
    let left = false;
    for (let j = 0; j < n; j++) {
      if (held[j] === 1) continue;
      const inside = Math.min(high[j]! - x[j]!, Math.max(low[j]! - x[j]!, p[j]!));
      if (inside === p[j]!) continue;
      p[j] = inside;
      held[j] = 1;
      left = true;
    }
    if (!left) return;
  }
}

/** Solves the free rows of (H + lambda diag H) p = -g by a banded Cholesky factor, the held variables where they are. */
function solveFree(
  width: number,
  gradient: Float64Array,
  band: Float64Array,
  lambda: number,
  held: Int8Array,
  factor: Float64Array,
  p: Float64Array,
): void {
  const n = gradient.length;
  const stride = width + 1;
  for (let i = 0; i < n; i++) {
    const row = i * stride;
    if (held[i] === 1) {
      factor.fill(0, row, row + stride);
      continue;
    }
    let right = -gradient[i]!;
    for (let d = Math.min(width, i); d > 0; d--) {
      const j = i - d;
      const h = band[row + d]!;
      if (held[j] === 1) {
        right -= h * p[j]!;
        factor[row + d] = 0;
        continue;
      }
      let sum = h;
      const other = j * stride;
      for (let e = d + 1; e <= Math.min(width, i); e++) sum -= factor[row + e]! * factor[other + e - d]!;
      factor[row + d] = sum * factor[other]!;
      right -= factor[row + d]! * p[j]!;
    }
    for (let d = 1; d <= width && i + d < n; d++) {
      if (held[i + d] === 1) right -= band[(i + d) * stride + d]! * p[i + d]!;
    }
    const diagonal = band[row]!;
    let pivot = diagonal * (1 + lambda);
    for (let d = 1; d <= Math.min(width, i); d++) pivot -= factor[row + d]! ** 2;
    // The diagonal holds its reciprocal; 0 where the variable cannot be told from those before it, which then does not move.
    factor[row] = pivot > LEAST_PIVOT * diagonal ? 1 / Math.sqrt(pivot) : 0;
    p[i] = right * factor[row];
  }
  for (let i = n - 1; i >= 0; i--) {
    if (held[i] === 1) continue;
    let sum = p[i]!;
    for (let d = 1; d <= width && i + d < n; d++) {
      if (held[i + d] === 0) sum -= factor[(i + d) * stride + d]! * p[i + d]!;
    }
    p[i] = sum * factor[i * stride]!;
  }
}

/** -(g'p + p'Hp / 2) */
function promisedFall(width: number, { gradient, band }: BandedNormal, p: Float64Array): number {
  const stride = width + 1;
  let fall = 0;
  for (let i = 0; i < p.length; i++) {
    let product = 0.5 * band[i * stride]! * p[i]!;
    for (let d = 1; d <= Math.min(width, i); d++) product += band[i * stride + d]! * p[i - d]!;
    fall -= p[i]! * (gradient[i]! + product);
  }
  return fall;
}
