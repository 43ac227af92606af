/**
 * What a fit's parameters owe to each quote, by the implicit-function theorem: at the minimum the gradient of the cost in the
 * free variables x is zero, and stays zero as a quote q moves,
 *
 *   C = 1/2 sum rho(r_j(x, q)),   H dx/dq = - d(grad C)/dq,   H = sum [ psi'(r_j) r_j' r_j'^T + psi(r_j) r_j'' ]
 *
 * with the full Hessian H: the Gauss-Newton part alone is wrong by the residuals times the curvature of the smile. Variables at a
 * bound do not move, and x is chosen so that bounds are held variables (smile-jets.ts), which is the null-space form of the
 * theorem. Griewank and Walther, Evaluating Derivatives (2008), chapter 15; Nocedal and Wright, Numerical Optimization (2006), 12.4.
 */
import { EigenvalueDecomposition, Matrix as Dense } from 'ml-matrix';
import { requireArray, requireFinite } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import type { SliceInput } from '../../market/slice.js';
import { derivative } from '../../math/jet.js';
import { lossInfluence, lossSlope, lossValue } from '../../math/least-squares/loss.js';
import type { Matrix } from '../../math/matrix.js';
import type { FitObjective, SliceFit } from './fit.js';
import { inSpaceOfFit, quoteDerivatives, volatilitiesByForward } from './quote-derivatives.js';
import { fitQuotes, quoteResidual } from './quotes.js';
import type { FitQuotes } from './quotes.js';
import { moneyBracket } from './sabr-search.js';
import { smileJets } from './smile-jets.js';
import type { SmileJets } from './smile-jets.js';

export interface QuoteSensitivities {
  /**
   * dV per 1.00 of each quote's volatility, the others, all standard deviations, bids and asks held fixed; for a quote that is
   * only a bound, of the side that the smile is beyond, 0 where it is inside.
   */
  perVolatility: number[];
  instrument: string[];
  /**
   * dV per unit of forward through the parameters: strikes, undiscounted option prices in the quote currency and standard
   * deviations are held fixed, so that both log-moneyness and implied volatilities move, those of each point as its
   * out-of-the-money option's (of a point blended of call and put, as the mean of theirs). What V owes to the forward at fixed parameters is not in it.
   */
  perForward: number;
}

export type ParameterSensitivities =
  | {
      ok: true;
      parameterNames: string[];
      instrument: string[];
      /** One row a parameter, one column a quote. */
      perVolatility: Matrix;
      /** At fixed strikes and quoted volatilities. */
      perForwardAtVolatility: number[];
      /** At fixed strikes and undiscounted option prices. */
      perForward: number[];
    }
  | Failure<'not-a-minimum' | 'undetermined' | 'level-not-quoted'>;

/** Part of the cost that one more step may save before the fit is not taken for a minimum. */
const STATIONARY = 1e-6;
/** The same where the residuals are rounding: of the sum of the squared quotes over their errors. */
const ROUNDING = 1e-20;
/** An eigenvalue of the scaled Hessian of this size cannot be told from zero. */
const LEAST_CURVATURE = 1e-12;

/**
 * The gradient of a value in the parameters, in the order of fit.parameterNames, carried to the quotes of the fit. Throws InputError
 * on a gradient of another length and, naming `fit`, where `parameterSensitivities` fails.
 */
export function quoteSensitivities(fit: SliceFit, valueGradient: readonly number[]): QuoteSensitivities {
  const count = fit.parameterNames.length;
  if (requireArray('valueGradient', valueGradient).length !== count) {
    throw new InputError(
      'valueGradient',
      valueGradient,
      `${count} numbers, one for each of ${fit.parameterNames.join(', ')}`,
    );
  }
  valueGradient.forEach((slope, i) => requireFinite(`valueGradient[${i}]`, slope));
  const all = parameterSensitivities(fit);
  if (!all.ok) throw new InputError('fit', fit.parameters, `a minimum of its own objective (${all.message})`);
  const along = (column: (i: number) => number): number =>
    valueGradient.reduce((sum, slope, i) => sum + slope * column(i), 0);
  return {
    perVolatility: all.instrument.map((_, j) => along((i) => all.perVolatility[i]![j]!)),
    instrument: all.instrument,
    perForward: along((i) => all.perForward[i]!),
  };
}

