/**
 * One fit as equations in its free variables x and its quotes q: the cost C(x, q) with gradient and full Hessian in x, and how both
 * depend on each quote and on the forward, F e^t at fixed strikes and quoted volatilities.
 */
import { InputError } from '../../errors.js';
import { derivative } from '../../math/jet.js';
import { costDerivatives, freeHessian, variablesIn } from './cost-derivatives.js';
import type { SliceFit } from './fit.js';
import { quoteDerivatives, volatilitiesByForward } from './quote-derivatives.js';
import { fitQuotes } from './quotes.js';
import type { FitQuotes } from './quotes.js';
import { moneyBracket } from './sabr-search.js';
import { smileJets } from './smile-jets.js';
import type { SmileJets } from './smile-jets.js';

export interface QuoteEquations {
  fit: SliceFit;
  quotes: FitQuotes;
  jets: SmileJets;
  cost: number;
  /** Of the cost in the free variables. */
  gradient: Float64Array;
  /** free x free, row-major. */
  hessian: Float64Array;
  /** d gradient / dq of each quote. */
  byQuote: Float64Array[];
  /** d gradient / d(variable), for the level and t. */
  byVariable: (index: number) => Float64Array;
  /** dC/dq of each quote, and dC/dt. */
  costByQuote: Float64Array;
  costByForward: number;
  /** Sum of squares of the quotes over their errors. */
  scale: number;
}

export function quoteEquations(fit: SliceFit): QuoteEquations {
  const { input } = fit;
  const objective = fit.objective ?? {};
  const quotes = fitQuotes(input, objective);
  const jets = smileJets(fit);
  const { count, loss } = quotes;
  const { free } = jets;
  const all = variablesIn(jets);
  const t = all - 1;
  const system = costDerivatives(quotes, jets);
  const { cost, gradient, second, residual, terms } = system;
  const change = quoteDerivatives(input, objective, quotes, residual);
  const byQuote = Array.from({ length: count }, () => new Float64Array(free));
  const byAllWeights = new Float64Array(free);
  const costByQuote = new Float64Array(count);
  let costByAllWeights = 0;
  let costByForward = 0;
  let scale = 0;
  for (const { quote: i, residual: r, model, influence: psi, slope } of terms) {
    const target = quotes.volatility[i]!;
    const c = quotes.inverseError[i]!;
    if (!Number.isNaN(target)) scale += (target / quotes.deviation[i]!) ** 2;
    // The dead zone is as wide as the quote's error allows, so it scales with the weight but not with the space.
    const hasDeadzone = loss === 'spread-deadzone';
    const byScale = slope * r + psi;
    const byWeight = hasDeadzone ? 2 * psi : byScale;
    for (let a = 0; a < free; a++) {
      const ra = c * derivative(model, a);
      second[a * all + t]! +=
        ra *
        (-slope * c * change.targetByForward[i]! +
          change.scaleByForward[i]! * byScale +
          change.weightByForward[i]! * byWeight);
      byQuote[i]![a]! +=
        ra * (-slope * c * change.target[i]! + change.scale[i]! * byScale + change.weight[i]! * byWeight);
      byAllWeights[a]! += ra * byWeight;
    }
    const costByScale = psi * r;
    const costByWeight = hasDeadzone ? psi * psi : costByScale;
    costByQuote[i]! += -psi * c * change.target[i]! + change.scale[i]! * costByScale + change.weight[i]! * costByWeight;
    costByForward +=
      psi * c * (derivative(model, t) - change.targetByForward[i]!) +
      change.scaleByForward[i]! * costByScale +
      change.weightByForward[i]! * costByWeight;
    costByAllWeights += costByWeight;
  }
  for (let a = 0; a < free; a++) {
    second[a * all + t]! += byAllWeights[a]! * change.allWeightsByForward;
    for (let i = 0; i < count; i++) byQuote[i]![a]! += byAllWeights[a]! * change.allWeights[i]!;
  }
  for (let i = 0; i < count; i++) costByQuote[i]! += costByAllWeights * change.allWeights[i]!;
  costByForward += costByAllWeights * change.allWeightsByForward;
  return {
    fit,
    quotes,
    jets,
    cost,
    gradient,
    hessian: freeHessian(system, jets),
    byQuote,
    byVariable: (b) => Float64Array.from({ length: free }, (_, a) => second[a * all + b]!),
    costByQuote,
    costByForward,
    scale,
  };
}

