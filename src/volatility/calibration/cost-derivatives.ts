/**
 * The cost of a smile to its quotes with its gradient and full Hessian in the variables of its jets,
 *
 *   C = sum rho(r_j),   grad C = sum psi(r_j) r_j',   H = sum [ psi'(r_j) r_j' r_j'^T + psi(r_j) r_j'' ]
 */
import { derivative } from '../../math/jet.js';
import type { Jet } from '../../math/jet.js';
import { lossInfluence, lossSlope, lossValue } from '../../math/least-squares/loss.js';
import { inSpaceOfFit } from './quote-derivatives.js';
import { quoteResidual } from './quotes.js';
import type { FitQuotes } from './quotes.js';
import type { SmileJets } from './smile-jets.js';

/** A quote that counts: its residual, the model in the space of the fit, and psi and psi' there. */
export interface QuoteTerm {
  quote: number;
  residual: number;
  model: Jet;
  influence: number;
  slope: number;
}

export interface CostDerivatives {
  cost: number;
  /** In the free variables. */
  gradient: Float64Array;
  /** Rows the free variables, columns all of them, the last one t; row-major. */
  second: Float64Array;
  /** Residuals of all quotes. */
  residual: Float64Array;
  terms: QuoteTerm[];
}

/** How many variables jets have: the free ones, perhaps a level, and t. */
export function variablesIn({ free, hasLevel }: SmileJets): number {
  return free + (hasLevel ? 2 : 1);
}

export function costDerivatives(quotes: FitQuotes, jets: SmileJets): CostDerivatives {
  const { count, loss } = quotes;
  const { free } = jets;
  const all = variablesIn(jets);
  const gradient = new Float64Array(free);
  const second = new Float64Array(free * all);
  const residual = new Float64Array(count);
  const terms: QuoteTerm[] = [];
  let cost = 0;
  for (let i = 0; i < count; i++) {
    const w = jets.variance(quotes.k[i]!);
    const r = quoteResidual(quotes, i, w[0]!);
    residual[i] = r;
    if (Number.isNaN(quotes.volatility[i]!) && r === 0) continue;
    const c = quotes.inverseError[i]!;
    const halfWidth = quotes.deadzone[i];
    const influence = lossInfluence(loss, r, halfWidth);
    const slope = lossSlope(loss, r, halfWidth);
    const model = inSpaceOfFit(quotes, i, w);
    cost += 0.5 * lossValue(loss, r, halfWidth);
    for (let a = 0; a < free; a++) {
      const ra = c * derivative(model, a);
      gradient[a]! += influence * ra;
      for (let b = 0; b < all; b++) {
        second[a * all + b]! += c * (slope * ra * derivative(model, b) + influence * derivative(model, a, b));
      }
    }
    terms.push({ quote: i, residual: r, model, influence, slope });
  }
  return { cost, gradient, second, residual, terms };
}

/** The square part of `second`, in the free variables. */
export function freeHessian({ second }: CostDerivatives, jets: SmileJets): Float64Array {
  const { free } = jets;
  const all = variablesIn(jets);
  return Float64Array.from({ length: free * free }, (_, at) => second[Math.floor(at / free) * all + (at % free)]!);
}
