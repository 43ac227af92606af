/** Markets and instruments of the tests: the option of the worked numbers, and books with smiles, carry and two coins. */
import { exp } from '../../src/math/exponential.js';
import { seededRandom, type Random } from '../../src/math/random.js';
import type { Position } from '../../src/portfolio/account.js';
import type { FutureInstrument, Instrument, OptionInstrument, SpotInstrument } from '../../src/portfolio/instrument.js';
import type { MarketSnapshot, UnderlyingMarket } from '../../src/portfolio/snapshot.js';
import { calendarClock } from '../../src/market/clock.js';
import { flatSurface } from '../../src/volatility/surface/flat-surface.js';
import type { SurfaceData } from '../../src/volatility/surface/surface-data.js';

export const day = 86_400_000;
export const asOf = 1_700_000_000_000;
export const year = 365 * day;

export function flatMarket(o: {
  underlying: string;
  spot: number;
  volatility: number;
  expiries: number[];
  forward?: number;
  discountFactor?: number;
}): UnderlyingMarket {
  const { underlying, spot, volatility, expiries, discountFactor } = o;
  const forward = o.forward ?? spot;
  return { spot, surface: flatSurface({ underlying, asOf, volatility, forward, discountFactor, expiries }).data };
}

/** S = F = 60,000, 60% volatility, no discounting: the market of the worked numbers. */
export function coinMarket(): MarketSnapshot {
  const expiries = [30, 60, 120].map((days) => asOf + days * day);
  return {
    asOf,
    underlyings: { BTC: flatMarket({ underlying: 'BTC', spot: 60_000, volatility: 0.6, expiries }) },
    fx: [{ base: 'USDC', quote: 'USD', rate: 1 }],
  };
}

export function option(o: Partial<OptionInstrument> = {}): OptionInstrument {
  const { type = 'call', strike = 60_000, expiry = asOf + 30 * day, style = 'inverse', underlying = 'BTC' } = o;
  const settlement = style === 'inverse' ? underlying : 'USD';
  const id = `${underlying}-${style}-${type}-${strike}-${expiry}-${o.multiplier ?? 1}`;
  return { id, kind: 'option', underlying, settlement, multiplier: 1, style, type, strike, expiry, ...o };
}

export function future(o: Partial<FutureInstrument> = {}): FutureInstrument {
  const { kind = 'perpetual', style = 'inverse', underlying = 'BTC' } = o;
  const settlement = style === 'inverse' ? underlying : 'USD';
  const id = `${underlying}-${style}-${kind}-${o.expiry ?? ''}`;
  return { id, kind, underlying, settlement, multiplier: 1, style, ...o };
}

export function spot(underlying: string, settlement = underlying): SpotInstrument {
  return { id: `${underlying}/${settlement}`, kind: 'spot', underlying, settlement, multiplier: 1 };
}

export function position(instrument: Instrument, quantity = 1, entryPrice?: number): Position {
  nextId++;
  return { id: `${instrument.id}#${nextId}`, instrument, quantity, entryPrice };
}
let nextId = 0;

/** SVI smiles with skew, forwards in carry, discounting; spots of two coins and an index, and a stablecoin below par. */
export function smileMarket(): MarketSnapshot {
  return {
    asOf,
    underlyings: {
      BTC: { spot: 60_000, surface: smileSurface('BTC', 60_000, 0.55, 0.08), fundingRatePerDay: 0.0003 },
      ETH: { spot: 3_000, surface: smileSurface('ETH', 3_000, 0.7, 0.05) },
      SPX: { spot: 5_000, surface: smileSurface('SPX', 5_000, 0.16, 0.03) },
    },
    fx: [
      { base: 'USDC', quote: 'USD', rate: 0.9991 },
      { base: 'EUR', quote: 'USD', rate: 1.085 },
    ],
  };
}

export const smileExpiries = [7, 30, 91, 182].map((days) => asOf + days * day);

function smileSurface(underlying: string, spotPrice: number, level: number, carry: number): SurfaceData {
  return {
    schema: 1,
    underlying,
    asOf,
    clock: calendarClock,
    interpolation: 'total-variance',
    calendar: [],
    slices: smileExpiries.map((expiry) => {
      const timeToExpiry = (expiry - asOf) / year;
      const w = level * level * timeToExpiry;
      const root = Math.sqrt(timeToExpiry);
      return {
        expiry,
        timeToExpiry,
        varianceTime: timeToExpiry,
        forward: spotPrice * exp(carry * timeToExpiry),
        discountFactor: exp(-0.04 * timeToExpiry),
        parameters: { a: 0.4 * w, b: 0.35 * level * root, rho: -0.3, m: 0.1 * level * root, sigma: 1.8 * level * root },
      };
    }),
  };
}

/** The market after the spot of one underlying is multiplied: forwards and marks follow, each strike keeps its volatility. */
export function moveSpot(s: MarketSnapshot, underlying: string, factor: number): MarketSnapshot {
  const market = s.underlyings[underlying]!;
  const log = Math.log(factor);
  const slices = market.surface.slices.map((slice) => {
    const { parameters: p } = slice;
    if (!('m' in p)) throw new Error('SVI only');
    return { ...slice, forward: slice.forward * factor, parameters: { ...p, m: p.m - log } };
  });
  const futures = Object.fromEntries(Object.entries(market.futures ?? {}).map(([id, mark]) => [id, mark * factor]));
  const moved = { ...market, spot: market.spot * factor, futures, surface: { ...market.surface, slices } };
  return { ...s, underlyings: { ...s.underlyings, [underlying]: moved } };
}

export function randomBook(seed: number, count: number, market: MarketSnapshot, expiries = smileExpiries): Position[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => ({ ...randomPosition(random, market, expiries), id: `p${i}` }));
}

function randomPosition(random: Random, market: MarketSnapshot, expiries: readonly number[]): Position {
  const names = Object.keys(market.underlyings);
  const underlying = names[random.index(names.length)]!;
  const price = market.underlyings[underlying]!.spot;
  const quantity = Math.round(random.normal() * 50) / 10 || 1;
  const coin = underlying !== 'SPX';
  const pick = random.uniform();
  if (pick < 0.1) {
    const instrument = future({ underlying, style: coin && random.uniform() < 0.6 ? 'inverse' : 'linear' });
    return position(
      instrument,
      instrument.style === 'inverse' ? quantity * price : quantity,
      price * (0.9 + 0.2 * random.uniform()),
    );
  }
  if (pick < 0.15) return position(spot(underlying, coin ? underlying : 'USD'), quantity);
  const style = coin
    ? (['inverse', 'linear'] as const)[random.index(2)]!
    : (['linear', 'quanto'] as const)[random.index(2)]!;
  const quanto = style === 'quanto' ? { settlement: 'EUR', fixedFx: 0.9, fxVolatility: 0.1, correlation: -0.4 } : {};
  return position(
    option({
      underlying,
      style,
      type: random.uniform() < 0.5 ? 'call' : 'put',
      strike: Math.round(price * (0.8 + 0.4 * random.uniform())),
      expiry: expiries[random.index(expiries.length)]!,
      multiplier: [1, 0.1, 10][random.index(3)]!,
      ...(style === 'linear' && coin ? { settlement: 'USDC' } : {}),
      ...quanto,
    }),
    quantity,
  );
}
