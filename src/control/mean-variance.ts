/**
 * Portfolios that trade only as far as it pays: mean against variance, or against expected shortfall, net of proportional costs.
 *
 *   maximise  mu'w - g/2 w'S w - sum_i k_i |w_i - w0_i|          w - w0 = b - s, b, s >= 0: a quadratic program
 *   maximise  mu'w - lambda ES_c(w) - sum_i k_i |w_i - w0_i|     over scenarios: a linear program
 *
 * under a {@link ConstraintSet}. Where the gain of moving a weight is below its cost it stays: a no-trade region. Markowitz (1952);
 * Davis and Norman (1990); Rockafellar and Uryasev (2000).
 */
import { requireArray, requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import type { Failure } from '../errors.js';
import { linearProgram } from '../math/linear-program.js';
import type { Matrix } from '../math/matrix.js';
import { quadraticProgram } from '../math/quadratic-program.js';
import {
  compileConstraints,
  constraintSlacks,
  minimalRelaxations,
  scenarioShortfall,
  shortfallRow,
} from './constraint-set.js';
import type { CompiledConstraints, ConstraintSet, ConstraintSlack, Relaxation } from './constraint-set.js';

interface CostlyPortfolio {
  /** Expected excess returns. */
  mean: readonly number[];
  /** Weights held now. */
  current: readonly number[];
  /** Of one unit of weight traded, 0 or more. */
  costs: readonly number[];
  constraints?: ConstraintSet | undefined;
}

export interface MeanVarianceInput extends CostlyPortfolio {
  covariance: Matrix;
  riskAversion: number;
}

export interface MeanShortfallInput extends CostlyPortfolio {
  /** Simple returns [scenario][name]. */
  returns: Matrix;
  /** Equal where missing. */
  probabilities?: readonly number[] | undefined;
  /** Of expected shortfall. */
  confidence: number;
  /** lambda: what a unit of expected shortfall counts against one of mean. */
  riskAversion: number;
}

export interface OptimalPortfolio {
  ok: true;
  weights: number[];
  trades: number[];
  cost: number;
  /** Mean less risk less cost. */
  utility: number;
  slacks: ConstraintSlack[];
  /** Largest residual of the conditions of the optimum (quadratic), or the duality gap (linear). */
  residual: number;
}

export type PortfolioFailure = Failure<'infeasible' | 'unbounded' | 'no-convergence'> & {
  /** The least by which limits would have to give; only where 'infeasible'. */
  relaxations: Relaxation[];
};

/** Throws InputError where shapes differ, a cost is below 0 or the covariance is not one. */
export function meanVarianceWithCosts(i: MeanVarianceInput): OptimalPortfolio | PortfolioFailure {
  const { n, compiled, trading } = prepared(i);
  const g = requirePositive('riskAversion', i.riskAversion);
  if (i.covariance.length !== n) throw new InputError('covariance.length', i.covariance.length, `${n}`);
  const quadratic = Array.from({ length: compiled.variables }, (_, a) =>
    Array.from({ length: compiled.variables }, (__, b) => (a < n && b < n ? g * requireEntry(i.covariance, a, b) : 0)),
  );
  const linear = trading.map((cost, k) => cost - (k < n ? i.mean[k]! : 0));
  const { rows, lower, upper } = compiled;
  const solved = quadraticProgram({ quadratic, linear, rows, lower, upper });
  if (!solved.ok) return failed(i, solved);
  const risk = (w: readonly number[]): number =>
    0.5 * g * w.reduce((sum, wa, a) => sum + wa * w.reduce((inner, wb, b) => inner + i.covariance[a]![b]! * wb, 0), 0);
  return portfolio(i, solved.x, risk, solved.residual);
}

/** Mean against expected shortfall over scenarios. Throws InputError where shapes differ or numbers are out of range. */
export function meanShortfallWithCosts(i: MeanShortfallInput): OptimalPortfolio | PortfolioFailure {
  const { n, compiled, trading } = prepared(i);
  const aversion = requireNonNegative('riskAversion', i.riskAversion);
  const scenarios = { pnl: i.returns, probabilities: i.probabilities, confidence: i.confidence };
  const { columns, values } = shortfallRow(compiled, scenarios, n);
  const objective = Array.from({ length: compiled.variables }, (_, k) => (trading[k] ?? 0) - (k < n ? i.mean[k]! : 0));
  columns.forEach((column, e) => {
    objective[column]! += aversion * values[e]!;
  });
  const { rows, lower, upper } = compiled;
  const solved = linearProgram({ objective, rows, lower, upper });
  if (!solved.ok) return failed(i, solved);
  const risk = (w: readonly number[]): number => aversion * scenarioShortfall(scenarios, w);
  return portfolio(i, solved.x, risk, Math.abs(solved.gap));
}

function requireEntry(covariance: Matrix, a: number, b: number): number {
  return requireFinite(`covariance[${a}][${b}]`, covariance[a]?.[b]);
}

/** The constraints with a variable bought and one sold for every name that costs something to trade, and the cost of each variable. */
function prepared(i: CostlyPortfolio): { n: number; compiled: CompiledConstraints; trading: number[] } {
  requireArray('mean', i.mean);
  const n = i.mean.length;
  if (n === 0) throw new InputError('mean', i.mean, 'one name or more');
  i.mean.forEach((value, k) => requireFinite(`mean[${k}]`, value));
  for (const [field, values] of [
    ['current', i.current],
    ['costs', i.costs],
  ] as const) {
    requireArray(field, values);
    if (values.length !== n) throw new InputError(`${field}.length`, values.length, `${n}`);
  }
  const compiled = compileConstraints(i.constraints ?? {}, n);
  const trading = Array.from({ length: compiled.variables }, () => 0);
  for (let k = 0; k < n; k++) {
    const from = requireFinite(`current[${k}]`, i.current[k]);
    const cost = requireNonNegative(`costs[${k}]`, i.costs[k]);
    if (cost === 0) continue;
    const bought = compiled.variables++;
    const sold = compiled.variables++;
    compiled.lower.push(0, 0);
    compiled.upper.push(Infinity, Infinity);
    compiled.rows.push({ columns: [k, bought, sold], values: [1, -1, 1], lower: from, upper: from });
    trading.push(cost, cost);
  }
  return { n, compiled, trading };
}

function portfolio(
  i: CostlyPortfolio,
  x: readonly number[],
  risk: (weights: readonly number[]) => number,
  residual: number,
): OptimalPortfolio {
  // A weight that its cost holds is where it was to the last digit.
  const weights = i.current.map((from, k) => (Math.abs(x[k]! - from) <= 1e-9 * (1 + Math.abs(from)) ? from : x[k]!));
  const trades = weights.map((w, k) => w - i.current[k]!);
  const cost = trades.reduce((sum, trade, k) => sum + i.costs[k]! * Math.abs(trade), 0);
  const mean = weights.reduce((sum, w, k) => sum + w * i.mean[k]!, 0);
  return {
    ...{ ok: true, weights, trades, cost, residual },
    utility: mean - risk(weights) - cost,
    slacks: constraintSlacks(i.constraints ?? {}, weights),
  };
}

function failed(i: CostlyPortfolio, failure: Failure<'infeasible' | 'unbounded' | 'no-convergence'>): PortfolioFailure {
  if (failure.reason !== 'infeasible') return { ...failure, relaxations: [] };
  const elastic = minimalRelaxations(i.constraints ?? {}, i.mean.length);
  return { ...failure, relaxations: elastic.ok ? elastic.relaxations : [] };
}
