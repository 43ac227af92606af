/** Every venue file under the data root, read in place: how many rows, expiries and roots, and what is known of each. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { yearFraction } from '../../../src/market/clock.js';
import type { OptionChain, ParseOptions } from '../../../src/market/chain.js';
import type { RawQuote } from '../../../src/market/quote.js';
import { cboe } from '../../../src/market/venues/cboe.js';
import { deribit, parseNested } from '../../../src/market/venues/deribit.js';
import { recogniseFeed } from '../../../src/market/venues/feed.js';
import { joinChains } from '../../../src/market/venues/join.js';
import { readTable } from '../../../src/market/venues/table.js';
import { black76 } from '../../../src/pricing/black76.js';

const dataRoot = process.env['ZOMMA_DATA'] ?? '../shared/data';
const hasData = existsSync(dataRoot);

const read = (file: string): string => readFileSync(`${dataRoot}/${file}`, 'utf8');
const parse = (file: string, o?: ParseOptions): OptionChain => recogniseFeed(read(file))!.parse(o);
const expiries = (chain: OptionChain): number => new Set(chain.quotes.map(({ expiry }) => expiry)).size;
const iso = (instant: number): string => new Date(instant).toISOString();
const count = (chain: OptionChain, field: keyof RawQuote): number =>
  chain.quotes.filter((quote) => quote[field] !== undefined).length;

function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]!;
}

/** |mark - Black-76(forward, mark volatility) / forward| of every quote that has both, in coin. */
function markErrors(chain: OptionChain): number[] {
  return chain.quotes.flatMap(({ type, strike, expiry, forward, mark, markVolatility, timestamp }) => {
    if (forward === undefined || mark === undefined || markVolatility === undefined) return [];
    const timeToExpiry = yearFraction(timestamp ?? chain.asOf, expiry);
    return [
      Math.abs(black76.price({ type, forward, strike, timeToExpiry, volatility: markVolatility }) / forward - mark),
    ];
  });
}

