/**
 * What margin rules read of a book: per instrument its net units, and per unit its value, delta and value in a shocked market, in the
 * settlement currency. A shock multiplies spot and forwards by a ratio and replaces each option's volatility.
 */
import { InputError } from '../../errors.js';
import type { Currency } from '../../market/quote.js';
import type { Account } from '../../portfolio/account.js';
import type { Instrument, OptionInstrument } from '../../portfolio/instrument.js';
import { americanTerms } from '../../portfolio/american-greeks.js';
import { openMarket } from '../../portfolio/market-view.js';
import type { MarketView, UnderlyingView } from '../../portfolio/market-view.js';
import type { Excluded, MissingReason } from '../../portfolio/missing.js';
import { optionTerms } from '../../portfolio/option-greeks.js';
import type { OptionTerms } from '../../portfolio/option-greeks.js';
import type { MarketSnapshot } from '../../portfolio/snapshot.js';
import { requireAccount } from '../../portfolio/validate.js';
import { gainOf, markOf, positionUnits } from '../../portfolio/valuation.js';
import { american } from '../../pricing/american.js';
import { black76 } from '../../pricing/black76.js';
import type { ForwardOption } from '../../pricing/option.js';

export const DAYS_PER_YEAR = 365;

/** The volatility of an option in the shocked market. */
export type VolatilityShock = (volatility: number, daysToExpiry: number) => number;

export interface MarginRow {
  instrument: Instrument;
  /** Quantity times multiplier, over all positions. */
  units: number;
  /** The positions in it, and the share of the row's absolute units each has. */
  shares: { positionId: string; share: number }[];
  /** Value of one unit; of a future the gain on a contract entered now, 0. */
  value: number;
  /** Of the underlying, per unit: Black's for options (dV/dF of the dollar value), the spot model's for American ones, 1 over the mark for a dollar of an inverse future. */
  delta: number;
  /** Spot of the underlying. */
  index: number;
  /** The forward of an option's expiry, a future's mark, or the spot. */
  forward: number;
  /** Years; 0 for what does not expire. */
  timeToExpiry: number;
  /** Whether value is in the underlying coin. */
  inCoin: boolean;
  /** Of options that have not expired: what is priced, and the divisor of a price in coin at a ratio of 1, 0 of one in dollars. */
  columns?: { terms: ForwardOption; coin: number } | undefined;
  /** Gain per unit where spot and forwards are `ratio` times what they are. */
  gain(ratio: number, shock: VolatilityShock): number;
}

export interface MarginRows {
  view: MarketView;
  rows: MarginRow[];
  excluded: Excluded[];
}

/**
 * Options, futures, perpetuals and leveraged tokens by instrument; cash and spot are not margined by these rules. Throws InputError
 * naming what of the account or the snapshot is not as it must be, for quantos, whose shocked value these rules do not define, and for
 * American options unless the rules take them `anyExercise`: a shock then moves their spot, at still rate and yield.
 */
export function marginRows(
  account: Account,
  snapshot: MarketSnapshot,
  { anyExercise = false }: { anyExercise?: boolean } = {},
): MarginRows {
  const view = openMarket(snapshot);
  requireAccount(account);
  const groups = new Map<string, Group>();
  for (const position of account.positions) {
    const { instrument, id } = position;
    if (instrument.kind === 'spot') continue;
    let group = groups.get(instrument.id);
    if (group === undefined) groups.set(instrument.id, (group = { instrument, net: 0, gross: 0, ids: [], units: [] }));
    const units = positionUnits(position);
    group.net += units;
    group.gross += Math.abs(units);
    group.ids.push(id);
    group.units.push(units);
  }
  const rows: MarginRow[] = [];
  const excluded: Excluded[] = [];
  for (const { instrument, net, gross, ids, units } of groups.values()) {
    const market = view.underlying(instrument.underlying);
    const found = market === undefined ? 'no-market' : unitOf(instrument, market, view, anyExercise);
    if (typeof found === 'string') {
      excluded.push(...ids.map((positionId) => ({ positionId, reason: found })));
      continue;
    }
    const shares = ids.map((positionId, i) => ({
      positionId,
      share: gross === 0 ? 1 / ids.length : Math.abs(units[i]!) / gross,
    }));
    rows.push({ ...found, instrument, units: net, shares });
  }
  return { view, rows, excluded };
}

/** The positions in one instrument. */
interface Group {
  instrument: Instrument;
  net: number;
  gross: number;
  ids: string[];
  units: number[];
}

type Unit = Omit<MarginRow, 'instrument' | 'units' | 'shares'>;

