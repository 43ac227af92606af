/**
 * Non-linear least squares: minimise half the sum of rho(r_i(x)) over a box, and under linear inequalities, by either engine, with the precision of the
 * answer. See trust-region.ts and ml.ts for the engines, loss.ts for rho, precision.ts for the covariance.
 */
import { requireNonNegative, requireOneOf, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { lossCurvature } from './loss.js';
import { mlLevenbergMarquardt } from './ml.js';
import { constraintRows, nullSpace, roomOf } from './inequality-step.js';
import { precisionOf, residualVariance, SINGULAR_CONDITION } from './precision.js';
import type { Precision } from './precision.js';
import type { LeastSquaresFit, LeastSquaresOptions, LeastSquaresProblem, Loss } from './problem.js';
import { trustRegion } from './trust-region.js';
import type { Minimum } from './trust-region.js';

/**
 * @param problem residuals already divided by their standard deviations; the Jacobian is row-major.
 * @param options `start` inside the box; tolerances are relative: cost 1e-14, step 1e-12, gradient (cosine between the residual
 *   vector and a column) 1e-12; at most 500 iterations, a rejected step counting as one.
 * @returns the minimum with covariance max(1, chi-square per degree of freedom) (J'J)^-1, in which parameters at a bound count
 *   as known, and so does what inequalities met with equality fix; or `not-finite-at-start`, `rank-deficient` (the residuals do not determine the free parameters) or
 *   `no-convergence` (out of iterations, or a Jacobian that is not finite).
 * @throws InputError for sizes, bounds, a start or options that make no sense.
 */
export function leastSquares(problem: LeastSquaresProblem, options: LeastSquaresOptions): LeastSquaresFit {
  check(problem, options);
  const loss = options.loss ?? 'l2';
  const tolerances = {
    costTolerance: options.costTolerance ?? 1e-14,
    stepTolerance: options.stepTolerance ?? 1e-12,
    gradientTolerance: options.gradientTolerance ?? 1e-12,
    maxIterations: options.maxIterations ?? 500,
  };
  const engine = options.engine === 'ml' ? mlLevenbergMarquardt : trustRegion;
  const found = engine(problem, options.start, loss, tolerances);
  if (!found.ok) return found;
  if (found.termination === 'iterations') {
    return {
      ok: false,
      reason: 'no-convergence',
      message: `no convergence in ${tolerances.maxIterations} iterations`,
      value: found.iterations,
      limit: tolerances.maxIterations,
    };
  }
  const active = atBounds(problem, found.x);
  weighByCurvature(problem, found, loss);
  const activeRows = problem.inequalities && (found.activeRows ?? []);
  const precision =
    activeRows === undefined || activeRows.length === 0
      ? freePrecision(problem, found, active)
      : precisionOnRows(problem, found, active, activeRows);
  if (!(precision.condition < SINGULAR_CONDITION)) {
    return {
      ok: false,
      reason: 'rank-deficient',
      message: 'the residuals do not determine every free parameter',
      value: precision.condition,
      limit: SINGULAR_CONDITION,
    };
  }
  return {
    ok: true,
    x: found.x,
    cost: found.cost,
    covariance: precision.covariance,
    condition: precision.condition,
    active,
    ...(activeRows === undefined ? {} : { activeRows }),
    iterations: found.iterations,
    termination: found.termination,
  };
}

function freePrecision(problem: LeastSquaresProblem, found: Minimum, active: number[]): Precision {
  const free = problem.parameters - active.length;
  const variance = residualVariance(2 * found.cost, problem.residuals - free);
  return precisionOf(found.jacobian, problem.residuals, problem.parameters, active, variance);
}

/** The same in the directions that the active inequalities leave. */
function precisionOnRows(
  problem: LeastSquaresProblem,
  found: Minimum,
  active: number[],
  activeRows: number[],
): Pick<Precision, 'covariance' | 'condition'> {
  const { parameters: n, residuals } = problem;
  const bounds = active.map((j) => Float64Array.from({ length: n }, (_, i) => (i === j ? 1 : 0)));
  const rows = activeRows.map((i) => Float64Array.from(problem.inequalities!.rows[i]!));
  const basis = nullSpace(n, [...bounds, ...rows]);
  const free = basis.length;
  const along = new Float64Array(residuals * free);
  for (let i = 0; i < residuals; i++) {
    basis.forEach((z, c) => {
      for (let j = 0; j < n; j++) along[i * free + c]! += found.jacobian[i * n + j]! * z[j]!;
    });
  }
  const variance = residualVariance(2 * found.cost, residuals - free);
  const { covariance, condition } = precisionOf(along, residuals, free, [], variance);
  const carried = Array.from({ length: n }, (_, a) =>
    Array.from({ length: n }, (_, b) => {
      let sum = 0;
      basis.forEach((z, s) => {
        basis.forEach((other, t) => (sum += z[a]! * other[b]! * covariance[s]![t]!));
      });
      return sum;
    }),
  );
  return { covariance: carried, condition };
}

function check(problem: LeastSquaresProblem, options: LeastSquaresOptions): void {
  const n = problem.parameters;
  if (!Number.isInteger(n) || n < 1) throw new InputError('parameters', n, 'a whole number, 1 or more');
  if (!Number.isInteger(problem.residuals) || problem.residuals < 1) {
    throw new InputError('residuals', problem.residuals, 'a whole number, 1 or more');
  }
  if (options.start.length !== n) throw new InputError('start', options.start, `an array of ${n} numbers`);
  requireOneOf('engine', options.engine ?? 'trust-region', ['trust-region', 'ml']);
  requireOneOf('loss', options.loss ?? 'l2', ['l2', 'huber', 'cauchy', 'spread-deadzone']);
  for (const field of ['costTolerance', 'stepTolerance', 'gradientTolerance'] as const) {
    if (options[field] !== undefined) requireNonNegative(field, options[field]);
  }
  if (options.maxIterations !== undefined) requirePositive('maxIterations', options.maxIterations);
  for (const field of ['lower', 'upper'] as const) {
    const given = problem[field];
    if (given !== undefined && given.length !== n) throw new InputError(field, given, `an array of ${n} numbers`);
  }
  if (problem.deadzone !== undefined && problem.deadzone.length !== problem.residuals) {
    throw new InputError('deadzone', problem.deadzone, `an array of ${problem.residuals} numbers`);
  }
  for (let j = 0; j < n; j++) {
    const low = problem.lower?.[j] ?? -Infinity;
    const high = problem.upper?.[j] ?? Infinity;
    if (!(low < high)) throw new InputError(`lower[${j}]`, low, `below the upper bound ${high}`);
    const value = options.start[j]!;
    if (!Number.isFinite(value) || value < low || value > high) {
      throw new InputError(`start[${j}]`, value, `a finite number from ${low} to ${high}`);
    }
  }
  checkInequalities(problem, options);
}

function checkInequalities({ inequalities, parameters: n }: LeastSquaresProblem, options: LeastSquaresOptions): void {
  if (inequalities === undefined) return;
  if (options.engine === 'ml') {
    throw new InputError('inequalities', inequalities, "absent with the engine 'ml', which knows bounds only");
  }
  const { rows, upper } = inequalities;
  if (rows.length !== upper.length) {
    throw new InputError('inequalities.upper', upper, `an array of ${rows.length} numbers, one for each row`);
  }
  const start = Float64Array.from(options.start);
  rows.forEach((row, i) => {
    const field = `inequalities.rows[${i}]`;
    if (row.length !== n || !row.every(Number.isFinite) || row.every((value) => value === 0)) {
      throw new InputError(field, row, `${n} finite numbers, not all 0`);
    }
    if (!Number.isFinite(upper[i]!)) throw new InputError(`inequalities.upper[${i}]`, upper[i], 'a finite number');
    if (roomOf(constraintRows(n, { rows: [row], upper: [upper[i]!] }, [], []), 0, start) < 0) {
      throw new InputError('start', options.start, `a point that satisfies ${field}`);
    }
  });
}

/** Indices of the parameters at a bound. */
function atBounds(problem: LeastSquaresProblem, x: Float64Array): number[] {
  const active: number[] = [];
  x.forEach((value, j) => {
    if (value === problem.lower?.[j] || value === problem.upper?.[j]) active.push(j);
  });
  return active;
}

/** Rows of the Jacobian times the root of the loss's curvature: J'J becomes the normal matrix of the robust fit. */
function weighByCurvature(problem: LeastSquaresProblem, found: Minimum, loss: Loss): void {
  if (loss === 'l2') return;
  const n = problem.parameters;
  for (let i = 0; i < problem.residuals; i++) {
    const root = Math.sqrt(lossCurvature(loss, found.residuals[i]!, problem.deadzone?.[i]));
    for (let j = 0; j < n; j++) found.jacobian[i * n + j]! *= root;
  }
}
