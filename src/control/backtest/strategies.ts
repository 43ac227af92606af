/**
 * Rules for one asset as strategies of a backtest, each built from the decision functions of its neighbours. They decide on what they
 * hold once orders on their way are filled, so that a longer lag neither undoes nor repeats an order. A strategy that remembers
 * (a ratcheted floor, the date of the last trade) is made anew for every run.
 */
import { requireFinite, requireNonNegative, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { log } from '../../math/logarithm.js';
import { cppiStep, tippFloor } from '../cppi.js';
import { leveragedTokenStep } from '../leveraged-token.js';
import type { LeveragedTokenOptions } from '../leveraged-token.js';
import { shouldRebalance } from '../rebalance.js';
import { volTargetLeverage } from '../vol-target.js';
import type { History, BacktestStrategy } from './backtest-input.js';

/** Bought once and kept: the benchmark of all others. Throws InputError on a leverage that is not finite. */
export function holdStrategy(leverage = 1): BacktestStrategy {
  requireFinite('leverage', leverage);
  return (history, { equity, target: units }) => (history.t === 0 ? (leverage * equity) / history.bar(0).close : units);
}

export interface VolTargetStrategyOptions {
  /** Annual. */
  targetVolatility: number;
  maximumLeverage: number;
  /** Weight of yesterday's variance in today's, below 1. */
  lambda: number;
  /** Bars before the first trade, whose returns seed the variance; at least 2. */
  warmUp: number;
  /** 365 for an asset that trades every day, 252 for one that follows a stock exchange. */
  periodsPerYear: number;
  /** Leverage may differ from its target by this before anything is traded; 0 where missing. */
  band?: number | undefined;
}

/** Long, at the leverage that brings exponentially weighted volatility to its target. Throws InputError on options that cannot be. */
export function volTargetStrategy(options: VolTargetStrategyOptions): BacktestStrategy {
  const { targetVolatility, maximumLeverage, lambda, warmUp, periodsPerYear } = options;
  if (!(lambda > 0 && lambda < 1)) throw new InputError('lambda', lambda, 'between 0 and 1, ends excluded');
  if (!(Number.isInteger(warmUp) && warmUp >= 2))
    throw new InputError('warmUp', warmUp, 'a whole number of at least 2');
  requirePositive('periodsPerYear', periodsPerYear);
  let variance = 0;
  return (history, { equity, target: ordered }) => {
    const { t } = history;
    const squared = t === 0 ? 0 : logReturn(history, t) ** 2;
    variance = t <= warmUp ? variance + squared / warmUp : lambda * variance + (1 - lambda) * squared;
    if (t < warmUp || equity <= 0) return 0;
    const { target } = volTargetLeverage({
      targetVolatility,
      forecastVolatility: Math.sqrt(variance * periodsPerYear),
      minimum: 0,
      maximum: maximumLeverage,
    });
    const price = history.bar(t).close;
    const current = (ordered * price) / equity;
    const { trade } = shouldRebalance({ current, target, band: options.band ?? 0, destination: 'target' });
    return trade === 0 ? ordered : ((current + trade) * equity) / price;
  };
}

export interface CppiStrategyOptions {
  /** Share of the initial equity to keep. */
  floor: number;
  multiplier: number;
  maximumLeverage: number;
  /** Share of the highest equity the floor follows up to; no ratchet where missing. */
  ratchet?: number | undefined;
  /** No trade while exposure is within this part of the exposure wanted; 0 where missing. The flight from the floor never waits. */
  threshold?: number | undefined;
}

/** Exposure of a multiple of what is above the floor. Throws InputError on options that cannot be. */
export function cppiStrategy(options: CppiStrategyOptions): BacktestStrategy {
  requireFinite('floor', options.floor);
  const { multiplier, maximumLeverage, ratchet } = options;
  const threshold = requireNonNegative('threshold', options.threshold ?? 0);
  let floor: number | undefined;
  return (history, { equity, target: units }) => {
    floor ??= options.floor * equity;
    if (ratchet !== undefined) floor = tippFloor({ floor, value: equity, kept: ratchet });
    const { exposure } = cppiStep({ value: equity, floor, multiplier, maximumLeverage });
    const wanted = exposure / history.bar(history.t).close;
    return units !== 0 && Math.abs(wanted - units) <= threshold * wanted ? units : wanted;
  };
}

/** Constant leverage restored by the rules of a leveraged token. Its costs are the backtest's, not `costRate`. */
export function leveragedTokenStrategy(
  targetLeverage: number,
  options: Omit<LeveragedTokenOptions, 'costRate'> = {},
): BacktestStrategy {
  return (history, { equity, target: units }) => {
    if (equity <= 0) return 0;
    const price = history.bar(history.t).close;
    // The first position is bought whole.
    if (units === 0) return (targetLeverage * equity) / price;
    return units + leveragedTokenStep({ nav: equity, units, price, targetLeverage }, options).trade;
  };
}

export type FixedWeightRule =
  | { kind: 'band'; band: number; destination: 'target' | 'boundary' | 'halfway' }
  /** Every so many bars. */
  | { kind: 'calendar'; every: number };

/** A fixed share of equity in the asset, restored at the edge of a band or by the calendar. Throws InputError on a rule that cannot be. */
export function fixedWeightStrategy(weight: number, rule: FixedWeightRule): BacktestStrategy {
  requireFinite('weight', weight);
  if (rule.kind === 'calendar' && !(Number.isInteger(rule.every) && rule.every >= 1)) {
    throw new InputError('every', rule.every, 'a whole number of bars, at least 1');
  }
  return (history, { equity, target: units }) => {
    if (equity <= 0) return 0;
    const { t } = history;
    const price = history.bar(t).close;
    const toTarget = (weight * equity) / price;
    if (units === 0) return toTarget;
    if (rule.kind === 'calendar') return t % rule.every === 0 ? toTarget : units;
    const current = (units * price) / equity;
    const { trade } = shouldRebalance({ current, target: weight, ...rule });
    return trade === 0 ? units : ((current + trade) * equity) / price;
  };
}

function logReturn(history: History, t: number): number {
  return log(history.bar(t).close / history.bar(t - 1).close);
}
