/**
 * Strategies: several options traded as one, each a list of legs with a ratio. One unit of a strategy holds `ratio` contracts of
 * each leg; a negative quantity is the strategy sold.
 *
 *   vertical spread   +1 K_long -1 K_short, of one type and expiry
 *   straddle          +1 call K +1 put K                       strangle          +1 put K_1 +1 call K_2
 *   butterfly         +1 K_1 -2 K_2 +1 K_3, of one type        iron butterfly    -1 put K_1 +1 put K_2 +1 call K_2 -1 call K_3
 *   condor            +1 K_1 -1 K_2 -1 K_3 +1 K_4, of one type iron condor       -1 put K_1 +1 put K_2 +1 call K_3 -1 call K_4
 *   risk reversal     -1 put K_1 +1 call K_2                   collar            +1 underlying +1 put K_1 -1 call K_2
 *   calendar          -1 near +1 far, of one type and strike   diagonal          -1 near K_near +1 far K_far
 *
 * Bought, butterflies, condors and calendars gain where the underlying stays; iron butterflies and iron condors as written here are
 * the bought ones, which gain where it moves: with unequal signs they are the same payoffs as the others less a constant
 * (iron = -(butterfly) + K_2 - K_1 for even wings). Strikes K_1 < K_2 < ... may be unevenly spaced.
 */
import { requireFinite, requireObject, requireOneOf, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import type { Instant } from '../market/quote.js';
import type { OptionType } from '../pricing/option.js';
import type { Position } from './account.js';
import { instrumentId } from './instrument-name.js';
import type { Instrument, OptionInstrument } from './instrument.js';
import type { ValuationOptions } from './missing.js';
import { netGreeks, type NetGreeks } from './net-greeks.js';
import { payoffProfile, type PayoffProfile, type ProfileOptions } from './payoff-profile.js';
import type { MarketSnapshot } from './snapshot.js';
import { requireInstrument } from './validate.js';

export interface StrategyLeg {
  instrument: Instrument;
  /** Contracts for one of the strategy; negative where the leg is sold. */
  ratio: number;
}

export interface Strategy {
  /** 'straddle', 'iron condor' ... */
  name: string;
  legs: StrategyLeg[];
}

/** What all options of a strategy share. */
export type OptionSeries = Pick<OptionInstrument, 'underlying' | 'settlement' | 'style' | 'multiplier'> &
  Partial<Pick<OptionInstrument, 'exercise' | 'fixedFx' | 'fxVolatility' | 'correlation' | 'divisor'>> & {
    /** A contract's id, to be that of the same contract elsewhere in a book; made from its terms where missing. */
    nameOf?: ((option: Pick<OptionInstrument, 'underlying' | 'type' | 'strike' | 'expiry'>) => string) | undefined;
  };

type Expiring = { expiry: Instant };

function optionOf(series: OptionSeries, type: OptionType, strike: number, expiry: Instant): OptionInstrument {
  const { nameOf, ...terms } = requireObject('series', series) as unknown as OptionSeries;
  requireOneOf('type', type, ['call', 'put']);
  requirePositive('strike', strike);
  const option = { ...terms, kind: 'option' as const, type, strike, expiry: requireFinite('expiry', expiry) };
  const instrument = { id: nameOf === undefined ? instrumentId(option) : nameOf(option), ...option };
  requireInstrument(instrument, 'series.');
  return instrument;
}

function legs(series: OptionSeries, expiry: Instant, ...rows: [number, OptionType, number][]): StrategyLeg[] {
  return rows.map(([ratio, type, strike]) => ({ ratio, instrument: optionOf(series, type, strike, expiry) }));
}

function requireAscending(names: readonly string[], values: readonly number[]): void {
  values.forEach((value, i) => {
    requirePositive(names[i]!, value);
    if (i > 0 && !(value > values[i - 1]!))
      throw new InputError(names[i]!, value, `above ${names[i - 1]!}, ${values[i - 1]!}`);
  });
}

const strikeNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `strikes[${i}]`);

function requireStrikes(strikes: readonly number[], count: number): void {
  if (!Array.isArray(strikes) || strikes.length !== count) throw new InputError('strikes', strikes, `${count} strikes`);
  requireAscending(strikeNames(count), strikes);
}

