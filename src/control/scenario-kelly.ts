/**
 * The portfolio of greatest expected utility over scenarios, options included, under bounds on each weight, or a whole constraint set.
 *
 *   maximise  sum_s p_s U(W_s),   W_s = 1 + rate + sum_i w_i R_si,   U(W) = W^(1-g)/(1-g)   (g = 1: ln W)
 *
 * R_si is the profit of one unit of weight in asset i in scenario s, financing included. Newton's method on the free weights; the
 * step is cut where wealth would end in a scenario and until utility rises. A weight at a bound is held while the gradient pushes it
 * outwards. Kelly (1956); Thorp (2006).
 */
import { CholeskyDecomposition, Matrix as Dense } from 'ml-matrix';
import { requireArray, requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { expm1 } from '../math/exponential.js';
import { linearProgram } from '../math/linear-program.js';
import type { LinearRow } from '../math/linear-program.js';
import type { Matrix } from '../math/matrix.js';
import { compensatedSum } from '../math/sum.js';
import { constrainedKelly } from './constrained-kelly.js';
import type { ConstraintSet } from './constraint-set.js';
import { derivatives, logEquivalent, solventPart, wealth } from './scenario-utility.js';
import type { BoundedKellyResult, ScenarioKellyResult, ScenarioUtility } from './scenario-utility.js';

export interface ScenarioKellyInput {
  /** [scenario][asset], simple, in excess of financing. */
  returns: Matrix;
  /** Sum to 1. */
  probabilities: number[];
  /** Of cash over the period, simple. */
  rate: number;
  /** g, above 0. */
  riskAversion: number;
  /** Of the weights; -Infinity and Infinity where missing. */
  lower?: number[] | undefined;
  upper?: number[] | undefined;
  /** Gross and net limits, margin, cash, turnover, Greeks, expected shortfall beside. */
  constraints?: ConstraintSet | undefined;
}

interface Problem extends ScenarioUtility {
  lower: number[];
  upper: number[];
}

const ITERATIONS = 200;
const CONVERGED = 1e-12;
/** Throws InputError where shapes differ, probabilities are negative or do not sum to 1, or bounds are in the wrong order. */
export function scenarioKelly(i: ScenarioKellyInput & { constraints?: undefined }): BoundedKellyResult;
export function scenarioKelly(i: ScenarioKellyInput): ScenarioKellyResult;
export function scenarioKelly(i: ScenarioKellyInput): ScenarioKellyResult {
  const p = checked(i);
  if (i.constraints !== undefined) return constrainedKelly(p, within(i.constraints, p));
  if (isUnbounded(p)) {
    return { ok: false, reason: 'unbounded', message: 'a direction without bounds gains and never loses' };
  }
  const start = feasibleStart(p);
  if (start === undefined) {
    return { ok: false, reason: 'infeasible', message: 'wealth ends in some scenario whatever the weights' };
  }
  return maximise(p, start);
}

function checked(i: ScenarioKellyInput): Problem {
  requireArray('returns', i.returns);
  requireArray('probabilities', i.probabilities);
  const n = i.returns[0]?.length ?? 0;
  if (n === 0) throw new InputError('returns', i.returns, 'one scenario and one asset or more');
  if (i.probabilities.length !== i.returns.length) {
    throw new InputError('probabilities.length', i.probabilities.length, `that of returns, ${i.returns.length}`);
  }
  i.returns.forEach((row, s) => {
    if (row.length !== n) throw new InputError(`returns[${s}].length`, row.length, `${n}`);
    row.forEach((value, k) => requireFinite(`returns[${s}][${k}]`, value));
  });
  i.probabilities.forEach((value, s) => requireNonNegative(`probabilities[${s}]`, value));
  const total = compensatedSum(i.probabilities);
  if (Math.abs(total - 1) > 1e-9) throw new InputError('probabilities', total, 'numbers with sum 1');
  const bounds = (field: string, values: number[] | undefined, usual: number): number[] => {
    if (values !== undefined && values.length !== n) throw new InputError(`${field}.length`, values.length, `${n}`);
    return Array.from({ length: n }, (_, k) => {
      const value = values ? values[k]! : usual;
      if (Number.isNaN(value)) throw new InputError(`${field}[${k}]`, value, 'a number');
      return value;
    });
  };
  const lower = bounds('lower', i.lower, -Infinity);
  const upper = bounds('upper', i.upper, Infinity);
  lower.forEach((value, k) => {
    if (value > upper[k]!) throw new InputError(`lower[${k}]`, value, `at most upper[${k}], ${upper[k]!}`);
  });
  // Scenarios that cannot happen neither count nor constrain.
  const possible = i.probabilities.map((value, s) => ({ value, s })).filter(({ value }) => value > 0);
  return {
    ...{ n, lower, upper, g: requirePositive('riskAversion', i.riskAversion) },
    returns: possible.map(({ s }) => i.returns[s]!),
    probabilities: possible.map(({ value }) => value / total),
    cash: 1 + requireFinite('rate', i.rate),
  };
}

/** The constraints with the tighter of both bounds. */
function within(set: ConstraintSet, { n, lower, upper }: Problem): ConstraintSet {
  for (const field of ['lower', 'upper'] as const) {
    const given = set[field]?.length ?? n;
    if (given !== n) throw new InputError(`constraints.${field}.length`, given, `${n}`);
  }
  return {
    ...set,
    lower: lower.map((bound, k) => Math.max(bound, set.lower?.[k] ?? -Infinity)),
    upper: upper.map((bound, k) => Math.min(bound, set.upper?.[k] ?? Infinity)),
  };
}

/** A direction within the recession cone of the bounds that loses in no scenario and gains in one. */
function isUnbounded({ n, returns, probabilities, lower, upper }: Problem): boolean {
  const columns = Array.from({ length: n }, (_, k) => k);
  const size = columns.map((k) => Math.max(...returns.map((row) => Math.abs(row[k]!)), 0));
  // In units in which every asset's largest profit or loss is 1; an asset that does nothing has no direction.
  const rows: LinearRow[] = returns.map((row) => ({
    columns,
    values: row.map((value, k) => (size[k]! > 0 ? value / size[k]! : 0)),
    lower: 0,
  }));
  const objective = columns.map((k) =>
    size[k]! > 0 ? -compensatedSum(returns.map((row, s) => (probabilities[s]! * row[k]!) / size[k]!)) : 0,
  );
  const found = linearProgram({
    ...{ objective, rows },
    lower: columns.map((k) => (lower[k]! > -Infinity ? 0 : -1)),
    upper: columns.map((k) => (upper[k]! < Infinity ? 0 : 1)),
  });
  return found.ok && found.objective < -1e-9;
}

/** Weights with wealth above 0 in every scenario: none at all, the nearest within bounds, or by linear program. */
function feasibleStart(p: Problem): Float64Array | undefined {
  const { n, returns, cash, lower, upper } = p;
  const nearest = Float64Array.from({ length: n }, (_, k) => Math.min(Math.max(0, lower[k]!), upper[k]!));
  if (returns.every((row) => wealth(row, nearest, cash) > 0.01)) return nearest;
  // Maximise t <= 1 with W_s >= t.
  const columns = Array.from({ length: n + 1 }, (_, k) => k);
  const found = linearProgram({
    objective: columns.map((k) => (k === n ? -1 : 0)),
    rows: returns.map((row) => ({ columns, values: [...row, -1], lower: -cash })),
    lower: [...lower, -Infinity],
    upper: [...upper, 1],
  });
  if (!found.ok || !(found.x[n]! > 1e-9)) return undefined;
  return Float64Array.from({ length: n }, (_, k) => Math.min(Math.max(found.x[k]!, lower[k]!), upper[k]!));
}

function maximise(p: Problem, weights: Float64Array): BoundedKellyResult {
  const { n, lower, upper } = p;
  let value = logEquivalent(p, weights);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const { gradient, hessian } = derivatives(p, weights);
    const free = freeWeights(p, weights, gradient);
    const slope = Math.max(0, ...free.map((k) => Math.abs(gradient[k]!) * scaleOf(hessian, k)));
    if (free.length === 0 || slope < CONVERGED) break;
    const step = newtonStep(gradient, hessian, free, n);
    // Before the bounds clip it.
    let size = solventPart(p, weights, step);
    let moved = false;
    for (let halving = 0; halving < 60 && !moved; halving++, size *= 0.5) {
      const trial = weights.map((w, k) => Math.min(Math.max(w + size * step[k]!, lower[k]!), upper[k]!));
      const there = logEquivalent(p, trial);
      const promised = trial.reduce((sum, w, k) => sum + gradient[k]! * (w - weights[k]!), 0);
      if (there > value && there >= value + 1e-4 * promised) {
        moved = true;
        weights = trial;
        value = there;
      }
    }
    if (!moved) break;
  }
  const { gradient } = derivatives(p, weights);
  const free = freeWeights(p, weights, gradient);
  return {
    ok: true,
    weights: [...weights],
    certaintyEquivalent: expm1(value),
    gradientNorm: Math.max(0, ...free.map((k) => Math.abs(gradient[k]!))),
    binding: [...weights].flatMap((w, k) => [
      ...(w === lower[k] ? [`lower[${k}]`] : []),
      ...(w === upper[k] ? [`upper[${k}]`] : []),
    ]),
  };
}

