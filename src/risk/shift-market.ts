/**
 * A market moved: a new snapshot from an old one and a list of shifts. Whatever their order in the list, they are applied
 *
 *   1 time                   asOf moves on: expiries nearer than that settle at the spot; forwards, and the volatility of a strike and
 *                            expiry, stay
 *   2 spot, forward, basis   in list order. With the spot move forwards and listed marks in proportion, F' = F S'/S, and every exchange
 *                            rate of a coin; forward and basis F - S move forwards and listed marks alone. The smile follows by the
 *                            dynamics: R = 1 sticky strike, 0 sticky delta, 2 local volatility, any other stickiness;
 *                            s'(k) = s(k + R ln(F'/F)); SABR's own rules move its forward, and alpha with it for Bartlett's
 *   3 volatility             in list order, at the strike: s (1 + x), s + x or x, by term and skew
 *   4 rate, fx, funding      discount factors at still forwards; a currency against all others; the funding rate
 *
 * A shift of nothing leaves every bit as it was, and the snapshot itself where no shift does anything. Moved surfaces keep their
 * parameters and say what was done to them (surface-shift.ts); certificates stay only where the smile is the same function of
 * moneyness as before. Fits are left out: they are of the market before.
 */
import { requireArray, requireFinite, requireObject, requireOneOf } from '../check.js';
import { InputError } from '../errors.js';
import { millisecondsPerYear } from '../market/clock.js';
import type { Currency, Instant } from '../market/quote.js';
import { exp } from '../math/exponential.js';
import { COIN_QUOTE, openDerived, openMarket } from '../portfolio/market-view.js';
import type { FxRate, MarketSnapshot, UnderlyingMarket } from '../portfolio/snapshot.js';
import { rateFromDiscountFactor } from '../pricing/discounting.js';
import type { SmileDynamics } from '../volatility/smile/dynamics.js';
import type { SkewRule, SurfaceData, TermRule } from '../volatility/surface/surface-data.js';
import { requireVolatilityMove } from '../volatility/surface/surface-shift.js';
import { addVolatilityMove, moveForwards, requireDynamics } from './shift-surface.js';

export type ShiftFactor = 'spot' | 'forward' | 'volatility' | 'rate' | 'fx' | 'basis' | 'time' | 'funding';

export interface Shift {
  factor: ShiftFactor;
  /**
   * The underlying that is moved; all of them where missing. Of an fx shift the currency ('USDC', against all others) or pair
   * ('EURUSD', its first against all others); of a rate also 'USD', the rates of all underlyings.
   */
  underlying?: string | undefined;
  /** relative: x (1 + size); absolute: x + size; set: size. */
  kind: 'relative' | 'absolute' | 'set';
  /** Decimals; prices for spot, forward and basis; years, or the instant where it is set, for time. */
  size: number;
  /** Of a volatility: by days to expiry; 'parallel' where missing. */
  term?: 'parallel' | TermRule | undefined;
  /** Of a relative move of the volatility: by moneyness k = ln(K/F) of the moved market. */
  skew?: SkewRule | undefined;
}

const FACTORS: readonly ShiftFactor[] = ['spot', 'forward', 'volatility', 'rate', 'fx', 'basis', 'time', 'funding'];

/**
 * The market after the shifts. Throws InputError naming the field of the snapshot, or the shift, that is not as it must be: a
 * factor that leads to a price not above 0, an underlying or currency the snapshot does not have, time running backwards, a rule
 * of the smile that moves single strikes only, or SABR's on a surface of another model.
 */
export function shiftMarket(
  snapshot: MarketSnapshot,
  shifts: readonly Shift[],
  dynamics: SmileDynamics = 'sticky-strike',
): MarketSnapshot {
  openMarket(snapshot);
  requireShifts(shifts);
  requireDynamics(dynamics);
  const moved = { ...snapshot, fits: undefined };
  const inOrder = (factors: readonly ShiftFactor[], apply: (shift: Shift, at: string) => void): void => {
    shifts.forEach((shift, i) => {
      if (factors.includes(shift.factor)) apply(shift, `shifts[${i}]`);
    });
  };
  inOrder(['time'], (shift, at) => {
    moved.asOf = movedTime(moved.asOf, shift, at);
  });
  inOrder(['spot', 'forward', 'basis'], (shift, at) => {
    if (shift.factor === 'spot') moved.fx = movedCoins(moved, shift, at);
    moved.underlyings = moveMarkets(moved.underlyings, shift, at, (market, name) =>
      shift.factor === 'spot'
        ? moveSpot(market, shift, `${at}.size`, dynamics)
        : moveCarry(market, shift, `${at}.size`, name, dynamics),
    );
  });
  inOrder(['volatility'], (shift, at) => {
    moved.underlyings = moveMarkets(moved.underlyings, shift, at, (market) =>
      moveVolatility(market, shift, moved.asOf),
    );
  });
  inOrder(['rate', 'funding'], (shift, at) => {
    const everywhere = shift.factor === 'rate' && shift.underlying === COIN_QUOTE;
    const applied = everywhere ? { ...shift, underlying: undefined } : shift;
    moved.underlyings = moveMarkets(moved.underlyings, applied, at, (market) =>
      shift.factor === 'rate' ? moveRate(market, shift) : moveFunding(market, shift),
    );
  });
  inOrder(['fx'], (shift, at) => {
    moved.fx = movedCurrency(moved, shift, at);
  });
  const { asOf, underlyings, fx } = snapshot;
  const same = moved.asOf === asOf && moved.underlyings === underlyings && moved.fx === fx;
  if (same) return snapshot;
  openDerived(moved);
  return moved;
}

