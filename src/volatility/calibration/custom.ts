/**
 * A developer's own smile fitted to one expiry by either engine: min over p in its box of half the sum of rho(r_i), with
 *
 *   r_i = (y(w(k_i; p)) - y_i) / e_i,   w the formula itself, or sigma^2 T where the formula gives volatility.
 *
 * The residuals are those of every other fit (quotes.ts). The formula has no start of its own, so the caller gives one.
 */
import { requireArray, requireFinite, requireOneOf } from '../../check.js';
import { InputError } from '../../errors.js';
import type { SliceInput } from '../../market/slice.js';
import { leastSquares } from '../../math/least-squares/least-squares.js';
import { lossCurvature } from '../../math/least-squares/loss.js';
import type { LeastSquaresProblem } from '../../math/least-squares/problem.js';
import type { CustomSmile } from './custom-smile.js';
import { informationOf, objectiveOf, sliceFit } from './diagnostics.js';
import type { FitFailure, FitOptions, SliceFit } from './fit.js';
import { fitQuotes, quoteResidual, quoteSlope } from './quotes.js';
import type { FitQuotes } from './quotes.js';

export interface CustomFitOptions extends Omit<FitOptions, 'start'> {
  /** In the order of the smile's parameters, inside its bounds. */
  start: number[];
}

/** The fit of a slice by a formula. */
export type CustomFit = Omit<SliceFit<Record<string, number>>, 'model'> & { model: 'custom' };

/**
 * Calibrates a smile of `customSmile` to a slice. A parameter whose bounds are equal is fixed there. Fails with 'too-few-quotes'
 * where there are fewer targets than free parameters, and with 'no-convergence' where the smile has no positive variance at the
 * start, its derivatives are not finite, the quotes do not determine every free parameter, or the engine finds no minimum; the
 * message says which. Throws InputError on a start outside the bounds, and on a slice or options that are not as they must be.
 */
export function calibrateCustom(smile: CustomSmile, slice: SliceInput, o: CustomFitOptions): CustomFit | FitFailure {
  const names = smile.parameters;
  const lower = names.map((_, j) => smile.lower?.[j] ?? -Infinity);
  const upper = names.map((_, j) => smile.upper?.[j] ?? Infinity);
  const { start: given, ...options } = o;
  const start = requireStart(given, names, lower, upper);
  const { engine, loss } = options;
  if (engine !== undefined) requireOneOf('engine', engine, ['trust-region', 'ml']);
  const quotes = fitQuotes(slice, options);
  const free = names.map((_, j) => j).filter((j) => lower[j]! < upper[j]!);
  if (quotes.targets < Math.max(1, free.length)) {
    const message = `${quotes.targets} quotes with a target volatility: ${free.length} free parameters need as many`;
    const limit = Math.max(1, free.length);
    return { ok: false, reason: 'too-few-quotes', message, value: quotes.targets, limit, rejected: [] };
  }
  const point = start.slice();
  if (free.length === 0) {
    return { ok: false, reason: 'no-convergence', message: 'every parameter is fixed by its bounds', rejected: [] };
  }
  const problem = customProblem(smile, quotes, point, free, lower, upper);
  const fit = leastSquares(problem, { start: free.map((j) => start[j]!), engine, loss });
  if (!fit.ok) {
    const { message, value, limit } = fit;
    return { ok: false, reason: 'no-convergence', message, value, limit, rejected: [] };
  }

  free.forEach((j, c) => (point[j] = fit.x[c]!));
  const rows = quotes.count;
  const residuals = new Float64Array(rows);
  const jacobian = new Float64Array(rows * free.length);
  problem.evaluate(fit.x, residuals);
  problem.jacobian!(fit.x, jacobian);
  for (let i = 0; i < rows; i++) {
    const root = Math.sqrt(lossCurvature(quotes.loss, residuals[i]!, problem.deadzone?.[i]));
    for (let c = 0; c < free.length; c++) jacobian[i * free.length + c]! *= root;
  }
  const information = informationOf(jacobian, rows, free.length);
  const freeNames = free.map((j) => names[j]!);
  const chain = new Float64Array(free.length * free.length);
  free.forEach((_, c) => (chain[c * free.length + c] = 1));
  return sliceFit<Record<string, number>, 'custom'>({
    model: 'custom',
    parameters: Object.fromEntries(names.map((name, j) => [name, point[j]!])),
    names: freeNames,
    values: Array.from(fit.x),
    lower: free.map((j) => lower[j]!),
    upper: free.map((j) => upper[j]!),
    input: slice,
    objective: objectiveOf(options),
    volatility: Float64Array.from(quotes.k, (k) => volatilityOf(smile, quotes, point, k)),
    cost: fit.cost,
    variables: free.length,
    information,
    held: free.map((_, c) => (fit.active.includes(c) ? 1 : 0)),
    chain,
    parameterInformation: information,
    atBound: fit.active.map((c) => freeNames[c]!),
    iterations: fit.iterations,
    starts: 1,
    termination: fit.termination,
    rejected: [],
  });
}

function requireStart(start: unknown, names: readonly string[], lower: number[], upper: number[]): number[] {
  const values = requireArray('start', start);
  if (values.length !== names.length) throw new InputError('start', start, `${names.length} numbers`);
  return values.map((value, j) => {
    const number = requireFinite(`start[${j}]`, value);
    if (number < lower[j]! || number > upper[j]!) {
      throw new InputError(`start[${j}]`, number, `from ${lower[j]!} to ${upper[j]!}, the bounds of ${names[j]!}`);
    }
    return number;
  });
}

/** The residuals in the free parameters; `point` holds all and is written to. */
function customProblem(
  smile: CustomSmile,
  quotes: FitQuotes,
  point: number[],
  free: readonly number[],
  lower: readonly number[],
  upper: readonly number[],
): LeastSquaresProblem {
  const { count, k, time } = quotes;
  const moveTo = (x: Float64Array): void => {
    free.forEach((j, c) => (point[j] = x[c]!));
  };
  return {
    parameters: free.length,
    residuals: count,
    lower: free.map((j) => lower[j]!),
    upper: free.map((j) => upper[j]!),
    deadzone: quotes.deadzone.length > 0 ? quotes.deadzone : undefined,
    evaluate(x, r) {
      moveTo(x);
      for (let i = 0; i < count; i++) {
        const volatility = volatilityOf(smile, quotes, point, k[i]!);
        r[i] = quoteResidual(quotes, i, volatility * volatility * time);
      }
    },
    jacobian(x, jacobian) {
      moveTo(x);
      for (let i = 0; i < count; i++) {
        const volatility = volatilityOf(smile, quotes, point, k[i]!);
        const w = volatility * volatility * time;
        const inside = Number.isNaN(quotes.target[i]!) && quoteResidual(quotes, i, w) === 0;
        const byOutput = smile.output === 'volatility' ? 2 * volatility * time : 1;
        const slope = inside ? 0 : quoteSlope(quotes, i, w) * byOutput;
        const gradient = smile.gradient(point, k[i]!);
        free.forEach((j, c) => (jacobian[i * free.length + c] = slope * gradient[j]!));
      }
    },
  };
}

/** The smile's volatility at k; NaN, which refuses a step, where the formula gives nothing above 0. */
function volatilityOf(smile: CustomSmile, quotes: FitQuotes, point: number[], k: number): number {
  const value = smile.value(point, k);
  if (!(value > 0 && value < Infinity)) return NaN;
  return smile.output === 'volatility' ? value : Math.sqrt(value / quotes.time);
}