/** Bought at `longStrike`, sold at `shortStrike`: a bull spread where the long strike is the lower one. Throws InputError if they are equal. */
export function verticalSpread(
  series: OptionSeries,
  o: Expiring & { type: OptionType; longStrike: number; shortStrike: number },
): Strategy {
  if (o.longStrike === o.shortStrike)
    throw new InputError('shortStrike', o.shortStrike, 'another strike than longStrike');
  return {
    name: `${o.type} spread`,
    legs: legs(series, o.expiry, [1, o.type, o.longStrike], [-1, o.type, o.shortStrike]),
  };
}

/** Call and put of one strike. Throws InputError on a strike that is not positive, as all of these do. */
export function straddle(series: OptionSeries, o: Expiring & { strike: number }): Strategy {
  return { name: 'straddle', legs: legs(series, o.expiry, [1, 'call', o.strike], [1, 'put', o.strike]) };
}

/** A put below a call. Throws InputError where it is not below. */
export function strangle(series: OptionSeries, o: Expiring & { putStrike: number; callStrike: number }): Strategy {
  requireAscending(['putStrike', 'callStrike'], [o.putStrike, o.callStrike]);
  return { name: 'strangle', legs: legs(series, o.expiry, [1, 'put', o.putStrike], [1, 'call', o.callStrike]) };
}

/** Three ascending strikes, the middle one sold twice. Throws InputError for others. */
export function butterfly(series: OptionSeries, o: Expiring & { type: OptionType; strikes: number[] }): Strategy {
  requireStrikes(o.strikes, 3);
  const [low, middle, high] = o.strikes as [number, number, number];
  const { type } = o;
  return {
    name: `${type} butterfly`,
    legs: legs(series, o.expiry, [1, type, low], [-2, type, middle], [1, type, high]),
  };
}

/** A straddle bought, a strangle around it sold, at three ascending strikes. Throws InputError for others. */
export function ironButterfly(series: OptionSeries, o: Expiring & { strikes: number[] }): Strategy {
  requireStrikes(o.strikes, 3);
  const [low, middle, high] = o.strikes as [number, number, number];
  const rows = legs(series, o.expiry, [-1, 'put', low], [1, 'put', middle], [1, 'call', middle], [-1, 'call', high]);
  return { name: 'iron butterfly', legs: rows };
}

/** Four ascending strikes, the inner ones sold. Throws InputError for others. */
export function condor(series: OptionSeries, o: Expiring & { type: OptionType; strikes: number[] }): Strategy {
  requireStrikes(o.strikes, 4);
  const [a, b, c, d] = o.strikes as [number, number, number, number];
  const { type } = o;
  return {
    name: `${type} condor`,
    legs: legs(series, o.expiry, [1, type, a], [-1, type, b], [-1, type, c], [1, type, d]),
  };
}

/** A strangle bought, a wider one sold, at four ascending strikes. Throws InputError for others. */
export function ironCondor(series: OptionSeries, o: Expiring & { strikes: number[] }): Strategy {
  requireStrikes(o.strikes, 4);
  const [a, b, c, d] = o.strikes as [number, number, number, number];
  return {
    name: 'iron condor',
    legs: legs(series, o.expiry, [-1, 'put', a], [1, 'put', b], [1, 'call', c], [-1, 'call', d]),
  };
}

/** A call bought, a put at or below it sold. Throws InputError where it is above. */
export function riskReversal(series: OptionSeries, o: Expiring & { putStrike: number; callStrike: number }): Strategy {
  requirePositive('putStrike', o.putStrike);
  if (!(o.callStrike >= o.putStrike))
    throw new InputError('callStrike', o.callStrike, `at least putStrike, ${o.putStrike}`);
  return { name: 'risk reversal', legs: legs(series, o.expiry, [-1, 'put', o.putStrike], [1, 'call', o.callStrike]) };
}

