/**
 * What a fit's parameters owe to each quote, by the implicit-function theorem: at the minimum the gradient of the cost in the
 * free variables x is zero, and stays zero as a quote q moves,
 *
 *   C = 1/2 sum rho(r_j(x, q)),   H dx/dq = - d(grad C)/dq,   H = sum [ psi'(r_j) r_j' r_j'^T + psi(r_j) r_j'' ]
 *
 * with the full Hessian H: the Gauss-Newton part alone is wrong by the residuals times the curvature of the smile. Variables at a
 * bound do not move, and x is chosen so that bounds are held variables (smile-jets.ts), which is the null-space form of the
 * theorem. Slices that certification has moved are at the minimum of their costs together, under the conditions they touch,
 *
 *   grad C = sum lambda_j grad c_j,  c_j = 0:    [H - sum lambda_j c_j''   -A'] [ dx/dq ]     [ d(grad C)/dq ]
 *                                                [          A             0 ] [dlambda/dq] = -[      0       ]
 *
 * and stay on them, the point of contact sliding along (contact.ts). A gradient of a value is carried to all quotes by one solution of
 * the adjoint equations. Griewank and Walther, Evaluating Derivatives (2008), chapter 15; Nocedal and Wright, Numerical
 * Optimization (2006), 12.4; Fiacco, Introduction to Sensitivity and Stability Analysis in Nonlinear Programming (1983), 3.2.
 */
import { requireArray, requireFinite } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import type { Matrix } from '../../math/matrix.js';
import type { SliceFit } from './fit.js';
import { jointSlice, touchingGroups } from './joint-fits.js';
import { jointSystem, lagrangian, leastMultipliers, touching } from './joint-system.js';
import type { JointSlice } from './joint-system.js';
import { carryToQuotes, hasLevelQuotes, inFreeVariables, quoteEquations } from './quote-equations.js';
import type { CarriedGradient, QuoteEquations, WeightSlopes } from './quote-equations.js';
import { saddleOf } from './saddle.js';
import type { Saddle } from './saddle.js';

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

export type SensitivityFailure = Failure<'not-a-minimum' | 'undetermined' | 'level-not-quoted'>;

/** Of one slice of a surface. */
export type SliceSensitivities = ({ ok: true } & QuoteSensitivities) | SensitivityFailure;

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
  | SensitivityFailure;

/** Part of the cost that one more step may save before the fit is not taken for a minimum. */
const STATIONARY = 1e-6;
/** The same where the residuals are rounding: of the sum of the squared quotes over their errors. */
const ROUNDING = 1e-20;

/**
 * The gradient of a value in the parameters, in the order of fit.parameterNames, carried to the quotes of the fit. Of a slice that
 * certification has moved, its neighbours are held where they are; see `surfaceSensitivities` for slices that touch. Throws InputError
 * on a gradient of another length and, naming `fit`, where `parameterSensitivities` fails.
 */
export function quoteSensitivities(fit: SliceFit, valueGradient: readonly number[]): QuoteSensitivities {
  requireGradient('valueGradient', valueGradient, fit);
  const group = solvableAlone(fit);
  if (!group.ok) throw new InputError('fit', fit.parameters, `a minimum of its own objective (${group.message})`);
  const { perVolatility, perForward } = group.carry([valueGradient])[0]!;
  return { perVolatility, instrument: [...fit.input.instrument], perForward };
}

/**
 * The derivatives of a fit's parameters in its quotes and its forward. Bounds and conditions against arbitrage that are active are
 * taken to stay so, and neighbours to stay where they are.
 *
 * Fails as 'not-a-minimum' where the Hessian is not positive or the gradient not zero (a fit moved by its neighbours, or one that
 * certification has moved without coming to a minimum), as 'undetermined' where the quotes leave a direction open, and as
 * 'level-not-quoted' for SABR held to a volatility at the forward that lies outside its quotes.
 */
export function parameterSensitivities(fit: SliceFit): ParameterSensitivities {
  const group = solvableAlone(fit);
  if (!group.ok) return group;
  const rows = fit.parameterNames.map((_, i) => group.carry([fit.parameterNames.map((_, j) => (i === j ? 1 : 0))])[0]!);
  return {
    ok: true,
    parameterNames: [...fit.parameterNames],
    instrument: [...fit.input.instrument],
    perVolatility: rows.map((row) => row.perVolatility),
    perForwardAtVolatility: rows.map((row) => row.perForwardAtVolatility),
    perForward: rows.map((row) => row.perForward),
  };
}

/**
 * The gradients of a value in the parameters of all slices of a surface, carried to the quotes of all of them: slices that certification
 * has moved and that touch each other move together, so that a quote counts for its neighbours as well. One result a fit, in order; a
 * failure, as of `parameterSensitivities`, for each fit of a group that is not at its minimum.
 *
 * @param fits in order of expiry, as `calibrateSurface` gives them.
 * @param valueGradients one a fit, in the order of its parameterNames. Throws InputError on one of another length.
 */
