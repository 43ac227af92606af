/**
 * When to look at a position at all: the five rules that say a rebalance is due, before the band of rebalance.ts says how much.
 *
 *   threshold               |e - e*| > b, or |e - e*| > b |e*|
 *   calendar                a period has passed since the last trade
 *   calendar-and-threshold  both
 *   cost-benefit            the gain g/2 s^2 (e - e*)^2 h of going to the target exceeds the cost of the trade
 *   emergency               a health figure is beyond its hard limit, whatever the band says
 */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive } from '../check.js';

interface Threshold {
  /** Half width of the band, in units of exposure or as a part of the target. */
  band: number;
  measure?: 'absolute' | 'relative' | undefined;
}

export type RebalanceTrigger =
  | ({ kind: 'threshold' } & Threshold)
  | { kind: 'calendar'; everyYears: number }
  | ({ kind: 'calendar-and-threshold'; everyYears: number } & Threshold)
  | {
      kind: 'cost-benefit';
      /** Per unit of wealth where exposure is a part of wealth, absolute where it is in currency. */
      riskAversion: number;
      /** Annual volatility of one unit of exposure. */
      volatility: number;
      /** Years over which the gain is counted. */
      horizonYears: number;
      /** Cost of trading a quantity, same unit as the gain; 0 at 0. */
      cost: (quantity: number) => number;
    }
  | { kind: 'emergency'; limit: number };

export interface TriggerState {
  current: number;
  target: number;
  /** Since the last trade. */
  yearsSinceTrade: number;
  /** Maintenance margin over equity, or another figure that is worse when higher; used by 'emergency'. */
  health?: number | undefined;
}

export interface TriggerDecision {
  due: boolean;
  /** The figure that decided and what it was held against. */
  value: number;
  limit: number;
}

const KINDS = ['threshold', 'calendar', 'calendar-and-threshold', 'cost-benefit', 'emergency'] as const;

/** Throws InputError on numbers out of range, or where 'emergency' has no health figure to go by. */
export function rebalanceDue(trigger: RebalanceTrigger, state: TriggerState): TriggerDecision {
  requireOneOf('kind', trigger.kind, KINDS);
  const target = requireFinite('target', state.target);
  const error = Math.abs(requireFinite('current', state.current) - target);
  const elapsed = requireNonNegative('yearsSinceTrade', state.yearsSinceTrade);
  const outside = ({ band, measure }: Threshold): TriggerDecision => {
    const relative = requireOneOf('measure', measure ?? 'absolute', ['absolute', 'relative']) === 'relative';
    const limit = requireNonNegative('band', band) * (relative ? Math.abs(target) : 1);
    return { due: error > limit, value: error, limit };
  };
  switch (trigger.kind) {
    case 'threshold':
      return outside(trigger);
    case 'calendar': {
      const limit = requirePositive('everyYears', trigger.everyYears);
      return { due: elapsed >= limit, value: elapsed, limit };
    }
    case 'calendar-and-threshold': {
      const limit = requirePositive('everyYears', trigger.everyYears);
      return elapsed >= limit ? outside(trigger) : { due: false, value: elapsed, limit };
    }
    case 'cost-benefit': {
      const spread = requireNonNegative('volatility', trigger.volatility) * error;
      const aversion = requireNonNegative('riskAversion', trigger.riskAversion);
      const gain = 0.5 * aversion * spread * spread * requireNonNegative('horizonYears', trigger.horizonYears);
      const cost = requireNonNegative('cost', trigger.cost(target - state.current));
      return { due: gain > cost, value: gain, limit: cost };
    }
    case 'emergency': {
      const health = requireFinite('health', state.health);
      return { due: health >= trigger.limit, value: health, limit: requireFinite('limit', trigger.limit) };
    }
  }
}