/**
 * The derivatives of a fit's parameters in its quotes and its forward. Bounds that are active are taken to stay so, and an eSSVI
 * slice's neighbours to stay where they are.
 *
 * Fails as 'not-a-minimum' where the Hessian is not positive or the gradient not zero (a fit moved by its neighbours or by
 * certification), as 'undetermined' where the quotes leave a direction open, and as 'level-not-quoted' for SABR held to a
 * volatility at the forward that lies outside its quotes.
 */
export function parameterSensitivities(fit: SliceFit): ParameterSensitivities {
  const { input } = fit;
  const objective = fit.objective ?? {};
  const quotes = fitQuotes(input, objective);
  const jets = smileJets(fit);
  const system = equations(input, objective, quotes, jets);
  const { free } = jets;
  const t = free + (jets.hasLevel ? 1 : 0);

  const inverse = solver(free, system.hessian);
  if (!inverse.ok) return inverse;
  const step = inverse.solve(system.gradient);
  const saving = 0.5 * step.reduce((sum, value, i) => sum + value * system.gradient[i]!, 0);
  if (saving > STATIONARY * system.cost + ROUNDING * system.scale) {
    const message = `a step would save ${saving} of the cost ${system.cost}`;
    return { ok: false, reason: 'not-a-minimum', message, value: saving, limit: STATIONARY * system.cost };
  }

  // Every right-hand side: the quotes, then the level, then t.
  const bracket = jets.hasLevel ? moneyBracket(quotes) : undefined;
  if (jets.hasLevel && bracket === undefined) {
    return { ok: false, reason: 'level-not-quoted', message: 'the forward is outside the strikes with a target' };
  }
  const moved = (rightHandSide: Float64Array, explicit?: number): number[] => {
    const dx = inverse.solve(rightHandSide);
    return jets.parameters.map((parameter) => {
      let sum = explicit === undefined ? 0 : derivative(parameter, explicit);
      for (let i = 0; i < free; i++) sum -= derivative(parameter, i) * dx[i]!;
      return sum;
    });
  };
  const columns = system.byQuote.map((side) => moved(side));
  const byForward = moved(system.byVariable(t), t);
  if (bracket !== undefined) {
    const byLevel = moved(system.byVariable(free), free);
    const { below, above, share } = bracket;
    const gap = quotes.k[above]! - quotes.k[below]!;
    const slope = gap === 0 ? 0 : (quotes.volatility[above]! - quotes.volatility[below]!) / gap;
    byLevel.forEach((value, i) => {
      columns[below]![i]! += (1 - share) * value;
      columns[above]![i]! += share * value;
      // The smile of the quotes moves to the left by t.
      byForward[i]! += slope * value;
    });
  }
  const displacement = 'shift' in fit.parameters ? (fit.parameters.shift ?? 0) : 0;
  const perForwardAtVolatility = byForward.map((value) => value / (input.forward + displacement));
  const moves = volatilitiesByForward(input, objective.form === 'normal', quotes, displacement);
  return {
    ok: true,
    parameterNames: [...fit.parameterNames],
    instrument: [...input.instrument],
    perVolatility: fit.parameterNames.map((_, i) => columns.map((column) => column[i]!)),
    perForwardAtVolatility,
    perForward: perForwardAtVolatility.map((value, i) =>
      columns.reduce((sum, column, j) => sum + column[i]! * moves[j]!, value),
    ),
  };
}

interface Equations {
  cost: number;
  /** Of the cost in the free variables. */
  gradient: Float64Array;
  /** free x free, row-major. */
  hessian: Float64Array;
  /** d gradient / dq of each quote. */
  byQuote: Float64Array[];
  /** d gradient / d(variable), for the level and t. */
  byVariable(index: number): Float64Array;
  /** Sum of squares of the quotes over their errors. */
  scale: number;
}

