/**
 * Margin inside a bar of a backtest, at rates of the notional: what an order may be, where a position is closed, how much is used.
 *
 *   order     initialRate |u| P <= equity after fee and slippage
 *   close-out equity + u (p - open) = maintenanceRate |u| p, the worst price of the bar being its low for a long, its high for a short
 *   usage     maintenanceRate |u| p / equity at the worst price
 */
import type { Bar } from './backtest-input.js';

/** The units nearest to those wanted that initial margin allows; what is held may always be kept or reduced. */
export function affordableUnits(i: {
  wanted: number;
  held: number;
  /** Equity before the trade. */
  worth: number;
  price: number;
  costRate: number;
  initialRate: number;
}): number {
  const { wanted, held, worth, price, costRate, initialRate } = i;
  const side = Math.sign(wanted);
  const kept = side * held > 0 ? Math.abs(held) : 0;
  if (Math.abs(wanted) <= kept) return wanted;
  // Beyond what is kept, each unit needs its margin and its cost; another side is closed first, at its cost.
  const closed = Math.abs(held) - kept;
  const free = worth + (kept - closed) * price * costRate;
  const most = free > 0 ? free / (price * (initialRate + costRate)) : 0;
  return side * Math.min(Math.abs(wanted), Math.max(most, kept));
}

/**
 * The price within the bar at which equity falls to maintenanceRate |units| price: equity + units (p - open) = rate |units| p. Where the
 * open is already beyond it the open itself. Undefined where the bar's worst price leaves enough.
 */
export function closeOutPrice(units: number, equity: number, bar: Bar, rate: number | undefined): number | undefined {
  if (rate === undefined || units === 0) return undefined;
  const excess = (price: number): number => equity + units * (price - bar.open) - rate * Math.abs(units) * price;
  if (excess(bar.open) <= 0) return bar.open;
  const worst = units > 0 ? bar.low : bar.high;
  if (excess(worst) > 0) return undefined;
  return (units * bar.open - equity) / (units - rate * Math.abs(units));
}

/** At the open or the worst price of the bar; 0 where nothing is held or no rate given, Infinity where equity is gone. */
export function worstMarginUsage(units: number, equity: number, bar: Bar, rate: number | undefined): number {
  if (rate === undefined || units === 0) return 0;
  const at = (price: number): number => {
    const left = equity + units * (price - bar.open);
    return left > 0 ? (rate * Math.abs(units) * price) / left : Infinity;
  };
  return Math.max(at(bar.open), at(units > 0 ? bar.low : bar.high));
}