function requireShifts(shifts: readonly Shift[]): void {
  requireArray('shifts', shifts);
  shifts.forEach((shift, i) => {
    const at = `shifts[${i}]`;
    requireObject(at, shift);
    requireOneOf(`${at}.factor`, shift.factor, FACTORS);
    requireOneOf(`${at}.kind`, shift.kind, ['relative', 'absolute', 'set']);
    requireFinite(`${at}.size`, shift.size);
    if (shift.factor === 'volatility') requireVolatilityMove(at, shift);
    else if ((shift.term ?? 'parallel') !== 'parallel' || shift.skew !== undefined) {
      throw new InputError(`${at}.factor`, shift.factor, "'volatility' where there is a rule of term or skew");
    }
  });
}

/** x (1 + size), x + size or size; x itself, to the bit, where the shift is of nothing. */
function shiftedValue(value: number, { kind, size }: Pick<Shift, 'kind' | 'size'>): number {
  if (kind === 'set') return size;
  return kind === 'relative' ? value * (1 + size) : value + size;
}

function requirePrice(field: string, price: number, size: number): number {
  if (price > 0 && price < Infinity) return price;
  throw new InputError(field, size, `a move that leaves a price above 0, not ${price}`);
}

function movedTime(asOf: Instant, { kind, size }: Shift, at: string): Instant {
  if (kind === 'relative') throw new InputError(`${at}.kind`, kind, "'absolute', in years, or 'set'");
  const later = kind === 'set' ? size : Math.round(asOf + size * millisecondsPerYear);
  if (later < asOf) throw new InputError(`${at}.size`, size, 'not before asOf');
  return later;
}

/** All markets, or the one the shift names; the same record where nothing changes. */
function moveMarkets(
  markets: Readonly<Record<string, UnderlyingMarket>>,
  { underlying }: Shift,
  at: string,
  move: (market: UnderlyingMarket, name: string) => UnderlyingMarket,
): Record<string, UnderlyingMarket> {
  const names = Object.keys(markets);
  if (underlying !== undefined && !names.includes(underlying)) {
    throw new InputError(`${at}.underlying`, underlying, `one of ${names.join(', ')}`);
  }
  const moved = { ...markets };
  let changed = false;
  for (const name of underlying === undefined ? names : [underlying]) {
    const market = markets[name]!;
    const result = move(market, name);
    if (result !== market) changed = true;
    moved[name] = result;
  }
  return changed ? moved : markets;
}

/** What a token's value moves from. */
function unmoved({ spot, futures, before }: UnderlyingMarket): NonNullable<UnderlyingMarket['before']> {
  return before ?? { spot, futures };
}

function moveSpot(market: UnderlyingMarket, shift: Shift, field: string, dynamics: SmileDynamics): UnderlyingMarket {
  const spot = requirePrice(field, shiftedValue(market.spot, shift), shift.size);
  if (spot === market.spot) return market;
  const ratio = spotRatio(market, shift);
  const { surface, futures } = market;
  const forwards = surface.slices.map(({ forward }) => requirePrice(field, forward * ratio, shift.size));
  return {
    ...market,
    spot,
    surface: moveForwards(surface, forwards, surface.spot === undefined ? undefined : surface.spot * ratio, dynamics),
    futures: movedMarks(futures, (mark) => mark * ratio),
    before: unmoved(market),
  };
}

function spotRatio(market: UnderlyingMarket, shift: Shift): number {
  return shift.kind === 'relative' ? 1 + shift.size : shiftedValue(market.spot, shift) / market.spot;
}

function movedMarks(
  futures: UnderlyingMarket['futures'],
  move: (mark: number, id: string) => number,
): UnderlyingMarket['futures'] {
  if (futures === undefined) return undefined;
  return Object.fromEntries(Object.entries(futures).map(([id, mark]) => [id, move(mark, id)]));
}

