/** Small books and flat markets for margin tests. */
import type { Account, Position } from '../../../src/portfolio/account.js';
import type { Instrument, OptionInstrument } from '../../../src/portfolio/instrument.js';
import type { MarketSnapshot } from '../../../src/portfolio/snapshot.js';
import { flatSurface } from '../../../src/volatility/surface/flat-surface.js';

export const asOf = Date.UTC(2026, 0, 1, 8);
export const expiryIn = (days: number): number => asOf + days * 86_400_000;

export function flatMarket(
  spot: number,
  volatility = 0.6,
  days: readonly number[] = [30],
  underlying = 'BTC',
): MarketSnapshot {
  const expiries = days.map(expiryIn);
  const { data } = flatSurface({ underlying, asOf, volatility, forward: spot, expiries });
  return {
    asOf,
    underlyings: { [underlying]: { spot, surface: data } },
    fx: [{ base: 'USDC', quote: 'USD', rate: 1 }],
  };
}

export function option(
  type: 'call' | 'put',
  strike: number,
  { style = 'inverse', days = 30 }: { style?: 'inverse' | 'linear'; days?: number } = {},
): OptionInstrument {
  const settlement = style === 'inverse' ? 'BTC' : 'USDC';
  const id = `${style}-${days}-${strike}-${type}`;
  const common = { id, underlying: 'BTC', settlement, multiplier: 1 };
  return { ...common, kind: 'option', style, type, strike, expiry: expiryIn(days) };
}

/** A perpetual of one dollar (inverse) or one coin (linear) a contract. */
export function perpetual(style: 'inverse' | 'linear' = 'inverse'): Instrument {
  const settlement = style === 'inverse' ? 'BTC' : 'USDC';
  return { id: `${style}-PERPETUAL`, underlying: 'BTC', settlement, multiplier: 1, kind: 'perpetual', style };
}

export function account(
  positions: readonly (readonly [Instrument, number])[],
  { cash = {}, price = 1 }: { cash?: Record<string, number>; price?: number } = {},
): Account {
  return {
    id: 'test',
    reportingCurrency: 'USD',
    cash,
    positions: positions.map(([instrument, quantity], i): Position => {
      return { id: `p${i}`, instrument, quantity, entryPrice: price };
    }),
  };
}
