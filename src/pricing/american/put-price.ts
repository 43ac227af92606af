/** The value of a put of strike 1 by spectral collocation: the European value and the integral of what early exercise earns. */
import { europeanPut, intrinsicPut, type CanonicalPut } from './canonical-put.js';
import { exercisePremium } from './premium.js';
import { isExercised, solveEdges, type Accuracy } from './put-edges.js';
import {
  addPremium,
  emptyPremium,
  europeanPutGreeks,
  exercisedPut,
  withPremium,
  type PutGreeks,
} from './put-greeks.js';
import { twoEdgePremium } from './two-edges.js';

/** Positive volatility and time. NaN where the boundary could not be found. */
export function putPrice(given: CanonicalPut, accuracy: Accuracy): number {
  const edges = solveEdges(given, accuracy);
  if (edges.kind === 'never') return europeanPut(given);
  if (edges.kind === 'failed') return NaN;
  if (isExercised(edges, given.logMoneyness)) return intrinsicPut(given);
  const put = edges.kind === 'one-edge' ? settled(given, edges.timeToExpiry) : given;
  const { rate, dividendYield, volatility, timeToExpiry, logMoneyness } = put;
  const european = europeanPut(put);
  const premium =
    edges.kind === 'one-edge'
      ? exercisePremium(edges.grid, logMoneyness, rate, dividendYield, volatility, timeToExpiry)
      : twoEdgePremium(edges.edges, put, edges.horizon);
  const value = premium > 0 ? european + premium : european;
  return Math.max(value, intrinsicPut(put));
}

/** Value and derivatives, under the same conditions; undefined where the boundary could not be found. */
export function putGreeks(given: CanonicalPut, accuracy: Accuracy): PutGreeks | undefined {
  const edges = solveEdges(given, accuracy);
  if (edges.kind === 'never') return europeanPutGreeks(given);
  if (edges.kind === 'failed') return undefined;
  if (isExercised(edges, given.logMoneyness)) return exercisedPut(given);
  const put = edges.kind === 'one-edge' ? settled(given, edges.timeToExpiry) : given;
  const premium = emptyPremium();
  const complete =
    edges.kind === 'one-edge'
      ? addPremium(premium, edges.grid, put, 'upper', put.timeToExpiry, 1)
      : addPremium(premium, edges.edges.upper, put, 'upper', edges.horizon, 1) &&
        addPremium(premium, edges.edges.lower, put, 'lower', edges.horizon, -1);
  return complete ? withPremium(put, premium) : undefined;
}

/** The put of a time from which on nothing changes. */
function settled(put: CanonicalPut, timeToExpiry: number): CanonicalPut {
  return timeToExpiry < put.timeToExpiry ? { ...put, timeToExpiry } : put;
}
