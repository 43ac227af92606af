/**
 * What forced rebalancing to a leverage target makes of a shock. A holder of leverage L and equity E who restores L after a return r
 * trades L (L - 1) E r, with the move; in a market whose depth is D (value sold per unit of return) that moves the price by
 *
 *   kappa r,   kappa = L (L - 1) E / D
 *
 * again, and so on: the moves add up to r / (1 - kappa) where kappa < 1 and without bound where not.
 * Cheng and Madhavan (2009); Brunnermeier and Pedersen (2009).
 */
import { requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { log } from '../math/logarithm.js';

export interface SpiralInput {
  /** Negative for a short one: its trades go with the move as well. */
  leverage: number;
  equity: number;
  /** Value traded that moves the price by 100%. */
  depth: number;
  /** First return. */
  shock: number;
}

export type Spiral =
  | { diverges?: undefined; kappa: number; totalMove: number; amplification: number }
  /** `rounds` of selling until the moves have added up to the loss of all equity, 1/|L|; Infinity where nothing moves. */
  | { diverges: true; kappa: number; rounds: number };

/** Throws InputError where equity or depth is not positive or a number is not finite. */
export function deleveragingSpiral(i: SpiralInput): Spiral {
  const leverage = requireFinite('leverage', i.leverage);
  const kappa =
    (leverage * (leverage - 1) * requireNonNegative('equity', i.equity)) / requirePositive('depth', i.depth);
  const shock = requireFinite('shock', i.shock);
  if (kappa < 1) return { kappa, totalMove: shock / (1 - kappa), amplification: 1 / (1 - kappa) };
  return { diverges: true, kappa, rounds: roundsToRuin(kappa, Math.abs(shock), 1 / Math.abs(leverage)) };
}

/** Least n with shock (1 + kappa + ... + kappa^(n-1)) >= ruin. */
function roundsToRuin(kappa: number, shock: number, ruin: number): number {
  if (shock === 0) return Infinity;
  const needed = ruin / shock;
  const rounds = kappa === 1 ? needed : log(1 + needed * (kappa - 1)) / log(kappa);
  return Math.max(1, Math.ceil(rounds - 1e-12));
}
