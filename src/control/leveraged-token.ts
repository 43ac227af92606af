/**
 * Keeping a token or an account at a constant multiple of its value.
 *
 *   L = units price / NAV,   units wanted = L* NAV / price
 *   demand after a return r since the last rebalance:  (L*^2 - L*) NAV0 r, with the move for L* > 1 and for L* < 0
 *   recentring:  L+ = L (1 - s) + L* s within [minimum, maximum];   NAV ends at r = -1/L, beyond which nothing is left
 *
 * A trade leaves the NAV as it is but for its cost c of what is traded, and the leverage wanted is met after that cost. Cheng and
 * Madhavan, "The dynamics of leveraged and inverse exchange-traded funds" (2009).
 */
import { requireFinite, requireNonNegative, requirePositive, requireWithin } from '../check.js';
import { InputError } from '../errors.js';

export interface LeveragedTokenState {
  /** At the current price. */
  nav: number;
  /** Of the underlying held, negative for an inverse token. */
  units: number;
  price: number;
  /** Negative for an inverse token. */
  targetLeverage: number;
}

export interface LeveragedTokenOptions {
  /** Trade only once |L| is this many times |L*| (1 or more) or has lost its sign; at every call where both triggers are missing. */
  trigger?: number | undefined;
  /** The same from below: once |L| is at most this part of |L*|, from 0 to 1. */
  lowerTrigger?: number | undefined;
  /** Part s of the way to the target leverage to go; 1 where missing. */
  recentre?: number | undefined;
  /** Limits of the recentred leverage. */
  minimum?: number | undefined;
  maximum?: number | undefined;
  /** Largest trade, in units; the rest is for the next call. */
  maximumTrade?: number | undefined;
  /** Size of leverage at or above which the target is restored at once, whatever recentring and largest trade say. */
  ripcord?: number | undefined;
  /** Cost as a part of what is traded; 0 where missing. */
  costRate?: number | undefined;
}

export interface LeveragedTokenDecision {
  /** Before the trade; signed infinity where nothing is left but the position. */
  leverage: number;
  /** Units after a trade to the leverage wanted. */
  desiredUnits: number;
  /** Units to buy, negative to sell. */
  trade: number;
  /** After the cost of the trade. */
  nav: number;
  cost: number;
  reason: 'daily' | 'trigger' | 'ripcord' | 'none';
}

/**
 * Throws InputError on a price not above 0 or options out of range. A NAV of 0 or less closes the position: 'ripcord'.
 */
export function leveragedTokenStep(s: LeveragedTokenState, o: LeveragedTokenOptions = {}): LeveragedTokenDecision {
  const nav = requireFinite('nav', s.nav);
  const units = requireFinite('units', s.units);
  const price = requirePositive('price', s.price);
  const target = requireFinite('targetLeverage', s.targetLeverage);
  const costRate = requireNonNegative('costRate', o.costRate ?? 0);
  if (costRate * Math.abs(target) >= 1) throw new InputError('costRate', costRate, 'below 1/|targetLeverage|');
  const exposure = units * price;
  if (nav <= 0) {
    const cost = costRate * Math.abs(exposure);
    const leverage = units === 0 ? 0 : Math.sign(units) * Infinity;
    return { leverage, desiredUnits: 0, trade: 0 - units, nav: nav - cost, cost, reason: 'ripcord' };
  }
  const leverage = exposure / nav;
  const ripcord = o.ripcord !== undefined && Math.abs(leverage) >= requirePositive('ripcord', o.ripcord);
  const wanted = ripcord ? target : recentred(leverage, target, o);
  const full = tradeTo(wanted, { nav, units, price }, costRate);
  const desiredUnits = units + full;
  const still: LeveragedTokenDecision = { leverage, desiredUnits, trade: 0, nav, cost: 0, reason: 'none' };
  const daily = o.trigger === undefined && o.lowerTrigger === undefined;
  if (!ripcord && !daily && !isTriggered(leverage, target, o)) return still;
  const largest = o.maximumTrade === undefined || ripcord ? Infinity : requirePositive('maximumTrade', o.maximumTrade);
  const trade = Math.sign(full) * Math.min(Math.abs(full), largest);
  if (trade === 0) return still;
  const cost = costRate * Math.abs(trade) * price;
  const reason = ripcord ? 'ripcord' : daily ? 'daily' : 'trigger';
  return { leverage, desiredUnits, trade, nav: nav - cost, cost, reason };
}

