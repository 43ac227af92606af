import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { cboe } from '../../../src/market/venues/cboe.js';

const COLUMNS =
  'Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike,Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest';
const TITLE = 'Some 500 Index,Last: 6001.25,Change:  1.5';
const LINES = [
  'Fri Jun 20 2025,SPX250620C06000000,0,0,30.1,30.9,5,0.15,0.5,0.01,7,6000.00,SPX250620P06000000,29.5,0,0,28.4,0,0,-0.5,0.01,0',
  'Fri Jun 20 2025,SPXW250620C06000000,31,0,32.1,32.9,5,0.15,0.5,0.01,7,6000.00,SPXW250620P06000000,29.5,0,29.1,29.4,0,0.16,-0.5,0.01,3',
];

function table(
  date: string,
  o: { lead?: string; pad?: string; lines?: readonly string[]; title?: string } = {},
): string {
  const pad = o.pad ?? '';
  const body = [`${o.title ?? TITLE}${pad}`, `${date}${pad}`, COLUMNS, ...(o.lines ?? LINES)];
  return `${o.lead ?? '\n'}${body.join('\n')}\n`;
}

const IN_SESSION = '"Date: June 16, 2025 at 11:55 AM EDT",Bid: 6000,Ask: 6002,Size: 1*1,Volume: 0';

