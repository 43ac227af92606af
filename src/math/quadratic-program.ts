/**
 * Convex quadratic programs, one interface over the dual active-set method of the package quadprog.
 *
 *   minimise x'Hx/2 + c'x   subject to   rowLower <= A x <= rowUpper,   lower <= x <= upper,   H positive semidefinite
 *
 * The method needs H definite, so what is solved is a short sequence of proximal programs, x'Hx/2 + c'x + delta |x - x_k|^2/2 in
 * scaled variables, whose fixed point is the optimum of the program itself. The answer does not rest on the solver: x is believed only
 * if it meets the bounds, and with its multipliers the conditions of Karush, Kuhn and Tucker, of which the largest residual is
 * returned. That there is no answer is proved by linear programs. Goldfarb and Idnani, "A numerically stable dual method for solving
 * strictly convex quadratic programs" (1983); Rockafellar (1976).
 */
import { solveQP } from 'quadprog';
import { requireArray, requireFinite } from '../check.js';
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';
import { linearProgram } from './linear-program.js';
import type { LinearProgram, LinearRow } from './linear-program.js';
import type { Matrix } from './matrix.js';

export interface QuadraticProgram extends Omit<LinearProgram, 'objective'> {
  /** H, symmetric. */
  quadratic: Matrix;
  /** c, one entry a variable. */
  linear: ArrayLike<number>;
}

export type QuadraticProgramResult =
  | {
      ok: true;
      x: number[];
      /** x'Hx/2 + c'x */
      objective: number;
      /** By row, the objective's change per unit of the row's bound: at least 0 at a lower bound, at most 0 at an upper one. */
      duals: number[];
      /** Hx + c - A'y by variable: at least 0 at its lower bound, at most 0 at its upper one. */
      reducedCosts: number[];
      /** The largest violation of a bound, a multiplier's sign, stationarity or complementarity, on numbers of size 1. */
      residual: number;
    }
  | Failure<'infeasible' | 'unbounded' | 'no-convergence'>;

/**
 * Weights of the proximal term, on variables in which the diagonal of H is near 1: small ones take few steps, large ones keep their
 * digits where H is flat and the bounds are far.
 */
const PROXIMAL = [1e-6, 1e-3, 1e-1] as const;
const PROXIMAL_STEPS = 40;
/** What a residual must come below to be believed, and below which it is not worth another step. */
const TOLERANCE = 1e-9;
const GOOD = 1e-13;
/** By how much all bounds are widened, where rounding alone made them contradict each other. */
const WIDENINGS = [0, 1e-13, 1e-11] as const;

interface Constraint {
  /** By variable. */
  coefficients: Float64Array;
  bound: number;
  /** Row of the program, or -1 - j for a bound of variable j. */
  source: number;
  sign: 1 | -1;
}

interface Written {
  n: number;
  h: Matrix;
  c: number[];
  rows: { coefficients: Float64Array; lower: number; upper: number }[];
  lower: number[];
  upper: number[];
  /** x_j = scale_j u_j. */
  scale: Float64Array;
}

/**
 * Throws InputError where shapes differ, numbers are not finite, or H is not symmetric and positive semidefinite. Dense inside: of use
 * up to some hundred variables and rows.
 */
export function quadraticProgram(program: QuadraticProgram): QuadraticProgramResult {
  const p = written(program);
  const first = solve(p, WIDENINGS[0], PROXIMAL[0]);
  if (first !== undefined) return first;
  const point = linearProgram({ ...program, objective: p.c.map(() => 0) });
  if (!point.ok && point.reason === 'infeasible') return failure('infeasible');
  if (isUnbounded(p)) return failure('unbounded');
  for (const widening of WIDENINGS) {
    for (const weight of PROXIMAL) {
      const found = solve(p, widening, weight);
      if (found !== undefined) return found;
    }
  }
  return failure('no-convergence');
}

const MESSAGES = {
  infeasible: 'no point meets all bounds',
  unbounded: 'the objective can be lowered without limit',
  'no-convergence': 'no answer of the solver met the conditions of an optimum',
} as const;

function failure(reason: keyof typeof MESSAGES): QuadraticProgramResult {
  return { ok: false, reason, message: MESSAGES[reason] };
}

