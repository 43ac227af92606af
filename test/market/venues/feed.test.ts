import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { OptionChain } from '../../../src/market/chain.js';
import { csv } from '../../../src/market/venues/csv.js';
import { nearestLayout, recogniseFeed } from '../../../src/market/venues/feed.js';
import { joinChains } from '../../../src/market/venues/join.js';
import { feedLayouts } from '../../../src/market/venues/layouts.js';

const expiry = Date.UTC(2026, 5, 26, 8);
const asOf = Date.UTC(2026, 5, 1, 12);

/** One invented file in each feed, its chain's first quote, and asOf where the file has none. */
const FEEDS: Record<string, { text: string; quote: object; chain?: object; asOf?: number; underlying?: string }> = {
  'deribit-book-summary-json': {
    text: '[{"instrument_name":"BTC-26JUN26-95000-C","bid_price":0.04,"ask_price":null,"underlying_price":91000,"creation_timestamp":1780315200000}]',
    quote: { bid: 0.04, forward: 91_000, strike: 95_000, expiry },
  },
  'deribit-book-summary-csv': {
    text: ',instrument_name,bid_price,ask_price,underlying_price,creation_timestamp,mark_iv\n0,ETH-26JUN26-3000-P,,0.05,2900.5,1780315200000,55.5',
    quote: { ask: 0.05, forward: 2900.5, markVolatility: 0.555, type: 'put' },
    chain: { underlying: 'ETH', settlement: 'inverse' },
  },
  'deribit-order-book-json': {
    text: '[{"instrument_name":"BTC-26JUN26-95000-C","best_bid_price":0.04,"best_ask_price":0.05,"mark_iv":50,"underlying_price":91000,"timestamp":1780315200000}]',
    quote: { bid: 0.04, ask: 0.05, markVolatility: 0.5 },
  },
  'deribit-order-book-csv': {
    text: 'instrument_name,best_bid_price,best_ask_price,mark_iv,underlying_price,timestamp\nBTC-26JUN26-95000-C,0.04,0.0,50,91000,1780315200000',
    quote: { bid: 0.04, markVolatility: 0.5 },
  },
  'cboe-quote-table': {
    text: '\nX,Last: 6001,Change: 1\n"Date: June 1, 2026, 11:55 AM EDT",Bid: 1\nExpiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike,Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest\nFri Jun 26 2026,SPXW260626C06000000,0,0,30,31,0,0,0,0,0,6000,SPXW260626P06000000,0,0,28,29,0,0,0,0,0',
    quote: { bid: 30, ask: 31, expiry: Date.UTC(2026, 5, 26, 20) },
    chain: { spot: 6001 },
  },
  'deribit-snapshot-csv': {
    text: 'timestamp,instrument_name,option_type,strike,expiry_datetime,bid_price,ask_price,mark_price,futures_price,implied_volatility,open_interest,volume,index_price\n2026-06-01T12:00:00.944181+00:00,BTC-26JUN26-95000-C,call,95000.0,2026-06-26T08:00:00+00:00,,0.05,0.045,91000.5,0.5,1,0.0,90900',
    quote: { ask: 0.05, mark: 0.045, forward: 91_000.5, markVolatility: 0.5, timestamp: asOf + 944 },
    chain: { asOf: asOf + 944, spot: 90_900 },
  },
  'deribit-optionsdx': {
    text: '[QUOTE_UNIXTIME], [INSTRUMENT_NAME], [EXPIRY_UNIX], [OPTION_RIGHT], [STRIKE], [BID_SIZE], [BID_PRICE], [ASK_PRICE], [ASK_SIZE], [OPEN_INTEREST], [VOLUME], [UNDERLYING_PRICE], [MARK_IV]\n1780315200, BTC-26JUN26-95000-C, 1782460800, call, 95000.000000, 0.000000, 0.000000, 0.050000, 2.000000, 0.000000, , 91000.500000, 50.000000',
    quote: { ask: 0.05, askSize: 2, forward: 91_000.5, markVolatility: 0.5, timestamp: asOf },
  },
  'deribit-web-export': {
    text: 'Instrument,Volume,Open,Δ|Delta,Last,Size,IV Bid,Bid,Mark,Ask,IV Ask,Size\nBTC-26JUN26-95000-C,-,"1,257",0.4,-,23,-,0.04,0.045,0.05,52.5,18',
    quote: { bid: 0.04, mark: 0.045, ask: 0.05, bidSize: 23, askSize: 18, askVolatility: 0.525, openInterest: 1257 },
    asOf,
  },
  'deribit-surface-csv': {
    text: 'snapshot_ts,expiry,strike,option_type,bid,ask,mark_price,forward_price,index_price,implied_vol,open_interest,volume_24h\n2026-06-01T12:00:00Z,2026-06-26,95000.0,C,0.0,0.05,0.0,91000.5,90900,0.5,0.0,0.0',
    quote: { ask: 0.05, mark: 0, expiry, markVolatility: 0.5, instrument: 'BTC-2026-06-26-95000-C' },
    chain: { settlement: 'inverse', premiumCurrency: 'BTC', spot: 90_900 },
    underlying: 'BTC',
  },
  'deribit-usd-ticker-csv': {
    text: 'symbol,option_type,strike_price,expiration_date,last_price_usd,bid_price_usd,ask_price_usd,bid_iv,ask_iv,open_interest,total traded volume\nBTC-26JUN26-95000-C,call,95000.0,2026-06-26,0.0,4000,4100,0.8,720.6,0.0,0.0',
    quote: { bid: 4000, ask: 4100, expiry },
    chain: { settlement: 'linear', premiumCurrency: 'USD' },
    asOf,
  },
  'spx-volatility-table': {
    text: ',Expiry,Texp,Strike,Bid,Ask,Fwd,CallMid\n0,20260608,0.0191649555,5900,,0.31,6000.5,\n1,20260608,0.0191649555,6100,0.15,0.16,6000.5,9',
    quote: { type: 'put', strike: 5900, askVolatility: 0.31, forward: 6000.5, expiry: Date.UTC(2026, 5, 8, 20) },
    chain: { underlying: 'SPX', asOf: Date.UTC(2026, 5, 1, 20), style: 'european' },
  },
  quotes: {
    text: 'time,underlying,expiry,strike,type,bid,ask,forward,volume\n2026-06-01T12:00:00Z,XYZ,2026-06-26T08:00:00Z,95,call,,1.5,100,',
    quote: { underlying: 'XYZ', type: 'call', strike: 95, expiry, ask: 1.5, forward: 100, timestamp: asOf },
    chain: { underlying: 'XYZ', asOf, settlement: 'linear', premiumCurrency: 'USD', venue: 'csv' },
  },
};

