/**
 * How an answer moves with what was assumed: one parameter at a time, on a grid of two, and the loss of acting on the wrong set.
 *
 *   tornado      outputs at the low and high end of each parameter, the widest first
 *   elasticity   d ln|output| / d ln|parameter| at the base, by a central difference
 *   regret_ij    value(decision(i), j) subtracted from value(decision(j), j): acting on set i where j is true
 *
 * For reading, not for tuning. Savage, "The theory of statistical decision" (1951) for the regret.
 */
import { requireArray, requireFinite, requireObject, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import type { Matrix } from '../math/matrix.js';

export interface ParameterRange {
  base: number;
  low: number;
  high: number;
}

export interface SensitivityInput<Name extends string> {
  parameters: Readonly<Record<Name, ParameterRange>>;
  /** The answer; a number that is not finite is kept as it is. */
  evaluate: (values: Readonly<Record<Name, number>>) => number;
  /** Relative step of the elasticity; 1e-4 where missing. */
  relativeStep?: number | undefined;
}

export interface SensitivityRow<Name extends string> {
  name: Name;
  /** The answer at the low and high end, the other parameters at their base. */
  atLow: number;
  atHigh: number;
  /** |atHigh - atLow|; Infinity where either is not finite. */
  swing: number;
  /** Per cent of the answer per cent of the parameter; NaN where parameter or answer is 0 at the base. */
  elasticity: number;
}

/** The answer at the base and by parameter, the widest swing first (a tornado table). Throws InputError on ranges that do not hold their base. */
export function sensitivity<Name extends string>(
  i: SensitivityInput<Name>,
): { base: number; tornado: SensitivityRow<Name>[] } {
  requireObject('parameters', i.parameters);
  const step = requirePositive('relativeStep', i.relativeStep ?? 1e-4);
  const names = Object.keys(i.parameters) as Name[];
  const centre = baseOf(i.parameters, names);
  const base = i.evaluate(centre);
  const tornado = names.map((name): SensitivityRow<Name> => {
    const at = (value: number): number => i.evaluate({ ...centre, [name]: value });
    const { low, high } = i.parameters[name];
    const atLow = at(low);
    const atHigh = at(high);
    const change = Math.abs(atHigh - atLow);
    const slope =
      centre[name] === 0 ? NaN : (at(centre[name] * (1 + step)) - at(centre[name] * (1 - step))) / (2 * step);
    return {
      name,
      atLow,
      atHigh,
      swing: Number.isNaN(change) ? Infinity : change,
      elasticity: base === 0 ? NaN : slope / base,
    };
  });
  return { base, tornado: tornado.sort((a, b) => (a.swing === b.swing ? 0 : b.swing - a.swing)) };
}

function baseOf<Name extends string>(
  parameters: Readonly<Record<Name, ParameterRange>>,
  names: readonly Name[],
): Record<Name, number> {
  const centre: Partial<Record<Name, number>> = {};
  for (const name of names) {
    const { base, low, high } = parameters[name];
    requireFinite(`parameters.${name}.low`, low);
    requireFinite(`parameters.${name}.high`, high);
    if (!(low <= base && base <= high)) {
      throw new InputError(`parameters.${name}.base`, base, `from low to high, ${low} to ${high}`);
    }
    centre[name] = base;
  }
  return centre as Record<Name, number>;
}

/** The answer on a grid of two parameters, the others at their base: [first][second]. */
export function sensitivityGrid<Name extends string>(i: {
  base: Readonly<Record<Name, number>>;
  first: { name: Name; values: readonly number[] };
  second: { name: Name; values: readonly number[] };
  evaluate: (values: Readonly<Record<Name, number>>) => number;
}): Matrix {
  if (i.first.name === i.second.name) throw new InputError('second.name', i.second.name, 'another parameter');
  requireArray('first.values', i.first.values);
  requireArray('second.values', i.second.values);
  return i.first.values.map((a) =>
    i.second.values.map((b) => i.evaluate({ ...i.base, [i.first.name]: a, [i.second.name]: b })),
  );
}

/**
 * Row: the parameters acted on; column: those that are true. 0 on the diagonal, and 0 or more where `decide` finds the best decision of
 * `value`. `minimax` is the row whose worst regret is least. Throws InputError where there are no parameter sets.
 */
export function regretMatrix<Parameters, Decision>(i: {
  sets: readonly Parameters[];
  decide: (parameters: Parameters) => Decision;
  value: (decision: Decision, parameters: Parameters) => number;
}): { regret: Matrix; worst: number[]; minimax: number } {
  requireArray('sets', i.sets);
  if (i.sets.length === 0) throw new InputError('sets', i.sets, 'one set of parameters or more');
  const decisions = i.sets.map((set) => i.decide(set));
  const best = i.sets.map((set, j) => i.value(decisions[j]!, set));
  const regret = decisions.map((decision, row) =>
    i.sets.map((set, j) => (row === j ? 0 : best[j]! - i.value(decision, set))),
  );
  const worst = regret.map((row) => Math.max(...row));
  return { regret, worst, minimax: worst.indexOf(Math.min(...worst)) };
}
