/**
 * One decision of a band: inside it nothing is traded, outside the position is brought to the target, to the edge of the band, or
 * halfway between the two.
 *
 * Trading to the edge is right where costs are proportional, trading to the target or between where each trade has a fixed cost. Lots
 * are rounded to the nearest, ties towards no trade, so that a second call right after the trade trades nothing.
 */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive } from '../check.js';

export interface RebalanceInput {
  /** Position now and wanted, in the same unit as band, lot and trade. */
  current: number;
  target: number;
  /** Half width of the band around the target. */
  band: number;
  /** 'halfway': the point between the target and the edge of the band. */
  destination: 'target' | 'boundary' | 'halfway';
  /** Trades are multiples of this; not rounded where missing. */
  lot?: number | undefined;
  /** Smallest trade worth sending; 0 where missing. */
  minimumTrade?: number | undefined;
}

export interface RebalanceDecision {
  /** To be added to the position. */
  trade: number;
  /** 'below-minimum' where the trade is smaller than `minimumTrade` or than half a lot. */
  reason: 'inside-band' | 'below-minimum' | 'rebalance';
}

/** Part of the band that is left after a trade to each destination. */
const REMAINDER = { target: 0, boundary: 1, halfway: 0.5 } as const;

/** Throws InputError on a number that is not finite, a band or minimum below 0 or a lot not above 0. */
export function shouldRebalance(i: RebalanceInput): RebalanceDecision {
  const error = requireFinite('current', i.current) - requireFinite('target', i.target);
  const band = requireNonNegative('band', i.band);
  const remainder = REMAINDER[requireOneOf('destination', i.destination, ['target', 'boundary', 'halfway'])];
  const minimum = requireNonNegative('minimumTrade', i.minimumTrade ?? 0);
  // The position is a rounded sum of earlier trades: what it misses the edge by in the last digits is not outside.
  const rounding = 1e-9 * band + 4 * Number.EPSILON * Math.max(Math.abs(i.current), Math.abs(i.target));
  if (Math.abs(error) <= band + rounding) return { trade: 0, reason: 'inside-band' };
  const wanted = -Math.sign(error) * (Math.abs(error) - remainder * band);
  const trade = i.lot === undefined ? wanted : nearestMultiple(wanted, requirePositive('lot', i.lot));
  if (trade === 0 || Math.abs(trade) < minimum) return { trade: 0, reason: 'below-minimum' };
  return { trade, reason: 'rebalance' };
}

/** The nearest multiple of `lot`, ties and last digits towards 0. */
function nearestMultiple(x: number, lot: number): number {
  const lots = Math.ceil((Math.abs(x) / lot) * (1 - 8 * Number.EPSILON) - 0.5);
  return lots <= 0 ? 0 : Math.sign(x) * lots * lot;
}