describe.skipIf(!hasData)(
  `venue files under ${dataRoot}${hasData ? '' : ': missing, skipped (set ZOMMA_DATA)'}`,
  () => {
    it('book summary, raw JSON', () => {
      const text = read('deribit/raw_json/btc_book_summary_20250614T2158Z.json');
      const chain = deribit.parseBookSummary(text, { asOf: 1_749_938_299_495 });
      expect(chain).toMatchObject({ underlying: 'BTC', settlement: 'inverse', spot: 105_383.56, tick: 0.0001 });
      expect([chain.quotes.length, expiries(chain), chain.rejected.length]).toEqual([746, 11, 0]);
      expect(count(chain, 'bid') + count(chain, 'ask')).toBe(1322);
      expect(deribit.parseBookSummary(JSON.parse(text), { asOf: 1_749_938_299_495 })).toEqual(chain);
      const errors = markErrors(chain);
      expect(errors.length).toBe(746);
      expect(quantile(errors, 0.5)).toBeLessThan(1.6e-6);
    });

    it('the API fixtures: an enveloped book summary of options; futures hold no option', () => {
      const folder = 'deribit/raw_json/maksm05/deribit_book_summary_btc';
      const chain = parse(`${folder}_option.json`);
      expect([chain.quotes.length, expiries(chain), chain.spot]).toEqual([5, 1, 76_736.07]);
      expect(() => deribit.parseBookSummary(read(`${folder}_future.json`), { asOf: chain.asOf })).toThrow(
        expect.objectContaining({ name: 'InputError', field: 'rows' }),
      );
    });

    describe('order books', () => {
      const file = 'deribit/orderbook_csv/btc_orderbook_20200521T2319Z.csv';

      it('every row, with its time, sizes and volatilities', () => {
        const chain = parse(file);
        expect(chain).toMatchObject({ underlying: 'BTC', settlement: 'inverse', tick: 0.0005 });
        expect([chain.quotes.length, expiries(chain), chain.rejected.length]).toEqual([326, 7, 0]);
        expect(iso(chain.asOf)).toBe('2020-05-21T23:22:35.277Z');
        expect([count(chain, 'bid'), count(chain, 'ask'), count(chain, 'last')]).toEqual([262, 277, 260]);
        expect([count(chain, 'bidVolatility'), count(chain, 'askVolatility')]).toEqual([179, 228]);
        const errors = markErrors(chain);
        expect(errors.length).toBe(326);
        expect(quantile(errors, 0.5)).toBeLessThan(4.1e-6);
        expect(quantile(errors, 1)).toBeLessThan(3e-4);
      });

      it('nested cells are readable in every row, and their delta is Black-76', () => {
        const greeks = readTable(read(file)).rows.map((row) => parseNested(row['greeks']!) as Record<string, number>);
        const errors = parse(file).quotes.map(({ type, strike, expiry, forward, markVolatility, timestamp }, i) => {
          const timeToExpiry = yearFraction(timestamp!, expiry);
          const option = { type, strike, timeToExpiry, forward: forward!, volatility: markVolatility! };
          return Math.abs(black76.greeks(option).delta - greeks[i]!['delta']!);
        });
        expect(quantile(errors, 0.5)).toBeLessThan(1e-5);
        expect(quantile(errors, 1)).toBeLessThan(2e-4);
      });

      it('bid and ask volatilities price back to bid and ask', () => {
        const chain = parse(file);
        const errors = chain.quotes.flatMap((quote) => {
          const { type, strike, expiry, forward, timestamp } = quote;
          const timeToExpiry = yearFraction(timestamp!, expiry);
          return (['bid', 'ask'] as const).flatMap((side) => {
            const volatility = quote[`${side}Volatility`];
            const price = quote[side];
            if (volatility === undefined || price === undefined) return [];
            return [
              Math.abs(black76.price({ type, strike, timeToExpiry, forward: forward!, volatility }) / forward! - price),
            ];
          });
        });
        expect(errors.length).toBeGreaterThan(400);
        expect(quantile(errors, 0.5)).toBeLessThan(1e-5);
      });
    });

    it.each([
      ['eth_book_summary_20240108T1119Z.csv', 'ETH', '2024-01-08T11:19:41.429Z', 684, 11, 885, 0],
      ['btc_TESTNET_book_summary_20240312T0557Z.csv', 'BTC', '2024-03-12T05:57:12.959Z', 1198, 12, 1707, 1198],
    ])('book summary CSV %s', (file, underlying, asOf, rows, expiryCount, prices, marks) => {
      const chain = parse(`deribit/book_summary_csv/${file}`);
      expect(chain).toMatchObject({ underlying, settlement: 'inverse', premiumCurrency: underlying, tick: 0.0001 });
      expect([iso(chain.asOf), chain.quotes.length, expiries(chain), chain.rejected.length]).toEqual([
        asOf,
        rows,
        expiryCount,
        0,
      ]);
      expect(count(chain, 'bid') + count(chain, 'ask')).toBe(prices);
      expect(count(chain, 'markVolatility')).toBe(marks);
    });

    it.each([
      ['20251230T173115Z', 630, 12, 674, 12],
      ['20260205T155132Z', 864, 12, 918, 12],
      ['20260228T212049Z', 996, 13, 872, 13],
      ['20260807T214936Z', 830, 12, 710, 12],
    ])('snapshot %s: BTC and ETH apart', (name, ...counts) => {
      const file = `deribit/snapshot_csv/btc_eth_${name}.csv`;
      const chains = ['BTC', 'ETH'].map((underlying) => parse(file, { underlying }));
      expect(chains.flatMap((chain) => [chain.quotes.length, expiries(chain)])).toEqual(counts);
      expect(() => parse(file)).toThrow(expect.objectContaining({ field: 'underlying', value: 'BTC + ETH' }));
      for (const chain of chains) {
        expect(chain.rejected).toEqual([]);
        expect(chain).toMatchObject({ settlement: 'inverse', tick: 0.0001 });
        expect(quantile(markErrors(chain), 0.5)).toBeLessThan(1e-4);
      }
    });

    it.each([
      ['20210601', 434, 11],
      ['20210608', 376, 10],
      ['20210615', 408, 10],
      ['20210622', 414, 10],
      ['20210626', 404, 11],
      ['20210630', 410, 11],
    ])('OptionsDX %s: its time is 04:00 UTC, the one its own deltas agree with', (name, rows, expiryCount) => {
      const file = `deribit/optionsdx/btc_eod_${name}.txt`;
      const chain = parse(file);
      expect([chain.quotes.length, expiries(chain), chain.rejected.length]).toEqual([rows, expiryCount, 0]);
      expect(iso(chain.asOf).slice(11, 16)).toBe('04:00');
      expect(chain.tick).toBe(0.0005);
      const deltas = readTable(read(file)).rows.map((row) => Number(row['[DELTA]']));
      const errors = chain.quotes.flatMap(({ type, strike, expiry, forward, markVolatility }, i) => {
        if (markVolatility === undefined) return [];
        const timeToExpiry = yearFraction(chain.asOf, expiry);
        const option = { type, strike, timeToExpiry, forward: forward!, volatility: markVolatility };
        return [Math.abs(black76.greeks(option).delta - deltas[i]!)];
      });
      expect(errors.length).toBeGreaterThan(0.9 * rows);
      expect(quantile(errors, 0.5)).toBeLessThan(1e-5);
      expect(quantile(errors, 1)).toBeLessThan(5e-4);
    });

    it('web export: eleven files make one chain', () => {
      const folder = 'deribit/web_export/eth_20251118T1738Z';
      const asOf = Date.UTC(2025, 10, 18, 17, 38);
      const files = readdirSync(`${dataRoot}/${folder}`);
      const chain = joinChains(files.map((file) => parse(`${folder}/${file}`, { asOf })));
      expect(files.length).toBe(11);
      expect(chain).toMatchObject({ underlying: 'ETH', settlement: 'inverse', tick: 0.0001, rejected: [] });
      expect([chain.quotes.length, expiries(chain)]).toEqual([806, 11]);
      expect(count(chain, 'bid') + count(chain, 'ask')).toBe(1519);
      for (const { bidVolatility, askVolatility } of chain.quotes) {
        for (const volatility of [bidVolatility, askVolatility]) {
          if (volatility !== undefined) expect(volatility > 0.1 && volatility < 7.2).toBe(true);
        }
      }
    });

    it.each([
      ['2026-03-17', 930, 11],
      ['2026-04-23', 1002, 13],
      ['2026-08-08', 828, 12],
    ])('surface CSV %s', (name, rows, expiryCount) => {
      const file = `deribit/surface_csv/btc_${name}.csv`;
      const chain = parse(file, { underlying: 'BTC' });
      expect([chain.quotes.length, expiries(chain), chain.rejected.length]).toEqual([rows, expiryCount, 0]);
      expect(iso(chain.asOf).slice(0, 10)).toBe(name);
      // The mark is rounded to 1e-4; forwards of one expiry differ by row, so the tail is the feed's own.
      expect(quantile(markErrors(chain), 0.5)).toBeLessThan(5e-5);
      expect(() => parse(file)).toThrow(expect.objectContaining({ name: 'InputError', field: 'underlying' }));
    });

    it('USD tickers', () => {
      const chain = parse('deribit/ticker_csv/btc_usdpriced_20250301.csv', { asOf: Date.UTC(2025, 2, 1, 16, 30) });
      expect([chain.quotes.length, expiries(chain), chain.rejected.length]).toEqual([761, 12, 0]);
      expect(chain).toMatchObject({ settlement: 'linear', premiumCurrency: 'USD' });
      expect([count(chain, 'bidVolatility'), count(chain, 'askVolatility')]).toEqual([581, 756]);
    });

    it.each([
      ['spx_20220204close', '2022-02-04T21:15', 4500.5298, [7536, 19, 0], [12_978, 26, 0]],
      ['spx_20220712T1155EDT', '2022-07-12T15:55', 3856.28, [7184, 20, 0], [12_194, 32, 0]],
      ['spx_20231208close_ru_locale', '2023-12-08T21:15', 4604.3701, [810, 1, 0], [4988, 14, 432]],
    ])('quote table %s: SPX and SPXW apart', (name, asOf, spot, ...counts) => {
      const text = read(`equity/cboe_quotedata/${name}.csv`);
      const chains = ['SPX', 'SPXW'].map((underlying) => cboe.parseQuoteTable(text, { underlying }));
      expect(chains.map((chain) => [chain.quotes.length, expiries(chain), chain.rejected.length])).toEqual(counts);
      for (const chain of chains) {
        expect(iso(chain.asOf).slice(0, 16)).toBe(asOf);
        expect(chain).toMatchObject({ style: 'european', settlement: 'linear', spot, multiplier: 100, tick: 0.05 });
        expect(chain.rejected.every(({ reason }) => reason === 'expired')).toBe(true);
        for (const { bid, ask } of chain.quotes) {
          for (const price of [bid, ask]) {
            if (price === undefined) continue;
            const steps = price / (price < 3 ? 0.05 : 0.1);
            expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6);
          }
        }
      }
      const hours = chains.map((chain) => new Set(chain.quotes.map(({ expiry }) => iso(expiry).slice(11, 16))));
      expect([...hours[0]!].every((hour) => hour === '13:30' || hour === '14:30')).toBe(true);
      expect([...hours[1]!].every((hour) => ['18:00', '20:00', '21:00'].includes(hour))).toBe(true);
    });

    it.each([
      ['spy_20230914', 'SPY', '2023-09-14T20:15', [7042, 30, 250]],
      ['spy_20250925', 'SPY', '2025-09-25T20:15', [3716, 11, 0]],
      ['nvda_20250106', 'NVDA', '2025-01-06T21:00', [1086, 4, 0]],
    ])('quote table %s is American', (name, underlying, asOf, counts) => {
      const chain = parse(`equity/cboe_quotedata/${name}.csv`);
      expect(chain).toMatchObject({ underlying, style: 'american' });
      expect(iso(chain.asOf).slice(0, 16)).toBe(asOf);
      expect([chain.quotes.length, expiries(chain), chain.rejected.length]).toEqual(counts);
    });

    it('SPX volatility table: T is its Texp in years of 365 days', () => {
      const file = 'equity/implied_vol_tables/spx_iv_bidask_20230215.csv';
      const chain = parse(file);
      expect([chain.quotes.length, expiries(chain), chain.rejected.length]).toEqual([7423, 48, 0]);
      expect(iso(chain.asOf)).toBe('2023-02-15T21:00:00.000Z');
      expect([count(chain, 'bidVolatility'), count(chain, 'askVolatility'), count(chain, 'bid')]).toEqual([
        6749, 7423, 0,
      ]);
      const years = readTable(read(file)).rows.map((row) => Number(row['Texp']));
      chain.quotes.forEach(({ expiry }, i) => {
        const days = yearFraction(chain.asOf, expiry) * 365;
        expect(Math.abs(days - years[i]! * 365.25)).toBeLessThan(0.042); // an hour, where daylight time begins between
      });
    });

    it('feeds without prices or of another kind are not recognised', () => {
      for (const file of [
        'deribit/ticker_csv/btc_greeks_iv_20260309.csv',
        'deribit/raw_json/ticker_2020_sample.json',
      ]) {
        expect(recogniseFeed(read(file))).toBeUndefined();
      }
    });
  },
);
