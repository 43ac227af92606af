/**
 * Bands where trading costs a part of what is traded: around an option's delta, and around an allocation.
 *
 *   hedge       half width = (3/2 e^(-r T) l S gamma^2 / a)^(1/3), in delta     Whalley and Wilmott (1997)
 *   Leland      volatility sqrt(1 - sign(gamma) A),  A = sqrt(2/pi) k / (volatility sqrt(dt))     Leland (1985)
 *   allocation  half width = (3/(2g) w^2 (1-w)^2 l)^(1/3) around the Merton weight w     Janecek and Shreve (2004)
 *
 * l is the one-way cost and k = 2 l the round trip, a the absolute risk aversion (1 / currency), g the relative one. Gamma and the
 * band are in the same units: a portfolio's gamma in units per price gives the band of the portfolio's delta.
 */
import { requireFinite, requireNonNegative, requireOneOf, requirePositive } from '../check.js';
import { cubeRoot } from '../math/cube-root.js';
import { exp } from '../math/exponential.js';
import { asymptoticHalfWidth, mertonWeight } from './no-trade-region.js';

export interface HedgeBandInput {
  spot: number;
  gamma: number;
  /** As a part of what is traded. */
  oneWayCost: number;
  /** Absolute: per unit of the currency of the spot. */
  riskAversion: number;
  /** 0 where missing. */
  rate?: number | undefined;
  timeToExpiry: number;
}

/** Half width of the no-trade band around the delta hedge, in units of delta. Throws InputError on numbers out of range. */
export function hedgeBand(i: HedgeBandInput): { halfWidth: number } {
  const spot = requirePositive('spot', i.spot);
  const gamma = requireFinite('gamma', i.gamma);
  const cost = requireNonNegative('oneWayCost', i.oneWayCost);
  const aversion = requirePositive('riskAversion', i.riskAversion);
  const discount = exp(-requireFinite('rate', i.rate ?? 0) * requireNonNegative('timeToExpiry', i.timeToExpiry));
  return { halfWidth: cubeRoot((1.5 * discount * cost * spot * gamma * gamma) / aversion) };
}

export interface LelandInput {
  volatility: number;
  /** Of buying and selling again, as a part of what is traded: twice the one-way cost. */
  roundTripCost: number;
  /** Years between rehedges. */
  rehedgeYears: number;
  /** The sign of the position's gamma. */
  gamma: 'long' | 'short';
}

/**
 * The volatility at which discrete hedging with costs breaks even on average: lower than the asset's for who is long gamma, higher for
 * who is short. `collapsed` where costs eat all of a long gamma (Leland number of 1 or more) and the volatility returned is 0.
 */
export function lelandVolatility(i: LelandInput): { volatility: number; lelandNumber: number; collapsed: boolean } {
  const volatility = requirePositive('volatility', i.volatility);
  const cost = requireNonNegative('roundTripCost', i.roundTripCost);
  const step = requirePositive('rehedgeYears', i.rehedgeYears);
  const long = requireOneOf('gamma', i.gamma, ['long', 'short']) === 'long';
  const lelandNumber = (Math.sqrt(2 / Math.PI) * cost) / (volatility * Math.sqrt(step));
  const collapsed = long && lelandNumber >= 1;
  const factor = collapsed ? 0 : 1 + (long ? -1 : 1) * lelandNumber;
  return { volatility: volatility * Math.sqrt(factor), lelandNumber, collapsed };
}

export interface AllocationBandInput {
  drift: number;
  rate: number;
  volatility: number;
  /** Relative risk aversion. */
  riskAversion: number;
  oneWayCost: number;
  /** Smallest half width: the formula gives none at weights 0 and 1. 0 where missing. */
  minimumHalfWidth?: number | undefined;
}

/** The asymptotic no-trade band around the Merton weight, which may be above 1; the exact one is solveNoTradeRegion. */
export function allocationBand(i: AllocationBandInput): {
  target: number;
  halfWidth: number;
  lower: number;
  upper: number;
} {
  requireFinite('drift', i.drift);
  requireFinite('rate', i.rate);
  requirePositive('volatility', i.volatility);
  const aversion = requirePositive('riskAversion', i.riskAversion);
  const cost = requireNonNegative('oneWayCost', i.oneWayCost);
  const least = requireNonNegative('minimumHalfWidth', i.minimumHalfWidth ?? 0);
  const target = mertonWeight(i);
  const halfWidth = Math.max(asymptoticHalfWidth(target, aversion, cost), least);
  return { target, halfWidth, lower: target - halfWidth, upper: target + halfWidth };
}

/** The simplest trigger: rehedge each time the price has moved by `move` (a decimal) since the last hedge. */
export function moveTrigger(i: { price: number; lastHedgePrice: number; move: number }): boolean {
  const last = requirePositive('lastHedgePrice', i.lastHedgePrice);
  return Math.abs(requirePositive('price', i.price) / last - 1) >= requirePositive('move', i.move);
}