/** The standard deviation a weight would have at the optimum, roughly: what a slope is measured against. */
function scaleOf(hessian: number[][], k: number): number {
  return hessian[k]![k]! > 0 ? 1 / Math.sqrt(hessian[k]![k]!) : 0;
}

function freeWeights({ n, lower, upper }: Problem, weights: Float64Array, gradient: readonly number[]): number[] {
  return Array.from({ length: n }, (_, k) => k).filter(
    (k) => !(weights[k]! <= lower[k]! && gradient[k]! <= 0) && !(weights[k]! >= upper[k]! && gradient[k]! >= 0),
  );
}

/** Solves the free block, with the least ridge that makes it definite where assets repeat each other. */
function newtonStep(gradient: readonly number[], hessian: Matrix, free: readonly number[], n: number): Float64Array {
  const step = new Float64Array(n);
  const scale = free.map((k) => (hessian[k]![k]! > 0 ? Math.sqrt(hessian[k]![k]!) : 1));
  const right = Dense.columnVector(free.map((k, a) => gradient[k]! / scale[a]!));
  for (let ridge = 1e-14; ridge < 1; ridge *= 100) {
    const block = free.map((k, a) =>
      free.map((j, b) => hessian[k]![j]! / (scale[a]! * scale[b]!) + (a === b ? ridge : 0)),
    );
    const factor = new CholeskyDecomposition(new Dense(block));
    if (!factor.isPositiveDefinite()) continue;
    const solved = factor.solve(right).to1DArray();
    if (!solved.every(Number.isFinite)) continue;
    free.forEach((k, a) => {
      step[k] = solved[a]! / scale[a]!;
    });
    return step;
  }
  free.forEach((k) => {
    step[k] = gradient[k]!;
  });
  return step;
}