/** Forwards and listed marks, or what they are above the spot. */
function moveCarry(
  market: UnderlyingMarket,
  shift: Shift,
  field: string,
  name: string,
  dynamics: SmileDynamics,
): UnderlyingMarket {
  const { spot, surface, futures } = market;
  if (shift.kind !== 'set' && shift.size === 0) return market;
  const move = (price: number): number => {
    const moved = shift.factor === 'forward' ? shiftedValue(price, shift) : spot + shiftedValue(price - spot, shift);
    return requirePrice(`${field} (${name})`, moved, shift.size);
  };
  const forwards = surface.slices.map(({ forward }) => move(forward));
  return {
    ...market,
    surface: moveForwards(surface, forwards, surface.spot, dynamics),
    futures: movedMarks(futures, move),
    before: unmoved(market),
  };
}

function moveVolatility(market: UnderlyingMarket, shift: Shift, asOf: Instant): UnderlyingMarket {
  const { kind, size, term, skew } = shift;
  if ((kind !== 'set' && size === 0) || market.surface.slices.length === 0) return market;
  return { ...market, surface: addVolatilityMove(market.surface, { kind, size, at: asOf, term, skew }) };
}

/** Discount factors at the shifted rates, forwards as they are; the rate American options are exercised by moves along. */
function moveRate(market: UnderlyingMarket, shift: Shift): UnderlyingMarket {
  if (shift.kind !== 'set' && shift.size === 0) return market;
  const slices = market.surface.slices.map((slice) => {
    const { timeToExpiry, discountFactor } = slice;
    const rate = shiftedValue(rateFromDiscountFactor(discountFactor, timeToExpiry), shift);
    return { ...slice, discountFactor: exp(-rate * timeToExpiry) };
  });
  const surface: SurfaceData = { ...market.surface, slices };
  const { americanRate } = market;
  return {
    ...market,
    surface,
    americanRate: americanRate === undefined ? undefined : shiftedValue(americanRate, shift),
  };
}

function moveFunding(market: UnderlyingMarket, shift: Shift): UnderlyingMarket {
  const rate = market.fundingRatePerDay ?? 0;
  const moved = shiftedValue(rate, shift);
  return moved === rate ? market : { ...market, fundingRatePerDay: moved };
}

/** The table after the spot of coins moved: rates from and to a coin it prices move with the spot. */
function movedCoins({ fx, underlyings }: MarketSnapshot, shift: Shift, at: string): FxRate[] {
  let table = fx;
  for (const [name, market] of Object.entries(underlyings)) {
    if (shift.underlying !== undefined && shift.underlying !== name) continue;
    const ratio = spotRatio(market, shift);
    requirePrice(`${at}.size`, ratio, shift.size);
    table = scaledCurrency(table, name, ratio);
  }
  return table;
}

/** A currency made `ratio` times as dear in all others; the same table where it does not occur or does not move. */
function scaledCurrency(fx: FxRate[], currency: Currency, ratio: number): FxRate[] {
  if (ratio === 1 || !fx.some(({ base, quote }) => base === currency || quote === currency)) return fx;
  return fx.map((row) => {
    if (row.base === currency) return { ...row, rate: row.rate * ratio };
    return row.quote === currency ? { ...row, rate: row.rate / ratio } : row;
  });
}

function movedCurrency(market: MarketSnapshot, shift: Shift, at: string): FxRate[] {
  const pair = currencyPair(market, shift.underlying, at);
  const { kind, size } = shift;
  if (kind !== 'set' && size === 0) return market.fx;
  const rate = openMarket(market).conversion(pair.base, pair.quote)?.rate;
  if (rate === undefined)
    throw new InputError(`${at}.underlying`, shift.underlying, 'currencies with a rate between them');
  const ratio = requirePrice(`${at}.size`, kind === 'relative' ? 1 + size : shiftedValue(rate, shift) / rate, size);
  // The others are priced in dollars: of a pair with dollars it is the other currency that moves.
  const [currency, factor] = pair.base === COIN_QUOTE ? [pair.quote, 1 / ratio] : [pair.base, ratio];
  const listed = market.fx.some(({ base, quote }) => base === currency || quote === currency);
  // A coin the table does not price has its spot for a rate: listed, it can move away from the spot.
  const coin = { base: currency, quote: COIN_QUOTE, rate: market.underlyings[currency]?.spot ?? 1 };
  return scaledCurrency(listed ? market.fx : [...market.fx, coin], currency, factor);
}

/** 'USDC' against dollars, or 'EURUSD'. */
function currencyPair(
  { fx, underlyings }: MarketSnapshot,
  name: string | undefined,
  at: string,
): { base: Currency; quote: Currency } {
  const known = new Set([COIN_QUOTE, ...fx.flatMap(({ base, quote }) => [base, quote]), ...Object.keys(underlyings)]);
  if (name !== undefined) {
    if (name !== COIN_QUOTE && known.has(name)) return { base: name, quote: COIN_QUOTE };
    for (let i = 1; i < name.length; i++) {
      const [base, quote] = [name.slice(0, i), name.slice(i)];
      if (base !== quote && known.has(base) && known.has(quote)) return { base, quote };
    }
  }
  throw new InputError(`${at}.underlying`, name, `a currency or a pair of ${[...known].join(', ')}`);
}
