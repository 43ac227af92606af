import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { deribit, parseNested } from '../../../src/market/venues/deribit.js';

const asOf = Date.UTC(2026, 5, 1, 12);

function summary(name: string, o: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    instrument_name: name,
    bid_price: 0.0412,
    ask_price: 0.0435,
    mark_price: 0.0421337,
    mark_iv: 43.21,
    last: null,
    open_interest: 12.5,
    volume: 3,
    underlying_price: 91_234.5,
    estimated_delivery_price: 90_000,
    creation_timestamp: asOf - 1000,
    interest_rate: 0,
    ...o,
  };
}

describe('deribit.parseBookSummary', () => {
  it('reads a row', () => {
    const chain = deribit.parseBookSummary([summary('BTC-26JUN26-95000-C')], { asOf });
    expect(chain).toEqual({
      underlying: 'BTC',
      venue: 'deribit',
      asOf,
      style: 'european',
      settlement: 'inverse',
      premiumCurrency: 'BTC',
      spot: 90_000,
      multiplier: 1,
      quotes: [
        {
          instrument: 'BTC-26JUN26-95000-C',
          underlying: 'BTC',
          type: 'call',
          strike: 95_000,
          expiry: Date.UTC(2026, 5, 26, 8),
          bid: 0.0412,
          ask: 0.0435,
          mark: 0.0421337,
          openInterest: 12.5,
          volume: 3,
          forward: 91_234.5,
          markVolatility: 0.4321,
          timestamp: asOf - 1000,
        },
      ],
      rejected: [],
    });
  });

  it('takes the envelope and the bare array, as text and parsed', () => {
    const rows = [summary('BTC-26JUN26-95000-C'), summary('BTC-26JUN26-95000-P', { bid_price: null })];
    const expected = deribit.parseBookSummary(rows, { asOf });
    expect(expected.quotes[1]).not.toHaveProperty('bid');
    for (const form of [rows, { jsonrpc: '2.0', result: rows }]) {
      expect(deribit.parseBookSummary(form, { asOf })).toEqual(expected);
      expect(deribit.parseBookSummary(`\uFEFF${JSON.stringify(form)}`, { asOf })).toEqual(expected);
    }
  });

  it('reads a price of 0 as none, and rows without mark_iv', () => {
    const row = summary('ETH-26JUN26-3000-C', { bid_price: 0, ask_price: 0, last: 0 });
    delete row['mark_iv'];
    const { quotes } = deribit.parseBookSummary([row], { asOf });
    for (const field of ['bid', 'ask', 'last', 'markVolatility']) expect(quotes[0]).not.toHaveProperty(field);
    expect(quotes[0]).toHaveProperty('mark');
  });

  it('keeps inverse and linear options apart', () => {
    const rows = [
      summary('BTC-26JUN26-95000-C'),
      summary('BTC_USDC-26JUN26-95000-C'),
      summary('XRP_USDC-26JUN26-1d5-P'),
    ];
    expect(() => deribit.parseBookSummary(rows, { asOf })).toThrow(
      new InputError('underlying', 'BTC + BTC_USDC + XRP_USDC', 'one of BTC, BTC_USDC, XRP_USDC'),
    );
    expect(() => deribit.parseBookSummary(rows, { asOf, underlying: 'ETH' })).toThrow(
      new InputError('underlying', 'ETH', 'one of BTC, BTC_USDC, XRP_USDC'),
    );
    expect(deribit.parseBookSummary(rows, { asOf, underlying: 'XRP_USDC' })).toMatchObject({
      settlement: 'linear',
      premiumCurrency: 'USDC',
      multiplier: 1000,
      quotes: [{ strike: 1.5, type: 'put' }],
    });
  });

  it('asks for a contract size it does not know', () => {
    const rows = [summary('NEWCOIN_USDC-26JUN26-95-C')];
    expect(() => deribit.parseBookSummary(rows, { asOf })).toThrow(expect.objectContaining({ field: 'multiplier' }));
    expect(deribit.parseBookSummary(rows, { asOf, multiplier: 5 }).multiplier).toBe(5);
    expect(() => deribit.parseBookSummary(rows, { asOf, multiplier: 0 })).toThrow(InputError);
  });

  it('lists every row it cannot read, with its reason', () => {
    const rows: unknown[] = [
      summary('BTC-26JUN26-95000-C'),
      summary('BTC-PERPETUAL'),
      summary('ETH-PERPETUAL'),
      summary('BTC-26JUN26-95000-Q'),
      summary('BTC-26JUN26-95000-P', { bid_price: 'much' }),
      summary('BTC-26JUN26-96000-P', { ask_price: -0.01 }),
      summary('BTC-26JUN26-97000-P', { underlying_price: 0 }),
      summary('BTC-1JUN26-95000-C'),
      7,
      summary(''),
    ];
    const { quotes, rejected } = deribit.parseBookSummary(rows, { asOf });
    expect(quotes.length).toBe(1);
    expect(rejected).toEqual([
      { index: 1, id: 'BTC-PERPETUAL', reason: 'not-an-option', field: 'instrument', value: NaN, limit: NaN },
      {
        index: 3,
        id: 'BTC-26JUN26-95000-Q',
        reason: 'unreadable-instrument',
        field: 'instrument',
        value: NaN,
        limit: NaN,
      },
      { index: 4, id: 'BTC-26JUN26-95000-P', reason: 'unreadable-value', field: 'bid', value: NaN, limit: NaN },
      { index: 5, id: 'BTC-26JUN26-96000-P', reason: 'out-of-range', field: 'ask', value: -0.01, limit: 0 },
      { index: 6, id: 'BTC-26JUN26-97000-P', reason: 'out-of-range', field: 'forward', value: 0, limit: 0 },
      {
        index: 7,
        id: 'BTC-1JUN26-95000-C',
        reason: 'expired',
        field: 'expiry',
        value: Date.UTC(2026, 5, 1, 8),
        limit: asOf,
      },
      { index: 8, id: '', reason: 'not-a-row', field: '', value: NaN, limit: NaN },
      { index: 9, id: '', reason: 'missing-value', field: 'instrument', value: NaN, limit: NaN },
    ]);
  });

  it('keeps duplicates, for the filters to judge', () => {
    const rows = [summary('BTC-26JUN26-95000-C'), summary('BTC-26JUN26-95000-C')];
    expect(deribit.parseBookSummary(rows, { asOf }).quotes.length).toBe(2);
  });

  it('does not depend on the order of rows', () => {
    const rows = [90, 91, 92, 93, 94].flatMap((k) => [
      summary(`BTC-26JUN26-${k}000-C`),
      summary(`BTC-26JUN26-${k}500-P`),
    ]);
    const byName = (all: unknown[]): unknown => {
      const { quotes, ...chain } = deribit.parseBookSummary(all, { asOf });
      return { ...chain, quotes: [...quotes].sort((left, right) => (left.instrument < right.instrument ? -1 : 1)) };
    };
    const expected = byName(rows);
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
        expect(byName(shuffled)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it.each<[string, unknown, unknown]>([
    ['asOf', [summary('BTC-26JUN26-95000-C')], undefined],
    ['asOf', [summary('BTC-26JUN26-95000-C')], { asOf: NaN }],
    ['asOf', [summary('BTC-26JUN26-95000-C')], { asOf: asOf / 1000 }],
    ['json', '{"result": ', { asOf }],
    ['json', 'null', { asOf }],
    ['json', { error: { code: 10_001 } }, { asOf }],
    ['json', 5, { asOf }],
    ['json', [{ instrument_name: 'BTC-26JUN26-95000-C', strike: 95_000, tick_size: 0.0001 }], { asOf }],
    ['json', [], { asOf }],
    ['rows', [summary('BTC-PERPETUAL')], { asOf }],
  ])('throws InputError for %s', (field, json, o) => {
    expect(() => deribit.parseBookSummary(json, o as { asOf: number })).toThrow(
      expect.objectContaining({ name: 'InputError', field }),
    );
  });
});

const BOOKS = `,expiration_timestamp,option_type,instrument_name,strike,underlying_price,timestamp,stats,open_interest,mark_price,mark_iv,last_price,index_price,greeks,bids,bid_iv,best_bid_price,best_bid_amount,best_ask_price,best_ask_amount,asks,ask_iv
0,1782460800000,call,BTC-26JUN26-95000-C,95000.0,91234.5,1780315200123,"{'volume': 4.5, 'low': None, 'high': 0.05}",12.5,0.0421,43.21,,90000.0,"{'delta': 0.4}","[[0.0412, 3.0]]",42.5,0.0412,3.0,0.0435,2.0,"[[0.0435, 2.0]]",44.0
1,1782460800000,put,BTC-26JUN26-50000-P,50000.0,91234.5,1780315200456,"{'volume': None}",0.0,0.0001,95.0,0.0005,90000.0,"{'delta': -0.0}",[],0.0,0.0,0.0,0.0005,9.0,"[[0.0005, 9.0]]",500.0
2,1782460800000,put,BTC-26JUN26-60000-P,60000.0,91234.5,1780315200789,{'volume': 1.0,0.0,0.0001,95.0,0.0005,90000.0,{},[],0.0,0.0,0.0,0.0,0.0,[],0.0
3,1782460800000,put,BTC-26JUN26-70000-P,70001.0,91234.5,1780315200789,{},0.0,0.0001,95.0,0.0005,90000.0,{},[],0.8,0.0,0.0,0.0,0.0,[],720.6
4,1782460800000,call,BTC-26JUN26-70000-P,70000.0,91234.5,1780315200789,{},0.0,0.0001,95.0,0.0005,90000.0,{},[],0.8,0.0,0.0,0.0,0.0,[],720.6
5,1782460800000,put,BTC-26JUN26-80000-P,80000.0,91234.5,1780315200789,{},0.0,0.0001,95.0,0.0005,90000.0,{},[],0.8,0.0,0.0,0.0,0.0,[],720.6
`;

describe('deribit.parseOrderBooks', () => {
  const chain = deribit.parseOrderBooks(BOOKS);

  it('reads nested cells, sizes and the time of each row', () => {
    expect(chain.asOf).toBe(1_780_315_200_789);
    expect(chain.spot).toBe(90_000);
    expect(chain.tick).toBe(0.0005);
    expect(chain.quotes[0]).toEqual({
      instrument: 'BTC-26JUN26-95000-C',
      underlying: 'BTC',
      type: 'call',
      strike: 95_000,
      expiry: 1_782_460_800_000,
      bid: 0.0412,
      ask: 0.0435,
      mark: 0.0421,
      bidSize: 3,
      askSize: 2,
      openInterest: 12.5,
      volume: 4.5,
      forward: 91_234.5,
      markVolatility: 0.4321,
      bidVolatility: 0.425,
      askVolatility: 0.44,
      timestamp: 1_780_315_200_123,
    });
  });

  it('reads zero prices and placeholder volatilities as missing', () => {
    expect(chain.quotes[1]).toMatchObject({ ask: 0.0005, last: 0.0005, markVolatility: 0.95 });
    for (const field of ['bid', 'volume', 'bidVolatility', 'askVolatility']) {
      expect(chain.quotes[1]).not.toHaveProperty(field);
    }
    for (const field of ['bidVolatility', 'askVolatility']) expect(chain.quotes[2]).not.toHaveProperty(field);
  });

  it('rejects broken nesting and columns that contradict the name', () => {
    expect(chain.rejected).toMatchObject([
      { index: 2, reason: 'unreadable-value', field: 'volume' },
      { index: 3, reason: 'contradiction', field: 'strike', value: 70_001, limit: 70_000 },
      { index: 4, reason: 'contradiction', field: 'type' },
    ]);
    const broken = BOOKS.replace(`"{'volume': None}"`, `"{'volume': "`);
    expect(deribit.parseOrderBooks(broken).rejected[0]).toMatchObject({
      index: 1,
      reason: 'unreadable-value',
      field: 'volume',
    });
  });

  it('reads get_order_book results, bare, enveloped or single', () => {
    const book = {
      instrument_name: 'BTC-26JUN26-95000-C',
      timestamp: asOf,
      stats: { volume: 4.5, high: null },
      best_bid_price: 0.0412,
      best_bid_amount: 3,
      best_ask_price: 0,
      best_ask_amount: 0,
      bids: [[0.0412, 3]],
      asks: [],
      mark_price: 0.0421,
      mark_iv: 43.21,
      bid_iv: 42.5,
      ask_iv: 0,
      underlying_price: 91_234.5,
      index_price: 90_000,
      greeks: { delta: 0.4 },
    };
    const expected = deribit.parseOrderBooks(JSON.stringify([book]));
    expect(expected.quotes).toMatchObject([{ bid: 0.0412, volume: 4.5, bidVolatility: 0.425, timestamp: asOf }]);
    expect(expected.quotes[0]).not.toHaveProperty('ask');
    expect(deribit.parseOrderBooks(JSON.stringify([{ jsonrpc: '2.0', result: book }]))).toEqual(expected);
    expect(deribit.parseOrderBooks(JSON.stringify({ jsonrpc: '2.0', result: book }))).toEqual(expected);
  });

  it('takes asOf where it is given', () => {
    expect(deribit.parseOrderBooks(BOOKS, { asOf }).asOf).toBe(asOf);
    expect(() => deribit.parseOrderBooks(BOOKS, { asOf: 1_780_315_200 })).toThrow(InputError);
  });

  it('throws for text of another shape', () => {
    expect(() => deribit.parseOrderBooks('a,b\n1,2')).toThrow(InputError);
    expect(() => deribit.parseOrderBooks('')).toThrow(InputError);
    expect(() => deribit.parseOrderBooks([] as unknown as string)).toThrow(InputError);
  });
});

describe('parseNested', () => {
  it('reads what Python prints', () => {
    expect(
      parseNested("{'a': None, 'b': [[1.5, 2e-05], []], 'c': True, 'd': nan, 'e': False, 'f': 'None of it'}"),
    ).toEqual({
      a: null,
      b: [[1.5, 2e-5], []],
      c: true,
      d: null,
      e: false,
      f: 'None of it',
    });
    expect(parseNested('[1,')).toBeUndefined();
  });
});
