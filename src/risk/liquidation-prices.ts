/**
 * The prices at which an account no longer has its maintenance margin: every root in S of
 *
 *   f(S) = equity(S) - maintenance(S)
 *
 * with the whole account valued anew at each S: options, collateral in coin, and the margin under the venue's own rules. f need not be
 * monotone, so both sides are walked on a grid in ln S with every strike in it, and each change of sign is solved by Brent. For one
 * linear or inverse future the closed forms are here as well.
 */
import { requireNonNegative, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import { brent } from '../math/brent.js';
import type { Account } from '../portfolio/account.js';
import type { MarketSnapshot } from '../portfolio/snapshot.js';
import type { SmileDynamics } from '../volatility/smile/dynamics.js';
import { collateralEquity } from './account-health.js';
import type { MarginResult } from './margin/margin.js';
import { shiftMarket } from './shift-market.js';

export interface LiquidationOptions {
  /** Whose price moves; forwards, marks and the exchange rates of its coin move with it. */
  underlying: string;
  margin: (account: Account, snapshot: MarketSnapshot) => MarginResult;
  /** Of the smile; 'sticky-strike' where missing. */
  dynamics?: SmileDynamics | undefined;
  /** How far to look on either side, as a multiple of the spot; 20 where missing. */
  reach?: number | undefined;
}

export interface LiquidationPrices {
  /** The nearest below and above the spot. */
  below?: number | undefined;
  above?: number | undefined;
  /** All of them, rising. */
  roots: number[];
  searched: [number, number];
  reason?: 'none-in-range' | undefined;
}

/** Grid points on either side, beside the strikes. */
const POINTS = 60;

/** Throws InputError where the underlying has no market, and as the margin rules and the valuation do. */
export function liquidationPrices(
  account: Account,
  snapshot: MarketSnapshot,
  options: LiquidationOptions,
): LiquidationPrices {
  const { underlying, margin, dynamics = 'sticky-strike', reach = 20 } = options;
  if (!Object.hasOwn(snapshot.underlyings, underlying)) {
    throw new InputError('underlying', underlying, 'one of the snapshot');
  }
  if (!(reach > 1)) throw new InputError('reach', reach, 'above 1');
  const spot = requirePositive('spot', snapshot.underlyings[underlying]!.spot);
  const excess = (price: number): number => {
    const moved =
      price === spot
        ? snapshot
        : shiftMarket(snapshot, [{ factor: 'spot', underlying, kind: 'set', size: price }], dynamics);
    const required = margin(account, moved);
    return collateralEquity(account, moved, required.currency) - required.maintenanceMargin;
  };

  const searched: [number, number] = [spot / reach, spot * reach];
  const grid = gridOf(account, underlying, spot, reach);
  const values = grid.map(excess);
  const roots: number[] = [];
  for (let i = 0; i < grid.length; i++) {
    if (values[i] === 0) roots.push(grid[i]!);
    if (i === 0 || values[i] === 0 || values[i - 1] === 0 || values[i]! > 0 === values[i - 1]! > 0) continue;
    roots.push(
      brent(excess, grid[i - 1]!, grid[i]!, { tolerance: 1e-12 * spot, atLower: values[i - 1], atUpper: values[i] }),
    );
  }
  const below = roots.filter((root) => root < spot).at(-1);
  const above = roots.find((root) => root >= spot);
  return { below, above, roots, searched, ...(roots.length === 0 ? { reason: 'none-in-range' as const } : {}) };
}

function gridOf(account: Account, underlying: string, spot: number, reach: number): number[] {
  const strikes = account.positions.flatMap(({ instrument }) =>
    instrument.kind === 'option' && instrument.underlying === underlying ? [instrument.strike] : [],
  );
  const steps = Array.from({ length: 2 * POINTS + 1 }, (_, i) => spot * reach ** (i / POINTS - 1));
  steps[POINTS] = spot;
  const inside = strikes.filter((strike) => strike > spot / reach && strike < spot * reach);
  return [...new Set([...steps, ...inside])].sort((a, b) => a - b);
}

export interface FutureLiquidation {
  style: 'linear' | 'inverse';
  /** Units of the underlying (linear) or dollars of contracts (inverse), long positive. */
  quantity: number;
  entryPrice: number;
  /** Cash in the quote currency (linear) or in coin (inverse). */
  cash: number;
  /** Of the notional at the mark. */
  maintenanceRate: number;
}

/**
 * Where equity equals rate times notional, for a future and cash alone; undefined where no price above 0 does it.
 *
 *   linear   P = (q P0 - C)/(q (1 - mm)) long,  (C + |q| P0)/(|q| (1 + mm)) short
 *   inverse  P = N (1 + mm)/(B + N/P0) long,  |N| (1 - mm)/(|N|/P0 - B) short, none where B >= |N|/P0
 */
export function futureLiquidationPrice(i: FutureLiquidation): number | undefined {
  const size = Math.abs(i.quantity);
  if (!(size > 0) || size === Infinity) throw new InputError('quantity', i.quantity, 'a finite number other than 0');
  const entry = requirePositive('entryPrice', i.entryPrice);
  const rate = requireNonNegative('maintenanceRate', i.maintenanceRate);
  if (!Number.isFinite(i.cash)) throw new InputError('cash', i.cash, 'a finite number');
  const isLong = i.quantity > 0;
  let price: number;
  if (i.style === 'linear') {
    price = isLong ? (size * entry - i.cash) / (size * (1 - rate)) : (i.cash + size * entry) / (size * (1 + rate));
  } else {
    price = isLong ? (size * (1 + rate)) / (i.cash + size / entry) : (size * (1 - rate)) / (size / entry - i.cash);
  }
  return price > 0 && price < Infinity ? price : undefined;
}