/** What a value owes to the quotes of one fit. */
export interface CarriedGradient {
  perVolatility: number[];
  /** At fixed strikes and quoted volatilities. */
  perForwardAtVolatility: number;
  /** At fixed strikes and undiscounted option prices. */
  perForward: number;
}

/** What the weight of a fit's cost owes to its quotes and to t. */
export interface WeightSlopes {
  byQuote: Float64Array;
  byForward: number;
}

/** The gradient of a value in the parameters, in the free variables. */
export function inFreeVariables({ jets }: QuoteEquations, valueGradient: readonly number[]): Float64Array {
  return Float64Array.from({ length: jets.free }, (_, a) => along(jets, valueGradient, a));
}

function along({ parameters }: SmileJets, valueGradient: readonly number[], variable: number): number {
  return parameters.reduce((sum, parameter, i) => sum + valueGradient[i]! * derivative(parameter, variable), 0);
}

/** Whether a fit held to a volatility at the forward has quotes around it. */
export function hasLevelQuotes({ jets, quotes }: QuoteEquations): boolean {
  return !jets.hasLevel || moneyBracket(quotes) !== undefined;
}

/**
 * The gradient of a value carried to the quotes: `adjoint` is the step that the conditions of the minimum make of its gradient in the
 * free variables, `weight` what the cost counts for.
 */
export function carryToQuotes(
  system: QuoteEquations,
  valueGradient: readonly number[],
  adjoint: Float64Array,
  weight = 1,
  weightSlopes?: WeightSlopes,
): CarriedGradient {
  const { fit, quotes, jets, gradient, byQuote, byVariable } = system;
  const { input } = fit;
  const { free } = jets;
  const t = variablesIn(jets) - 1;
  const dot = (column: Float64Array): number => column.reduce((sum, value, a) => sum + value * adjoint[a]!, 0);
  const pull = weightSlopes === undefined ? 0 : dot(gradient);
  const perVolatility = byQuote.map((column, i) => weight * dot(column) + pull * (weightSlopes?.byQuote[i] ?? 0));
  let byForward = along(jets, valueGradient, t) + weight * dot(byVariable(t)) + pull * (weightSlopes?.byForward ?? 0);
  if (jets.hasLevel) {
    const { below, above, share } = requireBracket(system);
    const byLevel = along(jets, valueGradient, free) + weight * dot(byVariable(free));
    perVolatility[below]! += (1 - share) * byLevel;
    perVolatility[above]! += share * byLevel;
    // The smile of the quotes moves to the left by t.
    const gap = quotes.k[above]! - quotes.k[below]!;
    byForward += gap === 0 ? 0 : (byLevel * (quotes.volatility[above]! - quotes.volatility[below]!)) / gap;
  }
  const displacement = 'shift' in fit.parameters ? (fit.parameters.shift ?? 0) : 0;
  const perForwardAtVolatility = byForward / (input.forward + displacement);
  const moves = volatilitiesByForward(input, fit.objective?.form === 'normal', quotes, displacement);
  const perForward = perVolatility.reduce((sum, value, j) => sum + value * moves[j]!, perForwardAtVolatility);
  return { perVolatility, perForwardAtVolatility, perForward };
}

function requireBracket({ quotes, fit }: QuoteEquations): NonNullable<ReturnType<typeof moneyBracket>> {
  const bracket = moneyBracket(quotes);
  if (bracket === undefined) throw new InputError('fit', fit.parameters, 'held to a volatility its quotes bracket');
  return bracket;
}