function written({ quadratic, linear, rows, lower, upper }: QuadraticProgram): Written {
  const n = linear.length;
  requireArray('quadratic', quadratic);
  requireArray('rows', rows);
  if (quadratic.length !== n) throw new InputError('quadratic.length', quadratic.length, `that of linear, ${n}`);
  const h = quadratic.map((row, j) => {
    if (row.length !== n) throw new InputError(`quadratic[${j}].length`, row.length, `${n}`);
    return row.map((value, k) => {
      const other = quadratic[k]![j]!;
      requireFinite(`quadratic[${j}][${k}]`, value);
      if (Math.abs(value - other) > 1e-9 * (Math.abs(value) + Math.abs(other))) {
        throw new InputError(`quadratic[${j}][${k}]`, value, 'the same on both sides of the diagonal');
      }
      return 0.5 * (value + other);
    });
  });
  requireSemidefinite('quadratic', h);
  const bounds = (field: string, values: ArrayLike<number> | undefined, usual: number): number[] => {
    if (values !== undefined && values.length !== n) throw new InputError(`${field}.length`, values.length, `${n}`);
    return Array.from({ length: n }, (_, j) => requireNumber(`${field}[${j}]`, values ? values[j]! : usual));
  };
  return {
    n,
    h,
    c: Array.from(linear, (value, j) => requireFinite(`linear[${j}]`, value)),
    rows: rows.map((row, i) => denseRow(row, i, n)),
    lower: bounds('lower', lower, 0),
    upper: bounds('upper', upper, Infinity),
    scale: Float64Array.from(h, (row, j) => (row[j]! > 0 ? nearPowerOfTwo(1 / Math.sqrt(row[j]!)) : 1)),
  };
}

function requireNumber(field: string, value: number): number {
  if (typeof value !== 'number' || Number.isNaN(value)) throw new InputError(field, value, 'a number');
  return value;
}

function denseRow(row: LinearRow, i: number, n: number): Written['rows'][number] {
  const coefficients = new Float64Array(n);
  if (row.columns.length !== row.values.length) {
    throw new InputError(`rows[${i}].values.length`, row.values.length, `the number of columns, ${row.columns.length}`);
  }
  for (let e = 0; e < row.columns.length; e++) {
    const column = row.columns[e]!;
    if (!(Number.isInteger(column) && column >= 0 && column < n)) {
      throw new InputError(`rows[${i}].columns[${e}]`, column, `an integer from 0 to ${n - 1}`);
    }
    coefficients[column]! += requireFinite(`rows[${i}].values[${e}]`, row.values[e]);
  }
  return {
    coefficients,
    lower: requireNumber(`rows[${i}].lower`, row.lower ?? -Infinity),
    upper: requireNumber(`rows[${i}].upper`, row.upper ?? Infinity),
  };
}

/**
 * Throws InputError unless a symmetric matrix is positive semidefinite, by symmetric elimination with the largest pivot first: what is
 * left may be rounding, but no pivot may be truly negative.
 */
export function requireSemidefinite(field: string, h: Matrix): void {
  const a = h.map((row) => [...row]);
  const left = new Set(h.keys());
  const size = h.map((row, j) => Math.abs(row[j]!));
  while (left.size > 0) {
    let pivot = -1;
    let best = -Infinity;
    for (const j of left) {
      const relative = size[j]! > 0 ? a[j]![j]! / size[j]! : a[j]![j]!;
      if (relative > best) [best, pivot] = [relative, j];
    }
    const negative = [...left].find((j) => a[j]![j]! < -1e-10 * size[j]!);
    const skewed =
      best <= 1e-13 &&
      [...left].some((j) => [...left].some((k) => Math.abs(a[j]![k]!) > 1e-6 * Math.sqrt(size[j]! * size[k]!)));
    if (negative !== undefined || skewed) throw new InputError(field, h, 'positive semidefinite');
    if (best <= 1e-13) return;
    left.delete(pivot);
    const row = a[pivot]!;
    for (const j of left) {
      const factor = row[j]! / row[pivot]!;
      for (const k of left) a[j]![k]! -= factor * row[k]!;
    }
  }
}

/** A power of two within a factor of two of x, so that scaling rounds nothing. */
function nearPowerOfTwo(x: number): number {
  let power = 1;
  while (power < x && power < 2 ** 500) power *= 2;
  while (power > x && power > 2 ** -500) power *= 0.5;
  return power;
}

