/**
 * The no-trade region learned from simulated returns alone, as a check on the dynamic program that knows their law.
 *
 *   H(a) <- H(a) + rate [ ln G + h(w') - h(centre) - H(a) ]            (g = 1)
 *   V(a) <- V(a) + rate [ (G e^(h(w') - h(centre)))^(1-g) - V(a) ],  H = ln V/(1-g)
 *   h(w) = max over a of H(a) + ln of what trading from w to a leaves of wealth
 *
 * Tabular, average-reward Q-learning. The cost of a trade is known and only the market has to be learned, so the table is kept by the
 * weight after the trade, Q(w, a) = cost(w, a) + H(a). A return does not depend on the weight: each one drawn teaches every entry, and
 * so do its mirror image and their shared noise, which cancels where entries are compared. The greedy policy reads the table averaged
 * over the last part of the run (Polyak and Juditsky 1992). Watkins (1989); Abounadi, Bertsekas and Borkar (2001); Borkar (2002) for
 * risk-averse rewards.
 */
import { requireFinite, requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { exp, expm1 } from '../math/exponential.js';
import { log, log1p } from '../math/logarithm.js';
import { seededRandom } from '../math/random.js';
import type { NoTradeRegionInput } from './no-trade-region.js';

/** The problem of the dynamic program. */
export interface QLearningInput extends Omit<NoTradeRegionInput, 'grid' | 'nodes'> {
  /** Even grid of weights, within [0, 1]. */
  weights: { from: number; to: number; count: number };
  /** Returns drawn, each with its mirror image. */
  episodes: number;
  seed: number;
}

export interface QLearningPolicy {
  weights: Float64Array;
  /** H by weight after the trade, less H at the centre. */
  value: Float64Array;
  /** Index of the weight to trade to from each weight. */
  policy: Int32Array;
  /** First and last weight that is kept. */
  lower: number;
  upper: number;
}

/** Part of the run after which the table is averaged. */
const AVERAGED_FROM = 0.5;

/** The same input gives the same policy. Throws InputError on numbers out of range. */
export function qLearnPolicy(i: QLearningInput): QLearningPolicy {
  const { from, to, count } = i.weights;
  if (!Number.isInteger(count) || count < 5) throw new InputError('weights.count', count, 'a whole number, 5 or more');
  if (!(from >= 0 && from < to && to <= 1))
    throw new InputError('weights.from', from, 'from 0 to below weights.to, at most 1');
  if (!Number.isInteger(i.episodes) || i.episodes < 1)
    throw new InputError('episodes', i.episodes, 'a whole number, 1 or more');
  const cost = requireNonNegative('oneWayCost', i.oneWayCost);
  if (cost >= 1) throw new InputError('oneWayCost', cost, 'below 1');
  const g = requirePositive('riskAversion', i.riskAversion);
  const sigma = requirePositive('volatility', i.volatility);
  const dt = requirePositive('step', i.step);
  const mean = (requireFinite('drift', i.drift) - 0.5 * sigma * sigma) * dt;
  const cash = exp(requireFinite('rate', i.rate) * dt);
  const random = seededRandom(i.seed);
  const width = (to - from) / (count - 1);
  const weights = Float64Array.from({ length: count }, (_, k) => (k === count - 1 ? to : from + k * width));
  const buying = weights.map((w) => log1p(cost * w));
  const selling = weights.map((w) => log1p(-cost * w));
  const centre = (count - 1) >> 1;
  const table = new Float64Array(count);
  const averaged = new Float64Array(count);
  const h = new Float64Array(count);
  const target = new Float64Array(count);
  const power = 1 - g;
  const burn = Math.floor(AVERAGED_FROM * i.episodes);
  for (let episode = 0; episode < i.episodes; episode++) {
    greedy(table, buying, selling, h);
    const reference = h[centre]!;
    const noise = sigma * Math.sqrt(dt) * random.normal();
    target.fill(0);
    for (const gross of [exp(mean + noise), exp(mean - noise)]) {
      for (let k = 0; k < count; k++) {
        const growth = weights[k]! * gross + (1 - weights[k]!) * cash;
        const next = (weights[k]! * gross) / growth;
        // Beyond the grid the investor trades back to its edge, at cost.
        const inside = Math.min(Math.max(next, from), to);
        const position = (inside - from) / width;
        const left = Math.min(Math.floor(position), count - 2);
        const share = position - left;
        const there =
          log(growth) + tradingLoss(next, inside, cost) + (1 - share) * h[left]! + share * h[left + 1]! - reference;
        target[k]! += 0.5 * (power === 0 ? there : expm1(power * there));
      }
    }
    // Falls as the square root, so that the average over the tail converges fastest.
    const rate = 1 / (1 + Math.sqrt(episode));
    for (let k = 0; k < count; k++) {
      const known = power === 0 ? table[k]! : expm1(power * table[k]!);
      const moved = known + rate * (target[k]! - known);
      table[k] = power === 0 ? moved : log1p(moved) / power;
      if (episode >= burn) averaged[k]! += (table[k]! - averaged[k]!) / (episode - burn + 1);
    }
  }
  const policy = greedy(averaged, buying, selling, h);
  const kept = Array.from(policy.keys()).filter((k) => policy[k] === k);
  const base = averaged[centre]!;
  return {
    ...{ weights, policy, value: averaged.map((value) => value - base) },
    ...{ lower: weights[kept[0]!]!, upper: weights[kept[kept.length - 1]!]! },
  };
}

/** Log of what is left of wealth after trading from weight `from` to `to`. */
function tradingLoss(from: number, to: number, cost: number): number {
  if (from === to) return 0;
  return from < to ? log1p(cost * from) - log1p(cost * to) : log1p(-cost * from) - log1p(-cost * to);
}

/** Writes h and returns the index traded to: the running best of H - ln(1 + l w) from above, of H - ln(1 - l w) from below. */
function greedy(table: Float64Array, buying: Float64Array, selling: Float64Array, h: Float64Array): Int32Array {
  const count = table.length;
  const policy = new Int32Array(count);
  let best = count - 1;
  for (let k = count - 1; k >= 0; k--) {
    if (table[k]! - buying[k]! >= table[best]! - buying[best]!) best = k;
    policy[k] = best;
    h[k] = buying[k]! + table[best]! - buying[best]!;
  }
  best = 0;
  for (let k = 0; k < count; k++) {
    if (table[k]! - selling[k]! >= table[best]! - selling[best]!) best = k;
    const sold = selling[k]! + table[best]! - selling[best]!;
    if (sold > h[k]!) {
      h[k] = sold;
      policy[k] = best;
    }
  }
  return policy;
}