function isTriggered(leverage: number, target: number, o: LeveragedTokenOptions): boolean {
  const upper = o.trigger ?? Infinity;
  if (!(upper >= 1)) throw new InputError('trigger', upper, '1 or more');
  const lower = requireWithin('lowerTrigger', o.lowerTrigger ?? 0, 0, 1);
  const along = Math.sign(target) * leverage;
  return along < 0 || along >= upper * Math.abs(target) || (lower > 0 && along <= lower * Math.abs(target));
}

function recentred(leverage: number, target: number, o: LeveragedTokenOptions): number {
  const speed = requireWithin('recentre', o.recentre ?? 1, 0, 1);
  const minimum = o.minimum ?? -Infinity;
  const maximum = o.maximum ?? Infinity;
  if (!(minimum <= maximum)) throw new InputError('minimum', minimum, `at most the maximum, ${maximum}`);
  return Math.min(Math.max(speed === 1 ? target : leverage * (1 - speed) + target * speed, minimum), maximum);
}

/** Units D with (units + D) price = L (nav - c price |D|); 0 where the leverage is there but for rounding. */
function tradeTo(leverage: number, s: { nav: number; units: number; price: number }, costRate: number): number {
  const wanted = (leverage * s.nav) / s.price;
  const gap = wanted - s.units;
  if (Math.abs(gap) <= 4 * Number.EPSILON * Math.abs(wanted)) return 0;
  return gap / (1 + Math.sign(gap) * costRate * leverage);
}

/** The currency amount a rebalance to L* buys after a return r since the last: (L*^2 - L*) NAV0 r, negative to sell. */
export function rebalanceDemand(i: { targetLeverage: number; navBefore: number; return: number }): number {
  const leverage = requireFinite('targetLeverage', i.targetLeverage);
  return (
    (leverage * leverage - leverage) * requirePositive('navBefore', i.navBefore) * requireFinite('return', i.return)
  );
}

/**
 * The return of the underlying that takes the leverage from L to k: (k - L)/(L (1 - k)). Throws InputError where there is none: a
 * leverage of 0 or 1 stays, and no return takes it across 1 or 0.
 */
export function triggerReturn(i: { leverage: number; triggerLeverage: number }): number {
  const from = requireFinite('leverage', i.leverage);
  const to = requireFinite('triggerLeverage', i.triggerLeverage);
  if (from === to) return 0;
  const side = (leverage: number): number =>
    leverage < 0 ? -1 : leverage > 1 ? 2 : leverage > 0 && leverage < 1 ? 1 : 0;
  if (side(from) === 0 || side(from) !== side(to)) {
    throw new InputError('triggerLeverage', to, `on the same side of 0 and 1 as the leverage, ${from}`);
  }
  return (to - from) / (from * (1 - to));
}

/** One step of the index a constantly leveraged token follows: I (1 + r L - borrow (L - 1)), `borrowRate` for the step; never below 0. */
export function leveragedIndexStep(i: { index: number; return: number; leverage: number; borrowRate: number }): number {
  const leverage = requireFinite('leverage', i.leverage);
  const growth =
    requireFinite('return', i.return) * leverage - requireFinite('borrowRate', i.borrowRate) * (leverage - 1);
  return Math.max(requireNonNegative('index', i.index) * (1 + growth), 0);
}
