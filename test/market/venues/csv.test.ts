import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { csv } from '../../../src/market/venues/csv.js';
import type { ColumnMapping } from '../../../src/market/venues/csv.js';

const asOf = Date.UTC(2026, 5, 1, 12);
const mapping: ColumnMapping = {
  columns: {
    instrument: 'name',
    underlying: 'coin',
    type: 'right',
    strike: 'strike',
    expiry: 'expiry',
    bid: 'bid',
    ask: 'ask',
    markVolatility: 'iv',
    timestamp: 'time',
  },
  missing: ['-'],
};
const HEADER = 'name,coin,right,strike,expiry,bid,ask,iv,time';
const LINES = [
  'a,GOLD,C,"2,500",2026-07-01T08:00:00Z,10.5,11,0.2,2026-06-01T11:59:00Z',
  'b,GOLD,put,2400,2026-07-01T08:00:00Z,-,11,20%,2026-06-01T12:00:00+00:00',
  'c,SILVER,C,30,2026-07-01T08:00:00Z,1,1.1,0.3,2026-06-01T12:30:00Z',
];
const TEXT = [HEADER, ...LINES].join('\n');

describe('csv.parseChain', () => {
  it('reads mapped columns; the latest time of the chosen rows is asOf', () => {
    const chain = csv.parseChain(TEXT, mapping, { underlying: 'GOLD' });
    expect(chain).toEqual({
      underlying: 'GOLD',
      venue: 'csv',
      asOf,
      style: 'european',
      settlement: 'linear',
      premiumCurrency: 'USD',
      multiplier: 1,
      quotes: [
        {
          instrument: 'a',
          underlying: 'GOLD',
          type: 'call',
          strike: 2500,
          expiry: Date.UTC(2026, 6, 1, 8),
          bid: 10.5,
          ask: 11,
          markVolatility: 0.2,
          timestamp: asOf - 60_000,
        },
        {
          instrument: 'b',
          underlying: 'GOLD',
          type: 'put',
          strike: 2400,
          expiry: Date.UTC(2026, 6, 1, 8),
          ask: 11,
          markVolatility: 0.2,
          timestamp: asOf,
        },
      ],
      rejected: [],
    });
  });

  it('lists and chooses underlyings', () => {
    expect(csv.underlyings(TEXT, mapping)).toEqual(['GOLD', 'SILVER']);
    expect(() => csv.parseChain(TEXT, mapping)).toThrow(
      new InputError('underlying', 'GOLD + SILVER', 'one of GOLD, SILVER'),
    );
    expect(() => csv.parseChain(TEXT, mapping, { underlying: 'TIN' })).toThrow(
      new InputError('underlying', 'TIN', 'one of GOLD, SILVER'),
    );
    expect(csv.parseChain(TEXT, mapping, { underlying: 'SILVER' }).quotes.map(({ strike }) => strike)).toEqual([30]);
  });

  it('does not depend on the order of rows', () => {
    const byName = (lines: readonly string[]): unknown =>
      csv
        .parseChain([HEADER, ...lines].join('\n'), mapping, { underlying: 'GOLD' })
        .quotes.toSorted((left, right) => (left.instrument < right.instrument ? -1 : 1));
    fc.assert(
      fc.property(fc.shuffledSubarray(LINES, { minLength: LINES.length }), (lines) => {
        expect(byName(lines)).toEqual(byName(LINES));
      }),
    );
  });

  it('gives a number back exactly as it was written', () => {
    const positive = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
    fc.assert(
      fc.property(positive, positive, (strike, bid) => {
        const text = `k,b\n${strike},${bid}`;
        const { quotes } = csv.parseChain(
          text,
          { columns: { type: () => 'call', strike: 'k', bid: 'b', expiry: () => asOf + 1 } },
          { asOf, underlying: 'X' },
        );
        expect(quotes[0]).toMatchObject({ strike, bid });
      }),
    );
  });

  it('calls functions with the row, repeated columns apart', () => {
    const { quotes } = csv.parseChain('K,Size,Bid,Ask,Size\n100,1,2,3,4\n110,5,6,7,8', {
      columns: {
        underlying: () => 'X',
        type: (row) => (row['K'] === '100' ? 'put' : 'call'),
        strike: 'K',
        expiry: () => asOf + 86_400_000,
        bid: 'Bid',
        ask: 'Ask',
        bidSize: 'Size',
        askSize: (row) => Number(row['Size#2']),
        timestamp: () => asOf,
      },
      settlement: 'inverse',
      style: 'american',
      venue: 'desk',
    });
    expect(quotes).toMatchObject([
      { instrument: 'X-2026-06-02-100-P', type: 'put', bidSize: 1, askSize: 4 },
      { instrument: 'X-2026-06-02-110-C', type: 'call', bidSize: 5, askSize: 8 },
    ]);
  });

  it('settlement decides the premium currency where the mapping does not', () => {
    const columns: ColumnMapping['columns'] = { type: () => 'call', strike: 'K', expiry: () => asOf + 1 };
    const parse = (o: Omit<ColumnMapping, 'columns'>): string =>
      csv.parseChain('K\n100', { columns, ...o }, { asOf, underlying: 'DOT' }).premiumCurrency;
    expect(parse({})).toBe('USD');
    expect(parse({ settlement: 'inverse' })).toBe('DOT');
    expect(parse({ settlement: 'inverse', premiumCurrency: 'WDOT' })).toBe('WDOT');
  });

  it('reads what no column says from the names of a known venue', () => {
    const deribit = csv.parseChain(
      'n,iv\nBTC_USDC-26JUN26-95000-C,45\nBTC_USDC-26JUN26-95000-P,45%',
      { columns: { instrument: 'n', markVolatility: 'iv' }, venue: 'deribit', percentVolatility: true },
      { asOf },
    );
    expect(deribit).toMatchObject({ underlying: 'BTC_USDC', settlement: 'linear', premiumCurrency: 'USDC' });
    expect(deribit.quotes.map(({ markVolatility }) => markVolatility)).toEqual([0.45, 0.45]);
    const cboe = csv.parseChain('n\nSPXW260626C06000000', { columns: { instrument: 'n' }, venue: 'cboe' }, { asOf });
    expect(cboe).toMatchObject({ underlying: 'SPXW', style: 'european', multiplier: 100, tick: 0.05 });
    expect(cboe.quotes[0]!.expiry).toBe(Date.UTC(2026, 5, 26, 20));
  });

  it('reads a day as the venue settles it, and refuses it without a venue', () => {
    const columns: ColumnMapping['columns'] = { type: () => 'call', strike: 'K', expiry: 'day' };
    const expiry = (venue: string, underlying: string): number =>
      csv.parseChain('K,day\n100,2026-06-26', { columns, venue }, { asOf, underlying }).quotes[0]!.expiry;
    expect(expiry('deribit', 'BTC')).toBe(Date.UTC(2026, 5, 26, 8));
    expect(expiry('cboe', 'SPX')).toBe(Date.UTC(2026, 5, 26, 13, 30));
    expect(expiry('cboe', 'SPXW')).toBe(Date.UTC(2026, 5, 26, 20));
    expect(() => expiry('desk', 'X')).toThrow(expect.objectContaining({ field: 'mapping.columns.expiry' }));
  });

  it('rejects rows with their reason', () => {
    const lines = [
      LINES[0]!,
      'b,GOLD,X,2500,2026-07-01T08:00:00Z,1,2,0.2,2026-06-01T11:59:00Z',
      'c,GOLD,C,-5,2026-07-01T08:00:00Z,1,2,0.2,2026-06-01T11:59:00Z',
      'd,GOLD,C,,2026-07-01T08:00:00Z,1,2,0.2,2026-06-01T11:59:00Z',
      'e,GOLD,C,2500,tomorrow,1,2,0.2,2026-06-01T11:59:00Z',
      'f,GOLD,C,2500,2026-05-01T08:00:00Z,1,2,0.2,2026-06-01T11:59:00Z',
      'g,,C,2500,2026-07-01T08:00:00Z,1,2,0.2,2026-06-01T11:59:00Z',
      'h,GOLD,C,2500,2026-07-01T08:00:00Z,1,2,-0.2,2026-06-01T11:59:00Z',
      'i,GOLD,C,2500,2026-07-01T08:00:00Z,1,2',
    ];
    const { quotes, rejected } = csv.parseChain([HEADER, ...lines].join('\n'), mapping, { asOf });
    expect(quotes.length).toBe(1);
    expect(rejected).toMatchObject([
      { index: 1, id: 'b', reason: 'unreadable-value', field: 'type' },
      { index: 2, id: 'c', reason: 'out-of-range', field: 'strike', value: -5, limit: 0 },
      { index: 3, id: 'd', reason: 'missing-value', field: 'strike' },
      { index: 4, id: 'e', reason: 'unreadable-value', field: 'expiry' },
      { index: 5, id: 'f', reason: 'expired', field: 'expiry', value: Date.UTC(2026, 4, 1, 8), limit: asOf },
      { index: 6, id: 'g', reason: 'missing-value', field: 'underlying' },
      { index: 7, id: 'h', reason: 'out-of-range', field: 'markVolatility', value: -0.2, limit: 0 },
      { index: 8, id: 'i', reason: 'not-a-row', value: 7, limit: 9 },
    ]);
  });

  it('rejects a row where a function gives no number', () => {
    const columns: ColumnMapping['columns'] = {
      type: () => 'call',
      strike: (row) => Number(row['K']),
      expiry: () => asOf + 1,
    };
    const { rejected } = csv.parseChain('K\n100\nx', { columns }, { asOf, underlying: 'X' });
    expect(rejected).toMatchObject([{ index: 1, reason: 'unreadable-value', field: 'strike' }]);
  });

  it.each<[string, ColumnMapping, object]>([
    ['mapping.columns.bid', { ...mapping, columns: { ...mapping.columns, bid: 'Bidd' } }, { underlying: 'GOLD' }],
    ['mapping.columns.strike', { ...mapping, columns: { ...mapping.columns, strike: undefined } }, {}],
    ['asOf', { ...mapping, columns: { ...mapping.columns, timestamp: undefined } }, { underlying: 'GOLD' }],
    ['asOf', mapping, { underlying: 'GOLD', asOf: asOf / 1000 }],
    ['underlying', { ...mapping, columns: { ...mapping.columns, underlying: undefined } }, {}],
    ['rows', { ...mapping, columns: { ...mapping.columns, type: 'coin' } }, {}],
  ])('throws InputError for %s', (field, wrong, o) => {
    expect(() => csv.parseChain(TEXT, wrong, o)).toThrow(expect.objectContaining({ name: 'InputError', field }));
  });
});
