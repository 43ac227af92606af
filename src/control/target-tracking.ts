/**
 * The cheapest way to follow a target that moves with the state of the market, by backward induction.
 *
 *   V_t(x, r) = min over y of  cost(y - x) + g/2 s_r^2 (y - x*_r)^2 dt + sum_r' P(r, r') V_(t+1)(y, r'),   V_T = 0
 *
 * x is the position before the trade, y after it, r a regime with its own target x*_r and volatility s_r, moving by the transition
 * matrix P. The cost is any convex function of the trade; a proportional one gives a band around the target and trades to its edge.
 * Positions are on an even grid; since cost is convex and V is too, the best y rises with x, which makes the search linear.
 */
import { requireArray, requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import type { Matrix } from '../math/matrix.js';
import { square } from '../math/summary.js';

export interface TrackingInput {
  /** Even grid of positions: `count` from `from` to `to`. */
  grid: { from: number; to: number; count: number };
  regimes: readonly { target: number; volatility: number }[];
  /** Rows sum to 1. */
  transition: Matrix;
  /** Of a trade, 0 at 0, convex. */
  cost: (trade: number) => number;
  riskAversion: number;
  stepYears: number;
  steps: number;
}

export interface TrackingPolicy {
  positions: Float64Array;
  /** [step][regime][position]: index of the position to trade to. */
  policy: Int32Array;
  /** [regime][position]: expected cost from the first step on. */
  value: Float64Array;
  /** First step: by regime, the positions from and to which nothing is traded; undefined where everything is. */
  bands: ({ lower: number; upper: number } | undefined)[];
}

/** Throws InputError on shapes that differ, a matrix that is no transition, or a cost that is negative, not 0 at 0 or not convex. */
export function trackTarget(i: TrackingInput): TrackingPolicy {
  const { from, to, count } = i.grid;
  if (!Number.isInteger(count) || count < 2) throw new InputError('grid.count', count, 'a whole number, 2 or more');
  if (!(requireFinite('grid.from', from) < requireFinite('grid.to', to)))
    throw new InputError('grid.from', from, 'below to');
  if (!Number.isInteger(i.steps) || i.steps < 1) throw new InputError('steps', i.steps, 'a whole number, 1 or more');
  requireArray('regimes', i.regimes);
  const regimes = i.regimes.length;
  requireTransition(i.transition, regimes);
  const scale = 0.5 * requireNonNegative('riskAversion', i.riskAversion) * requirePositive('stepYears', i.stepYears);
  const width = (to - from) / (count - 1);
  const positions = Float64Array.from({ length: count }, (_, k) => (k === count - 1 ? to : from + k * width));
  const costs = tradingCosts(i.cost, count, width);
  const penalty = new Float64Array(regimes * count);
  i.regimes.forEach(({ target, volatility }, r) => {
    const variance = square(requireNonNegative(`regimes[${r}].volatility`, volatility));
    requireFinite(`regimes[${r}].target`, target);
    for (let k = 0; k < count; k++) penalty[r * count + k] = scale * variance * square(positions[k]! - target);
  });
  const policy = new Int32Array(i.steps * regimes * count);
  let value = new Float64Array(regimes * count);
  const after = new Float64Array(count);
  for (let t = i.steps - 1; t >= 0; t--) {
    const next = new Float64Array(regimes * count);
    for (let r = 0; r < regimes; r++) {
      for (let k = 0; k < count; k++) {
        let expected = penalty[r * count + k]!;
        for (let q = 0; q < regimes; q++) expected += i.transition[r]![q]! * value[q * count + k]!;
        after[k] = expected;
      }
      const row = (t * regimes + r) * count;
      let best = 0;
      for (let k = 0; k < count; k++) {
        // The best y does not fall as x rises; ties go to the smaller trade.
        let at = best;
        let least = after[best]! + costs[count - 1 + best - k]!;
        for (let y = best + 1; y < count; y++) {
          const total = after[y]! + costs[count - 1 + y - k]!;
          if (total < least || (total === least && Math.abs(y - k) < Math.abs(at - k))) [least, at] = [total, y];
        }
        best = at;
        policy[row + k] = best;
        next[r * count + k] = least;
      }
    }
    value = next;
  }
  const bands = i.regimes.map((_, r) => bandOf(positions, policy.subarray(r * count, (r + 1) * count)));
  return { positions, policy, value, bands };
}

function requireTransition(transition: Matrix, regimes: number): void {
  requireArray('transition', transition);
  if (regimes === 0 || transition.length !== regimes) {
    throw new InputError('transition.length', transition.length, `that of regimes, ${regimes}, above 0`);
  }
  transition.forEach((row, r) => {
    if (row.length !== regimes) throw new InputError(`transition[${r}].length`, row.length, `${regimes}`);
    const total = row.reduce((sum, p, q) => sum + requireNonNegative(`transition[${r}][${q}]`, p), 0);
    if (Math.abs(total - 1) > 1e-9) throw new InputError(`transition[${r}]`, total, 'numbers with sum 1');
  });
}

/** The cost of moving by d points, at index count - 1 + d. */
function tradingCosts(cost: (trade: number) => number, count: number, width: number): Float64Array {
  const costs = Float64Array.from({ length: 2 * count - 1 }, (_, k) =>
    requireNonNegative('cost', cost((k - count + 1) * width)),
  );
  if (costs[count - 1] !== 0) throw new InputError('cost', costs[count - 1], '0 for no trade');
  for (let k = 1; k < costs.length - 1; k++) {
    const curvature = costs[k - 1]! - 2 * costs[k]! + costs[k + 1]!;
    if (curvature < -1e-9 * (costs[k - 1]! + costs[k + 1]!)) throw new InputError('cost', curvature, 'convex');
  }
  return costs;
}

function bandOf(positions: Float64Array, policy: Int32Array): { lower: number; upper: number } | undefined {
  const still = Array.from(policy.keys()).filter((k) => policy[k] === k);
  if (still.length === 0) return undefined;
  return { lower: positions[still[0]!]!, upper: positions[still[still.length - 1]!]! };
}