describe('recogniseFeed', () => {
  it.each(Object.entries(FEEDS))('%s', (name, { text, quote, chain, ...o }) => {
    const feed = recogniseFeed(text)!;
    expect(feed.name).toBe(name);
    const parsed = feed.parse(o);
    expect(feed.venue).toBe(parsed.venue);
    if (o.underlying === undefined) expect(feed.underlyings()).toEqual([parsed.underlying]);
    expect(parsed.rejected).toEqual([]);
    expect(parsed.quotes[0]).toMatchObject(quote);
    expect(parsed).toMatchObject(chain ?? {});
    if (o.asOf !== undefined) {
      expect(() => feed.parse()).toThrow(expect.objectContaining({ name: 'InputError', field: 'asOf' }));
    }
  });

  it('covers every layout, and each also reads through csv.parseChain', () => {
    for (const { name, mapping } of feedLayouts) {
      const { text, quote, asOf: given, underlying } = FEEDS[name]!;
      expect(csv.parseChain(text, mapping, { asOf: given, underlying }).quotes[0]).toMatchObject(quote);
    }
  });

  it('reads the chains of all underlyings at once', () => {
    const text = `${FEEDS['quotes']!.text}\n2026-06-01T12:00:00Z,ABC,2026-06-26T08:00:00Z,9,put,1,2,10,3`;
    const feed = recogniseFeed(text)!;
    expect(feed.timeColumn).toBe('time');
    expect(feed.chains().map(({ underlying }) => underlying)).toEqual(['ABC', 'XYZ']);
    expect(feed.chains()).toEqual(['ABC', 'XYZ'].map((underlying) => feed.parse({ underlying })));
    expect(feed.chains({ underlying: 'ABC' })).toHaveLength(1);
    expect(feed.chains({ underlying: 'NO' })).toEqual([]);
    expect(() => recogniseFeed(text.replaceAll(/call|put/g, 'x'))!.chains()).toThrow(/unreadable-value type/);
    const table = recogniseFeed(FEEDS['cboe-quote-table']!.text)!;
    expect(table.chains()).toEqual([table.parse()]);
  });

  it('says which columns a header lacks of the layout it comes nearest to', () => {
    expect(nearestLayout(['time', 'underlying', 'expiry', 'type', 'bid', 'ask'])).toEqual({
      name: 'quotes',
      missing: ['strike'],
    });
    expect(nearestLayout(['a', 'b'])).toBeUndefined();
  });

  it('leaves placeholders out of the quotes', () => {
    const { text } = FEEDS['deribit-usd-ticker-csv']!;
    const quote = recogniseFeed(text)!.parse({ asOf }).quotes[0]!;
    for (const field of ['bidVolatility', 'askVolatility', 'last']) expect(quote).not.toHaveProperty(field);
  });

  it('rejects a row of a volatility table without its forward or its day', () => {
    const text =
      'Expiry,Texp,Strike,Bid,Ask,Fwd\n20260608,0.0191649555,5900,0.3,0.31,6000.5\n20260608,0.0191649555,5900,0.3,0.31,\nlater,0.0191649555,5900,0.3,0.31,6000.5';
    expect(recogniseFeed(text)!.parse().rejected).toMatchObject([
      { index: 1, reason: 'missing-value', field: 'type' },
      { index: 2, reason: 'unreadable-value', field: 'expiry' },
    ]);
  });

  it.each(['', 'a,b\n1,2', '{"a":1}', '[1,2]', '{"result": ', 'plain words', '"open'])('does not know %j', (text) => {
    expect(recogniseFeed(text)).toBeUndefined();
  });
});