export function surfaceSensitivities(
  fits: readonly SliceFit[],
  valueGradients: readonly (readonly number[])[],
): SliceSensitivities[] {
  if (requireArray('valueGradients', valueGradients).length !== fits.length) {
    throw new InputError('valueGradients', valueGradients, `as many as there are fits, ${fits.length}`);
  }
  fits.forEach((fit, i) => {
    requireGradient(`valueGradients[${i}]`, valueGradients[i]!, fit);
  });
  return touchingGroups(fits).flatMap(({ from, to, slices }): SliceSensitivities[] => {
    const group = fits.slice(from, to);
    const system = solvable(group, slices);
    if (!system.ok) return group.map(() => system);
    const carried = system.carry(valueGradients.slice(from, to));
    return group.map(({ input }, i) => {
      const { perVolatility, perForward } = carried[i]!;
      return { ok: true, perVolatility, instrument: [...input.instrument], perForward };
    });
  });
}

function requireGradient(field: string, gradient: readonly number[], { parameterNames }: SliceFit): void {
  if (requireArray(field, gradient).length !== parameterNames.length) {
    const names = parameterNames.join(', ');
    throw new InputError(field, gradient, `${parameterNames.length} numbers, one for each of ${names}`);
  }
  gradient.forEach((slope, i) => requireFinite(`${field}[${i}]`, slope));
}

interface Solvable {
  ok: true;
  /** Carries the gradients of a value in each fit's parameters to the quotes of each. */
  carry(valueGradients: readonly (readonly number[])[]): CarriedGradient[];
}

function solvableAlone(fit: SliceFit): Solvable | SensitivityFailure {
  const slice = jointSlice(fit);
  return solvable([fit], slice && [slice]);
}

/** The equations of one fit, or of several that certification has moved and that touch, solved. */
function solvable(fits: readonly SliceFit[], slices: readonly JointSlice[] | undefined): Solvable | SensitivityFailure {
  const systems = fits.map(quoteEquations);
  if (!systems.every(hasLevelQuotes)) {
    return { ok: false, reason: 'level-not-quoted', message: 'the forward is outside the strikes with a target' };
  }
  const minimum = slices === undefined ? ownSaddle(systems[0]!) : jointSaddle(slices);
  if (!minimum.ok) return minimum;
  const { saddle, residual, cost } = minimum;
  const scale = systems.reduce((sum, system) => sum + system.scale, 0);
  const step = saddle.step(residual);
  const saving = -0.5 * step.reduce((sum, value, i) => sum + value * residual[i]!, 0);
  if (saving > STATIONARY * cost + ROUNDING * scale) {
    const message = `a step would save ${saving} of the cost ${cost}`;
    return { ok: false, reason: 'not-a-minimum', message, value: saving, limit: STATIONARY * cost };
  }
  // Alone, a slice's minimum does not depend on its weight.
  const weightSlopes = fits.map((fit) => (fits.length === 1 ? undefined : slopesOfWeight(fit)));
  return {
    ok: true,
    carry(valueGradients) {
      const inward = systems.map((system, i) => inFreeVariables(system, valueGradients[i]!));
      const all = saddle.step(inward.flatMap((own) => [...own]));
      let offset = 0;
      return systems.map((system, i) => {
        const adjoint = all.subarray(offset, offset + system.jets.free);
        offset += system.jets.free;
        return carryToQuotes(system, valueGradients[i]!, adjoint, slices?.[i]?.weight, weightSlopes[i]);
      });
    },
  };
}

type Minimum = { ok: true; saddle: Saddle; residual: Float64Array; cost: number } | SensitivityFailure;

function ownSaddle({ jets, hessian, gradient, cost }: QuoteEquations): Minimum {
  const saddle = saddleOf(jets.free, hessian);
  return saddle.ok ? { ok: true, saddle, residual: gradient, cost } : saddle;
}

/** The saddle of slices under what they touch, and what the multipliers leave of their gradient. */
function jointSaddle(slices: readonly JointSlice[]): Minimum {
  const system = jointSystem(slices, touching(slices));
  const multipliers = leastMultipliers(system);
  if (multipliers === undefined) {
    return { ok: false, reason: 'undetermined', message: 'conditions that do not differ hold the slices' };
  }
  const wrong = multipliers.find((value) => !(value > 0));
  if (wrong !== undefined) {
    const message = 'a condition that a slice touches does not hold it back';
    return { ok: false, reason: 'not-a-minimum', message, value: wrong, limit: 0 };
  }
  const saddle = lagrangian(system, multipliers);
  if (!saddle.ok) return saddle;
  const residual = system.gradient.slice();
  system.conditions.forEach(({ gradient }, j) => {
    for (let a = 0; a < residual.length; a++) residual[a]! -= multipliers[j]! * gradient[a]!;
  });
  return { ok: true, saddle, residual, cost: system.cost };
}

/**
 * A slice counts by 1 / chi-square per degree of freedom of the fit it was: below 1 its weight falls as that fit's cost rises. At the
 * minimum the cost moves with the quotes alone.
 */
function slopesOfWeight(fit: SliceFit): WeightSlopes | undefined {
  const { from, weight } = fit.objective?.moved ?? { weight: 1 };
  if (from === undefined || weight >= 1) return undefined;
  const diagnostics = { ...fit.diagnostics, atBound: [] };
  const { cost, costByQuote, costByForward } = quoteEquations({ ...fit, parameters: from, diagnostics });
  const share = -weight / cost;
  return { byQuote: costByQuote.map((value) => share * value), byForward: share * costByForward };
}