/** Proximal programs until the conditions hold; undefined where they do not come to. */
function solve(p: Written, widening: number, weight: number): QuadraticProgramResult | undefined {
  const { equalities, inequalities } = constraintsOf(p, widening);
  const all = [...equalities, ...inequalities];
  if (all.some(({ bound }) => bound === Infinity)) return undefined;
  let centre = new Float64Array(p.n);
  let best: (QuadraticProgramResult & { ok: true }) | undefined;
  for (let k = 0; k < PROXIMAL_STEPS; k++) {
    const solved = proximal(p, all, equalities.length, centre, weight);
    if (solved === undefined) break;
    const next = conditions(p, solved.x, solved.y);
    if (best !== undefined && !(next.residual < best.residual) && best.residual < TOLERANCE) break;
    const chosen = best === undefined || next.residual < best.residual ? next : best;
    best = chosen;
    if (chosen.residual < GOOD) break;
    centre = solved.u;
  }
  return best !== undefined && best.residual < TOLERANCE ? best : undefined;
}

/** Every finite bound as a'u >= b in scaled variables, rows of norm 1; equal bounds as one equality unless they are widened. */
function constraintsOf(p: Written, widening: number): { equalities: Constraint[]; inequalities: Constraint[] } {
  const equalities: Constraint[] = [];
  const inequalities: Constraint[] = [];
  const add = (coefficients: Float64Array, lower: number, upper: number, source: number): void => {
    const scaled = coefficients.map((value, j) => value * p.scale[j]!);
    const norm = Math.sqrt(scaled.reduce((sum, value) => sum + value * value, 0));
    const unit = norm > 0 ? nearPowerOfTwo(1 / norm) : 1;
    const row = scaled.map((value) => value * unit);
    const room = (bound: number): number => widening * (1 + Math.abs(bound * unit));
    if (lower === upper && widening === 0) {
      equalities.push({ coefficients: row, bound: lower * unit, source, sign: 1 });
      return;
    }
    if (lower > -Infinity) inequalities.push({ coefficients: row, bound: lower * unit - room(lower), source, sign: 1 });
    if (upper < Infinity) {
      const negated = row.map((value) => -value);
      inequalities.push({ coefficients: negated, bound: -upper * unit - room(upper), source, sign: -1 });
    }
  };
  p.rows.forEach((row, i) => {
    add(row.coefficients, row.lower, row.upper, i);
  });
  for (let j = 0; j < p.n; j++) {
    if (p.lower[j] === -Infinity && p.upper[j] === Infinity) continue;
    const unit = new Float64Array(p.n);
    unit[j] = 1;
    add(unit, p.lower[j]!, p.upper[j]!, -1 - j);
  }
  return { equalities, inequalities };
}

/** One call of the solver around a centre: the point, scaled and not, and the multipliers of the rows. */
function proximal(
  p: Written,
  constraints: readonly Constraint[],
  equalities: number,
  centre: Float64Array,
  weight: number,
): { u: Float64Array<ArrayBuffer>; x: number[]; y: number[] } | undefined {
  const { n, h, c, scale } = p;
  const matrix: number[][] = [[]];
  const vector = [0];
  const columns: number[][] = [[]];
  for (let j = 0; j < n; j++) {
    const row = [0];
    for (let k = 0; k < n; k++) row.push(h[j]![k]! * scale[j]! * scale[k]! + (j === k ? weight : 0));
    matrix.push(row);
    vector.push(weight * centre[j]! - c[j]! * scale[j]!);
    columns.push([0, ...constraints.map(({ coefficients }) => coefficients[j]!)]);
  }
  const bounds = [0, ...constraints.map(({ bound }) => bound)];
  // The solver wants at least one constraint: 0 >= 0 - 1 is always met.
  if (constraints.length === 0) {
    for (let j = 1; j <= n; j++) columns[j]!.push(0);
    bounds.push(-1);
  }
  limitReads(bounds, 1000 + 20 * (n + constraints.length));
  let solution: number[];
  let multipliers: number[];
  try {
    const solved = solveQP(matrix, vector, columns, bounds, equalities);
    if (solved.message !== '') return undefined;
    [solution, multipliers] = [solved.solution, solved.Lagrangian];
  } catch (error) {
    if (error === ENDLESS) return undefined;
    throw error;
  }
  const u = Float64Array.from({ length: n }, (_, j) => solution[j + 1]!);
  if (!u.every(Number.isFinite)) return undefined;
  const y = p.rows.map(() => 0);
  constraints.forEach(({ coefficients, source, sign }, i) => {
    if (source < 0) return;
    // The solver turns an equality around where that suits it, and its multiplier with it.
    const at = coefficients.findIndex((value) => value !== 0);
    const turned = at >= 0 && columns[at + 1]![i + 1]! === -coefficients[at]! ? -1 : 1;
    const row = p.rows[source]!.coefficients;
    const unit = at < 0 ? 0 : Math.abs(coefficients[at]! / (row[at]! * scale[at]!));
    y[source]! += sign * turned * unit * multipliers[i + 1]!;
  });
  return { u, x: Array.from(u, (value, j) => value * scale[j]!), y };
}