function equations(input: SliceInput, objective: FitObjective, quotes: FitQuotes, jets: SmileJets): Equations {
  const { count, loss } = quotes;
  const { free } = jets;
  const all = free + (jets.hasLevel ? 2 : 1);
  const t = all - 1;
  const gradient = new Float64Array(free);
  const second = new Float64Array(free * all);
  const variances = Array.from({ length: count }, (_, i) => jets.variance(quotes.k[i]!));
  const residual = Float64Array.from(variances, (w, i) => quoteResidual(quotes, i, w[0]!));
  const change = quoteDerivatives(input, objective, quotes, residual);
  const byQuote = Array.from({ length: count }, () => new Float64Array(free));
  const byAllWeights = new Float64Array(free);
  let cost = 0;
  let scale = 0;
  for (let i = 0; i < count; i++) {
    const r = residual[i]!;
    const target = quotes.volatility[i]!;
    if (target !== target && r === 0) continue;
    const c = quotes.inverseError[i]!;
    const halfWidth = quotes.deadzone[i];
    const psi = lossInfluence(loss, r, halfWidth);
    const slope = lossSlope(loss, r, halfWidth);
    const y = inSpaceOfFit(quotes, i, variances[i]!);
    cost += 0.5 * lossValue(loss, r, halfWidth);
    if (target === target) scale += (target / quotes.deviation[i]!) ** 2;
    // The dead zone is as wide as the quote's error allows, so it scales with the weight but not with the space.
    const byScale = slope * r + psi;
    const byWeight = loss === 'spread-deadzone' ? 2 * psi : byScale;
    for (let a = 0; a < free; a++) {
      const ra = c * derivative(y, a);
      gradient[a]! += psi * ra;
      for (let b = 0; b < all; b++)
        second[a * all + b]! += c * (slope * ra * derivative(y, b) + psi * derivative(y, a, b));
      second[a * all + t]! +=
        ra *
        (-slope * c * change.targetByForward[i]! +
          change.scaleByForward[i]! * byScale +
          change.weightByForward[i]! * byWeight);
      byQuote[i]![a]! +=
        ra * (-slope * c * change.target[i]! + change.scale[i]! * byScale + change.weight[i]! * byWeight);
      byAllWeights[a]! += ra * byWeight;
    }
  }
  for (let a = 0; a < free; a++) {
    second[a * all + t]! += byAllWeights[a]! * change.allWeightsByForward;
    for (let i = 0; i < count; i++) byQuote[i]![a]! += byAllWeights[a]! * change.allWeights[i]!;
  }
  const column = (b: number): Float64Array => Float64Array.from({ length: free }, (_, a) => second[a * all + b]!);
  const hessian = new Float64Array(free * free);
  for (let a = 0; a < free; a++) for (let b = 0; b < free; b++) hessian[a * free + b] = second[a * all + b]!;
  return { cost, gradient, hessian, byQuote, byVariable: column, scale };
}

/** H^-1 by the eigenvectors of H scaled to a unit diagonal, if H is positive. */
function solver(
  n: number,
  hessian: Float64Array,
): { ok: true; solve(rightHandSide: Float64Array): Float64Array } | Failure<'not-a-minimum' | 'undetermined'> {
  const units = Float64Array.from({ length: n }, (_, i) => Math.sqrt(hessian[i * n + i]!));
  const worst = units.findIndex((unit) => !(unit > 0));
  if (worst >= 0) {
    const value = hessian[worst * n + worst]!;
    if (value === 0)
      return { ok: false, reason: 'undetermined', message: 'a variable moves no quote', value, limit: 0 };
    return {
      ok: false,
      reason: 'not-a-minimum',
      message: `a second derivative of the cost is ${value}`,
      value,
      limit: 0,
    };
  }
  if (n === 0) return { ok: true, solve: () => new Float64Array(0) };
  const scaled = Dense.zeros(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) scaled.set(i, j, hessian[i * n + j]! / (units[i]! * units[j]!));
  }
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(scaled, {
    assumeSymmetric: true,
  });
  const least = Math.min(...values);
  if (!(least > LEAST_CURVATURE)) {
    const reason = least < -LEAST_CURVATURE ? 'not-a-minimum' : 'undetermined';
    const message = `the least eigenvalue of the scaled Hessian is ${least}`;
    return { ok: false, reason, message, value: least, limit: LEAST_CURVATURE };
  }
  return {
    ok: true,
    solve(rightHandSide) {
      const solution = new Float64Array(n);
      values.forEach((value, e) => {
        let along = 0;
        for (let i = 0; i < n; i++) along += (vectors.get(i, e) * rightHandSide[i]!) / units[i]!;
        for (let i = 0; i < n; i++) solution[i]! += (vectors.get(i, e) * along) / (value * units[i]!);
      });
      return solution;
    },
  };
}