describe('joinChains', () => {
  const chain = (expiryName: string, rows = ''): OptionChain =>
    recogniseFeed(
      `Instrument,Size,IV Bid,Bid,Mark,Ask,IV Ask,Size,Last,Open,Volume\nETH-${expiryName}-3000-C,1,-,0.04,0.04,0.05,-,2,-,-,-\n${rows}`,
    )!.parse({ asOf });

  it('puts quotes and rejections after one another', () => {
    const joined = joinChains([
      chain('5JUN26', 'ETH-PERPETUAL,1,-,0.0012,0.04,0.05,-,2,-,-,-'),
      chain('26JUN26', 'ETH-26JUN26-3100-C,1,-,0.0012,0.04,0.05,-,2,-,-,-\nETH-PERPETUAL,1,-,0,0.04,0.05,-,2,-,-,-'),
    ]);
    expect(joined.quotes.map(({ instrument }) => instrument)).toEqual([
      'ETH-5JUN26-3000-C',
      'ETH-26JUN26-3000-C',
      'ETH-26JUN26-3100-C',
    ]);
    expect(joined.rejected.map(({ index }) => index)).toEqual([1, 4]);
    expect(joined.tick).toBe(0.0001);
    expect(joinChains([joined])).toEqual(joined);
  });

  it('keeps the first spot there is', () => {
    expect(joinChains([chain('5JUN26'), { ...chain('26JUN26'), spot: 3000 }]).spot).toBe(3000);
  });

  it('refuses chains that do not belong together', () => {
    expect(() => joinChains([])).toThrow(InputError);
    expect(() => joinChains([chain('5JUN26'), { ...chain('26JUN26'), asOf: asOf + 1 }])).toThrow(
      expect.objectContaining({ name: 'InputError', field: 'chains.asOf' }),
    );
  });
});