const ENDLESS = new Error('the solver did not come to an end');

/** The solver has no limit of its own to its iterations, each of which reads the last bound once. */
function limitReads(bounds: number[], limit: number): void {
  const last = bounds.length - 1;
  let value = bounds[last]!;
  let reads = 0;
  Object.defineProperty(bounds, last, {
    get: () => {
      if (++reads > limit) throw ENDLESS;
      return value;
    },
    set: (changed: number) => {
      value = changed;
    },
  });
}

/** The point with its multipliers and by how much they miss the conditions of an optimum. */
function conditions(p: Written, point: readonly number[], y: readonly number[]): QuadraticProgramResult & { ok: true } {
  const { n, h, c, rows, lower, upper } = p;
  // A bound missed by rounding is met exactly.
  const x = point.map((value, j) => {
    const clipped = Math.min(Math.max(value, lower[j]!), upper[j]!);
    return Math.abs(clipped - value) < 1e-9 * p.scale[j]! ? clipped : value;
  });
  let residual = 0;
  const miss = (violation: number, size: number): void => {
    residual = Math.max(residual, violation / (1 + size));
  };
  const gradient = new Float64Array(n);
  const gradientSize = new Float64Array(n);
  let objective = 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let k = 0; k < n; k++) {
      sum += h[j]![k]! * x[k]!;
      gradientSize[j]! += Math.abs(h[j]![k]! * x[k]!);
    }
    objective += x[j]! * (0.5 * sum + c[j]!);
    gradient[j] = sum + c[j]!;
    gradientSize[j]! += Math.abs(c[j]!);
  }
  rows.forEach((row, i) => {
    let value = 0;
    let size = 0;
    for (let j = 0; j < n; j++) {
      value += row.coefficients[j]! * x[j]!;
      size += Math.abs(row.coefficients[j]! * x[j]!);
      gradient[j]! -= row.coefficients[j]! * y[i]!;
      gradientSize[j]! += Math.abs(row.coefficients[j]! * y[i]!);
    }
    miss(Math.max(row.lower - value, value - row.upper), size);
    // A multiplier above 0 holds its lower bound and none above it.
    const bound = y[i]! > 0 ? row.lower : row.upper;
    miss(Math.abs(y[i]!) * Math.min(Math.abs(value - bound), 1), Math.abs(y[i]!) * Math.max(size, 1));
  });
  for (let j = 0; j < n; j++) {
    miss(Math.max(lower[j]! - x[j]!, x[j]! - upper[j]!), Math.abs(x[j]!));
    const bound = gradient[j]! > 0 ? lower[j]! : upper[j]!;
    const distance = Math.min(Math.abs(x[j]! - bound) / p.scale[j]!, 1);
    // In the variables of the solver, and relative to the terms the gradient is a sum of.
    miss(Math.abs(gradient[j]!) * distance * p.scale[j]!, gradientSize[j]! * p.scale[j]!);
  }
  return { ok: true, x, objective, duals: [...y], reducedCosts: Array.from(gradient), residual };
}

/** Whether there is a direction in which every bound lets one go for ever, H does not curve and the objective falls. */
function isUnbounded(p: Written): boolean {
  const cone = (lower: number, upper: number): { lower: number; upper: number } => ({
    lower: lower > -Infinity ? 0 : -Infinity,
    upper: upper < Infinity ? 0 : Infinity,
  });
  const columns = p.c.map((_, j) => j);
  const flat: LinearRow[] = p.h.map((row) => ({ columns, values: row, lower: 0, upper: 0 }));
  const receding: LinearRow[] = p.rows.map(({ coefficients, lower, upper }) => {
    return { columns, values: coefficients, ...cone(lower, upper) };
  });
  const falling: LinearRow = { columns, values: p.c, upper: -1 };
  const sides = columns.map((j) => cone(p.lower[j]!, p.upper[j]!));
  return linearProgram({
    objective: p.c.map(() => 0),
    rows: [...flat, ...receding, falling],
    lower: sides.map(({ lower }) => lower),
    upper: sides.map(({ upper }) => upper),
  }).ok;
}