function unitOf(
  instrument: Instrument,
  market: UnderlyingView,
  view: MarketView,
  anyExercise: boolean,
): Unit | MissingReason {
  const index = market.spot;
  switch (instrument.kind) {
    case 'option': {
      const early = instrument.exercise === 'american';
      if (early && !(anyExercise && instrument.style === 'linear'))
        throw new InputError('exercise', 'american', "'european' for these rules");
      if (instrument.style === 'quanto')
        throw new InputError('style', 'quanto', "'linear' or 'inverse' for these rules");
      const found = optionTerms(instrument, market);
      if (!found.ok) return found.reason;
      const { terms, expired } = found;
      if (early && !expired) return americanUnit(instrument, market, found);
      const inCoin = instrument.style === 'inverse';
      const divisor = !inCoin ? 1 : instrument.divisor === 'index' ? index : terms.forward;
      const priceAt = (ratio: number, volatility: number): number =>
        black76.price({ ...terms, forward: terms.forward * ratio, volatility }) / (inCoin ? divisor * ratio : 1);
      const value = priceAt(1, terms.volatility);
      return {
        value,
        delta: deltaOf(terms),
        index,
        forward: terms.forward,
        timeToExpiry: terms.timeToExpiry,
        inCoin,
        columns: expired ? undefined : { terms, coin: inCoin ? divisor : 0 },
        gain: (ratio, shock) => {
          const volatility = expired ? 0 : shock(terms.volatility, terms.timeToExpiry * DAYS_PER_YEAR);
          return priceAt(ratio, volatility) - value;
        },
      };
    }
    case 'future':
    case 'perpetual': {
      const mark = markOf(instrument, market);
      if (mark === undefined) return 'no-forward';
      const inCoin = instrument.style === 'inverse';
      const years = instrument.expiry === undefined ? 0 : (market.expiry(instrument.expiry)?.timeToExpiry ?? 0);
      return {
        value: 0,
        delta: inCoin ? 1 / mark : 1,
        index,
        forward: mark,
        timeToExpiry: Math.max(years, 0),
        inCoin,
        gain: (ratio) => gainOf(instrument, mark * ratio, mark),
      };
    }
    case 'leveraged-token': {
      const exposure = instrument.leverage * instrument.nav;
      return {
        value: instrument.nav,
        delta: exposure / index,
        index,
        forward: index,
        timeToExpiry: 0,
        inCoin: false,
        gain: (ratio) => Math.max(exposure * (ratio - 1), -instrument.nav),
      };
    }
    case 'spot':
      throw new InputError('instrument', view.asOf, 'margined');
  }
}

/** Of American options no row of a batch: each shocked value is the engine's own. */
function americanUnit(
  instrument: OptionInstrument,
  market: UnderlyingView,
  { terms, expiry }: Extract<OptionTerms, { ok: true }>,
): Unit {
  const now = americanTerms(instrument, market, expiry, terms.volatility);
  const value = american.price(now);
  return {
    value,
    delta: american.greeks(now).delta,
    index: market.spot,
    forward: terms.forward,
    timeToExpiry: terms.timeToExpiry,
    inCoin: false,
    gain: (ratio, shock) => {
      const volatility = shock(terms.volatility, terms.timeToExpiry * DAYS_PER_YEAR);
      return american.price({ ...now, spot: market.spot * ratio, volatility }) - value;
    },
  };
}

function deltaOf(terms: ForwardOption): number {
  return black76.greeks(terms).delta;
}

/** In order of first appearance. */
export function groupRows(rows: readonly MarginRow[], keyOf: (row: MarginRow) => string): Map<string, MarginRow[]> {
  const groups = new Map<string, MarginRow[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/** What one coin of the underlying is in the row's settlement currency. */
export function priceOfCoin({ inCoin, index }: Pick<MarginRow, 'inCoin' | 'index'>): number {
  return inCoin ? 1 : index;
}

/** The one currency all rows settle in, or the account's own where they differ, with what converts each row to it. */
export function commonCurrency(
  { rows, view }: MarginRows,
  account: Account,
): { currency: Currency; rate: (row: MarginRow) => number } {
  const settlements = [...new Set(rows.map(({ instrument }) => instrument.settlement))];
  const currency = settlements.length === 1 ? settlements[0]! : account.reportingCurrency;
  return {
    currency,
    rate: ({ instrument }) => {
      const conversion = view.conversion(instrument.settlement, currency);
      if (conversion === undefined) {
        throw new InputError(
          'settlement',
          instrument.settlement,
          `a currency with a rate to ${currency}, for ${instrument.id}`,
        );
      }
      return conversion.rate;
    },
  };
}
