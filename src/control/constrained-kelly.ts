/**
 * Greatest expected utility over scenarios under a constraint set: a sequence of quadratic programs, each the utility to second order
 * around the last weights within the limits, with the step cut where wealth would end in a scenario and until utility rises.
 *
 *   maximise  g'(x - w) - (x - w)'H(x - w)/2   subject to the rows of the constraint set
 *
 * The objective is concave and the limits convex, so where the program's step gains nothing more the weights are the optimum.
 */
import { expm1 } from '../math/exponential.js';
import { linearProgram } from '../math/linear-program.js';
import type { LinearRow } from '../math/linear-program.js';
import { quadraticProgram } from '../math/quadratic-program.js';
import { compensatedSum } from '../math/sum.js';
import { compileConstraints, constraintSlacks, minimalRelaxations } from './constraint-set.js';
import type { CompiledConstraints, ConstraintSet, ConstraintSlack } from './constraint-set.js';
import { derivatives, logEquivalent, solventPart } from './scenario-utility.js';
import type { ScenarioKellyResult, ScenarioUtility } from './scenario-utility.js';

const ITERATIONS = 200;
/** Gain of the log certainty equivalent that is not worth another step. */
const CONVERGED = 1e-15;

/** Throws InputError where the constraints' shapes differ from the scenarios'. */
export function constrainedKelly(p: ScenarioUtility, set: ConstraintSet): ScenarioKellyResult {
  const compiled = compileConstraints(set, p.n);
  if (isUnbounded(p, compiled)) {
    return { ok: false, reason: 'unbounded', message: 'a direction that no limit stops gains and never loses' };
  }
  const start = feasibleStart(p, compiled);
  if (start === undefined) {
    const elastic = minimalRelaxations(set, p.n);
    const relaxations = elastic.ok ? elastic.relaxations : [];
    const message =
      relaxations.length > 0 ? 'the limits contradict each other' : 'wealth ends in some scenario whatever the weights';
    return { ok: false, reason: 'infeasible', message, relaxations };
  }
  return maximise(p, set, compiled, start);
}

function maximise(
  p: ScenarioUtility,
  set: ConstraintSet,
  compiled: CompiledConstraints,
  start: Float64Array,
): ScenarioKellyResult {
  const { n } = p;
  const { variables, rows, lower, upper } = compiled;
  let weights = start;
  let value = logEquivalent(p, weights);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const { gradient, hessian } = derivatives(p, weights);
    const curved = (x: ArrayLike<number>, k: number): number =>
      compensatedSum(hessian[k]!.map((entry, j) => entry * x[j]!));
    const solved = quadraticProgram({
      quadratic: Array.from({ length: variables }, (_, k) =>
        Array.from({ length: variables }, (__, j) => (k < n && j < n ? hessian[k]![j]! : 0)),
      ),
      linear: Array.from({ length: variables }, (_, k) => (k < n ? -gradient[k]! - curved(weights, k) : 0)),
      ...{ rows, lower, upper },
    });
    if (!solved.ok) break;
    const step = Float64Array.from(weights, (w, k) => solved.x[k]! - w);
    const promised = compensatedSum(step.map((change, k) => change * gradient[k]!));
    let moved = false;
    let size = solventPart(p, weights, step);
    for (let halving = 0; halving < 60 && !moved && promised > CONVERGED; halving++, size *= 0.5) {
      const trial = weights.map((w, k) => w + size * step[k]!);
      const there = logEquivalent(p, trial);
      if (there > value && there >= value + 1e-4 * size * promised) {
        moved = true;
        weights = trial;
        value = there;
      }
    }
    if (moved) continue;
    const gradientNorm = Math.max(...step.map((_, k) => Math.abs(curved(step, k))));
    const slacks = constraintSlacks(set, [...weights]);
    return {
      ok: true,
      weights: [...weights],
      certaintyEquivalent: expm1(value),
      gradientNorm,
      binding: slacks.filter(({ active }) => active).map(nameOf),
      slacks,
    };
  }
  return { ok: false, reason: 'no-convergence', message: 'the steps did not come to an end' };
}

/** Bounds of single weights as those of a search without constraints are named. */
function nameOf({ name, value, lower, upper }: ConstraintSlack): string {
  return name.startsWith('name[') ? `${value - lower < upper - value ? 'lower' : 'upper'}${name.slice(4)}` : name;
}

/** A direction along which no limit ends that loses in no scenario and gains in one. */
function isUnbounded({ n, returns, probabilities }: ScenarioUtility, compiled: CompiledConstraints): boolean {
  const all = Array.from({ length: compiled.variables }, (_, k) => k);
  const size = all.map((k) => (k < n ? Math.max(...returns.map((row) => Math.abs(row[k]!))) : 0));
  const assets = all.slice(0, n);
  const endless = (bound: number | undefined, none: number): number => ((bound ?? none) === none ? none : 0);
  const rows: LinearRow[] = [
    ...compiled.rows.map((row) => ({
      ...row,
      lower: endless(row.lower, -Infinity),
      upper: endless(row.upper, Infinity),
    })),
    ...returns.map((row) => ({ columns: assets, values: [...row], lower: 0 })),
  ];
  const gain = (k: number): number => compensatedSum(returns.map((row, s) => probabilities[s]! * row[k]!));
  // Within a box in which every asset's largest profit or loss is at most 1.
  const found = linearProgram({
    objective: all.map((k) => (k < n && size[k]! > 0 ? -gain(k) : 0)),
    rows,
    lower: all.map((k) => (compiled.lower[k]! > -Infinity ? 0 : k < n && size[k]! > 0 ? -1 / size[k]! : -Infinity)),
    upper: all.map((k) => (compiled.upper[k]! < Infinity ? 0 : k < n && size[k]! > 0 ? 1 / size[k]! : Infinity)),
  });
  return found.ok && found.objective < -1e-9;
}

/** Weights within the limits with wealth above 0 in every scenario: t <= 1 at its largest with W_s >= t. */
function feasibleStart({ n, returns, cash }: ScenarioUtility, compiled: CompiledConstraints): Float64Array | undefined {
  const { variables, rows, lower, upper } = compiled;
  const columns = [...Array.from({ length: n }, (_, k) => k), variables];
  const found = linearProgram({
    objective: Array.from({ length: variables + 1 }, (_, k) => (k === variables ? -1 : 0)),
    rows: [...rows, ...returns.map((row) => ({ columns, values: [...row, -1], lower: -cash }))],
    lower: [...lower, -Infinity],
    upper: [...upper, 1],
  });
  if (!found.ok || !(found.x[variables]! > 1e-9)) return undefined;
  return Float64Array.from(found.x.slice(0, n));
}