/** The far expiry bought, the near one sold, at one strike. Throws InputError where near is not before far. */
export function calendarSpread(
  series: OptionSeries,
  o: { type: OptionType; strike: number; near: Instant; far: Instant },
): Strategy {
  const { type, strike, near, far } = o;
  return {
    ...diagonalSpread(series, { type, near, far, nearStrike: strike, farStrike: strike }),
    name: `${type} calendar`,
  };
}

/** The far expiry bought, the near one sold, each at its strike. Throws InputError where near is not before far. */
export function diagonalSpread(
  series: OptionSeries,
  o: { type: OptionType; near: Instant; far: Instant; nearStrike: number; farStrike: number },
): Strategy {
  const { type, near, far, nearStrike, farStrike } = o;
  if (!(requireFinite('far', far) > requireFinite('near', near)))
    throw new InputError('far', far, `after near, ${near}`);
  const rows = [...legs(series, near, [-1, type, nearStrike]), ...legs(series, far, [1, type, farStrike])];
  return { name: `${type} diagonal`, legs: rows };
}

/**
 * What is held (a coin, a share, a future: `held`, `heldRatio` of it, 1 where missing), a put bought and a call at or above it sold for one
 * contract of the series. Throws InputError where the call is below the put, or what is held is on another underlying.
 */
export function collar(
  series: OptionSeries,
  o: Expiring & { held: Instrument; heldRatio?: number | undefined; putStrike: number; callStrike: number },
): Strategy {
  requireInstrument(o.held, 'held.');
  if (o.held.underlying !== series.underlying) {
    throw new InputError('held.underlying', o.held.underlying, `the options', ${series.underlying}`);
  }
  const { legs: sold } = riskReversal(series, o);
  const ratio = requirePositive('heldRatio', o.heldRatio ?? 1);
  return {
    name: 'collar',
    legs: [{ instrument: o.held, ratio }, ...sold.map((leg) => ({ ...leg, ratio: -leg.ratio }))],
  };
}

export interface StrategyPositionOptions {
  /** Prefix of the positions' ids; the strategy's name where missing. */
  id?: string | undefined;
  /** One a leg, in venue quote units; needed for a leg in a future. */
  entryPrices?: readonly (number | undefined)[] | undefined;
  accountId?: string | undefined;
  tags?: string[] | undefined;
}

/**
 * The positions that hold `quantity` (negative: sold) of a strategy, tagged with its name unless told otherwise. Throws InputError for a
 * quantity that is not finite and for prices that are not one a leg.
 */
export function strategyPositions(strategy: Strategy, quantity = 1, o: StrategyPositionOptions = {}): Position[] {
  requireFinite('quantity', quantity);
  const { id = strategy.name, entryPrices, accountId, tags = [strategy.name] } = o;
  if (entryPrices !== undefined && entryPrices.length !== strategy.legs.length) {
    throw new InputError('entryPrices', entryPrices.length, `one a leg: ${strategy.legs.length}`);
  }
  return strategy.legs.map(({ instrument, ratio }, i) => ({
    id: `${id}/${i + 1}`,
    instrument,
    quantity: quantity * ratio,
    ...(entryPrices?.[i] === undefined ? {} : { entryPrice: entryPrices[i] }),
    ...(accountId === undefined ? {} : { accountId }),
    tags: [...tags],
  }));
}

/** Value and Greeks of one of the strategy, as {@link netGreeks} of its legs; a future leg is entered at its `entryPrices`. */
export function strategyGreeks(
  strategy: Strategy,
  snapshot: MarketSnapshot,
  options: ValuationOptions & Pick<StrategyPositionOptions, 'entryPrices'> = {},
): NetGreeks {
  const { entryPrices, ...rest } = options;
  return netGreeks(strategyPositions(strategy, 1, { entryPrices }), snapshot, rest);
}

/** What one of the strategy gains at a horizon, as {@link payoffProfile} of its legs: bought at `entryPrices`, at today's values where missing. */
export function strategyPayoff(
  strategy: Strategy,
  snapshot: MarketSnapshot,
  options: ProfileOptions & Pick<StrategyPositionOptions, 'entryPrices'>,
): PayoffProfile {
  const { entryPrices, ...rest } = options;
  return payoffProfile(strategyPositions(strategy, 1, { entryPrices }), snapshot, rest);
}