describe('cboe.parseQuoteTable', () => {
  it('reads call and put of each line, roots apart', () => {
    const chain = cboe.parseQuoteTable(table(IN_SESSION), { underlying: 'SPX' });
    expect(chain).toEqual({
      underlying: 'SPX',
      venue: 'cboe',
      asOf: Date.UTC(2025, 5, 16, 15, 55),
      style: 'european',
      settlement: 'linear',
      premiumCurrency: 'USD',
      spot: 6001.25,
      tick: 0.05,
      multiplier: 100,
      quotes: [
        {
          instrument: 'SPX250620C06000000',
          underlying: 'SPX',
          type: 'call',
          strike: 6000,
          expiry: Date.UTC(2025, 5, 20, 13, 30),
          bid: 30.1,
          ask: 30.9,
          openInterest: 7,
          volume: 5,
          markVolatility: 0.15,
        },
        {
          instrument: 'SPX250620P06000000',
          underlying: 'SPX',
          type: 'put',
          strike: 6000,
          expiry: Date.UTC(2025, 5, 20, 13, 30),
          ask: 28.4,
          last: 29.5,
        },
      ],
      rejected: [],
    });
    const weekly = cboe.parseQuoteTable(table(IN_SESSION), { underlying: 'SPXW' });
    expect(weekly.quotes.map(({ expiry }) => expiry)).toEqual([Date.UTC(2025, 5, 20, 20), Date.UTC(2025, 5, 20, 20)]);
  });

  it('asks for the root where there are several', () => {
    expect(() => cboe.parseQuoteTable(table(IN_SESSION))).toThrow(
      new InputError('underlying', 'SPX + SPXW', 'one of SPX, SPXW'),
    );
    expect(cboe.parseQuoteTable(table(IN_SESSION, { lines: LINES.slice(1) })).underlying).toBe('SPXW');
  });

  it('takes a file without the leading blank line, with padding, with CRLF', () => {
    const expected = cboe.parseQuoteTable(table(IN_SESSION), { underlying: 'SPXW' });
    const padded = table(IN_SESSION, { lead: '', pad: ',,,,,,,,,,,,' });
    expect(cboe.parseQuoteTable(padded, { underlying: 'SPXW' })).toEqual(expected);
    expect(cboe.parseQuoteTable(padded.replaceAll('\n', '\r\n'), { underlying: 'SPXW' })).toEqual(expected);
    expect(cboe.parseQuoteTable(`\uFEFF${padded}`, { underlying: 'SPXW' })).toEqual(expected);
  });

  it.each([
    ['"Date: June 16 2025, 11:55 AM EDT"', '2025-06-16T15:55'],
    ['"Date: June 16, 2025, 11:55 AM EDT"', '2025-06-16T15:55'],
    ['"Date: January 16, 2025 at 12:05 PM EST"', '2025-01-16T17:05'],
    ['Date: 16 июня 2025 г. в 11:55 GMT-4', '2025-06-16T15:55'],
    ['Date: 16 мая 2025 г. в 20:55 GMT+5:30', '2025-05-16T15:25'],
    ['"Date: June 16, 2025 at 3:55 PM UTC"', '2025-06-16T15:55'],
    ['"Date: June 14 2025, 8:09 PM EDT"', '2025-06-13T20:15'],
    ['Date: 9 июня 2025 г. в 3:49 GMT-4', '2025-06-06T20:15'],
    ['"Date: June 16, 2025 at 12:30 AM EDT"', '2025-06-13T20:15'],
  ])('%s is quoted at %s', (date, made) => {
    const { asOf } = cboe.parseQuoteTable(table(date), { underlying: 'SPX' });
    expect(new Date(asOf).toISOString().slice(0, 16)).toBe(made);
  });

  it.each(['Date: sometime', 'Date: June 31 2025, 1:00 PM EDT', 'Date: June 16, 2025, 1:00 PM', 'Bid: 5'])(
    'throws for the date line %j unless asOf is given',
    (date) => {
      expect(() => cboe.parseQuoteTable(table(date), { underlying: 'SPX' })).toThrow(
        expect.objectContaining({ name: 'InputError', field: 'asOf' }),
      );
      const asOf = Date.UTC(2025, 5, 16);
      expect(cboe.parseQuoteTable(table(date), { underlying: 'SPX', asOf }).asOf).toBe(asOf);
    },
  );

  it('shares are American and close at 16:00', () => {
    const lines = LINES.slice(0, 1).map((line) => line.replaceAll('SPX', 'ZZZ'));
    const chain = cboe.parseQuoteTable(table('"Date: June 16, 2025 at 9:30 PM EDT"', { lines }));
    expect(chain).toMatchObject({ style: 'american', asOf: Date.UTC(2025, 5, 16, 20), multiplier: 100 });
    expect(chain).not.toHaveProperty('tick');
  });

  it('rejects what has expired, what is no symbol, what contradicts its symbol', () => {
    const lines = [
      ...LINES,
      LINES[0]!.replaceAll('250620', '250613'),
      LINES[0]!.replace('SPX250620C06000000', 'SPX?'),
      LINES[0]!.replace(',6000.00,', ',6005.00,'),
      'Fri Jun 20 2025,SPX250620C06000000',
    ];
    const { quotes, rejected } = cboe.parseQuoteTable(table(IN_SESSION, { lines }), { underlying: 'SPX' });
    expect(quotes.length).toBe(3);
    expect(rejected).toMatchObject([
      { index: 4, reason: 'expired' },
      { index: 5, reason: 'expired' },
      { index: 6, id: 'SPX?', reason: 'unreadable-instrument' },
      { index: 8, reason: 'contradiction', field: 'strike', value: 6005, limit: 6000 },
      { index: 9, reason: 'contradiction', field: 'strike', value: 6005, limit: 6000 },
      { index: 10, reason: 'not-a-row' },
    ]);
  });

  it('reads a last price with thousands separators, and none', () => {
    const title = 'Some 500 Index,"Last: 6,001.25",Change: 1';
    expect(cboe.parseQuoteTable(table(IN_SESSION, { title }), { underlying: 'SPX' }).spot).toBe(6001.25);
    expect(cboe.parseQuoteTable(table(IN_SESSION, { title: 'X' }), { underlying: 'SPX' })).not.toHaveProperty('spot');
  });

  it('throws for text that is no quote table', () => {
    expect(() => cboe.parseQuoteTable('a,b\n1,2')).toThrow(InputError);
    expect(() => cboe.parseQuoteTable('')).toThrow(InputError);
  });
});
