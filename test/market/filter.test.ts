import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { defaultQuoteFilters, judgeQuotes, quoteFilters } from '../../src/market/filter.js';
import type { QuoteRejectionReason } from '../../src/market/filter.js';
import type { RawQuote } from '../../src/market/quote.js';
import { sliceInputs } from '../../src/market/slice-inputs.js';
import { AS_OF, DAY, syntheticChain } from './support.js';

const quote = (change: Partial<RawQuote> = {}): RawQuote => ({
  instrument: 'X-7-100-C',
  underlying: 'X',
  type: 'call',
  strike: 100,
  expiry: AS_OF + 7 * DAY,
  bid: 1,
  ask: 1.1,
  ...change,
});

const judge = (quotes: RawQuote[], changes: Record<string, number | boolean> = {}): ReturnType<typeof judgeQuotes> =>
  judgeQuotes(quotes, AS_OF, quoteFilters(changes));

describe('what a quote says by itself', () => {
  it('a good one passes', () => {
    expect(judge([quote()])).toEqual([undefined]);
  });

  it.each<[QuoteRejectionReason, Partial<RawQuote>, number, number]>([
    ['expired', { expiry: AS_OF - 73 * DAY }, -0.2, 0],
    ['expired', { expiry: AS_OF }, 0, 0],
    ['no-quote', { bid: undefined, ask: undefined }, 0, 0],
    ['no-quote', { bid: 0, ask: 0, bidVolatility: 0.4, askVolatility: 0.5 }, 0, 0],
    ['crossed', { bid: 1.2, ask: 1.1 }, 1.2, 1.1],
    ['crossed', { bid: undefined, ask: undefined, bidVolatility: 0.5, askVolatility: 0.4 }, 0.5, 0.4],
    ['locked', { bid: 1.1, ask: 1.1 }, 1.1, 1.1],
    ['stale', { timestamp: AS_OF - 601_000 }, 601, 600],
  ])('%s', (reason, change, value, limit) => {
    // Fresh neighbours keep the median age at zero.
    const fresh = [101, 102, 103].map((strike) => quote({ strike, timestamp: AS_OF }));
    expect(judge([quote(change), ...fresh])).toEqual([{ reason, value, limit }, undefined, undefined, undefined]);
  });

  it('one side, or volatilities alone, may go on', () => {
    expect(judge([quote({ bid: undefined }), quote({ strike: 101, ask: 0 })])).toEqual([undefined, undefined]);
    expect(judge([quote({ bid: undefined, ask: undefined, askVolatility: 0.4 })])).toEqual([undefined]);
  });

  it('age is measured against the age usual in the chain', () => {
    const delayed = [100, 101, 102, 103].map((strike) => quote({ strike, timestamp: AS_OF - 900_000 }));
    const late = quote({ strike: 104, timestamp: AS_OF - 2_701_000 });
    expect(judge([...delayed, late])).toEqual([
      ...delayed.map(() => undefined),
      { reason: 'stale', value: 2701, limit: 2700 },
    ]);
    expect(judge(delayed, { maximumAgeMultiple: 0 }).every((verdict) => verdict?.reason === 'stale')).toBe(true);
    expect(judge([late], { maximumAge: Infinity })).toEqual([undefined]);
  });

  it('of copies the latest stays, then the narrowest, then the first', () => {
    const copy = { reason: 'duplicate', value: 3, limit: 1 };
    const at = (timestamp: number, ask = 1.1): RawQuote => quote({ timestamp, ask });
    expect(judge([at(AS_OF - 2), at(AS_OF - 1), at(AS_OF - 3)])).toEqual([copy, undefined, copy]);
    expect(judge([at(AS_OF, 1.3), at(AS_OF, 1.2), at(AS_OF, 1.4)])).toEqual([copy, undefined, copy]);
    expect(judge([quote(), quote(), quote()])).toEqual([undefined, copy, copy]);
    expect(judge([quote({ bid: 2 }), quote()])).toEqual([{ reason: 'crossed', value: 2, limit: 1.1 }, undefined]);
  });

  it('locked quotes are kept where asked for', () => {
    expect(judge([quote({ bid: 1.1 })], { keepLocked: true })).toEqual([undefined]);
  });
});

describe('what a quote says on a known forward', () => {
  /** The chain with one out-of-the-money quote (30 days, strike 120,000, call) changed. */
  function rejectedAs(
    change: (quote: RawQuote) => Partial<RawQuote>,
    filters: Record<string, number | boolean> = {},
    instrument = 'X-30-120000-C',
  ): { reason: QuoteRejectionReason; value: number; limit: number } | undefined {
    const chain = { ...syntheticChain(), tick: 1e-4 };
    const index = chain.quotes.findIndex((q) => q.instrument === instrument);
    chain.quotes[index] = { ...chain.quotes[index]!, ...change(chain.quotes[index]!) };
    const found = sliceInputs(chain, { filters }).rejected.find((r) => r.index === index);
    expect(found?.id ?? instrument).toBe(instrument);
    return found && { reason: found.reason, value: found.value, limit: found.limit };
  }
  const forward = 100_000 * Math.exp((0.05 * 30) / 365);

  it('the unchanged quote is used', () => {
    expect(rejectedAs(() => ({}))).toBeUndefined();
  });

  it('wide-spread, in the premium currency; within the ticks it is not too wide', () => {
    const wide = rejectedAs(() => ({ bid: 0.004, ask: 0.014 }), {
      maximumSpread: 0.5,
      maximumRelativeHalfSpread: Infinity,
    });
    expect(wide?.reason).toBe('wide-spread');
    expect(wide?.value).toBeCloseTo(0.01, 12);
    expect(wide?.limit).toBeCloseTo(0.5 * 0.009, 12);
    const ticks = { maximumSpread: 0.5, maximumSpreadTicks: 100, maximumRelativeHalfSpread: Infinity };
    expect(rejectedAs(() => ({ bid: 0.004, ask: 0.014 }), ticks)).toBeUndefined();
  });

  it('imprecise-volatility, absolute and relative', () => {
    const wide = (q: RawQuote): Partial<RawQuote> => ({ bid: q.bid! - 0.002, ask: q.ask! + 0.002 });
    const absolute = rejectedAs(wide, {
      maximumSpread: Infinity,
      maximumRelativeHalfSpread: 0,
      maximumVolatilityHalfSpread: 0.02,
    });
    expect(absolute).toMatchObject({ reason: 'imprecise-volatility', limit: 0.02 });
    expect(absolute!.value).toBeGreaterThan(0.02);
    expect(rejectedAs(wide, { maximumSpread: Infinity, maximumRelativeHalfSpread: 0.2 })).toBeUndefined();
  });

  it('delta-out-of-range and low-vega', () => {
    const delta = rejectedAs(() => ({}), { minimumDelta: 0.3 });
    expect(delta).toMatchObject({ reason: 'delta-out-of-range', limit: 0.3 });
    expect(delta!.value).toBeLessThan(0.3);
    expect(rejectedAs(() => ({}), { maximumDelta: 0.05 })).toMatchObject({ reason: 'delta-out-of-range', limit: 0.05 });
    const vega = rejectedAs(() => ({}), { minimumVega: 0.35 });
    expect(vega).toMatchObject({ reason: 'low-vega', limit: 0.35 });
    expect(vega!.value).toBeLessThan(0.35);
  });

  it('in-the-money', () => {
    const put = rejectedAs(() => ({}), {}, 'X-30-120000-P');
    expect(put?.reason).toBe('in-the-money');
    expect(put?.value).toBeCloseTo(Math.log(120_000 / forward), 4);
    expect(put!.limit).toBeCloseTo(0.25 * 0.5 * Math.sqrt(30 / 365), 2);
  });

  it('outside-bounds: a call above its forward, an in-the-money quote below intrinsic value', () => {
    const above = rejectedAs(() => ({ bid: 1.2, ask: 1.21 }));
    expect(above?.reason).toBe('outside-bounds');
    expect(above!.value).toBeCloseTo(0.2 * forward, -2);
    expect(above!.limit).toBeCloseTo(0.01 * forward, -1);
    const below = rejectedAs(() => ({ bid: 0.1, ask: 0.101 }), {}, 'X-30-120000-P');
    expect(below?.reason).toBe('outside-bounds');
    expect(below!.value).toBeGreaterThan(below!.limit);
    expect(rejectedAs(() => ({ bid: undefined, ask: 1.5 }))).toMatchObject({ reason: 'outside-bounds' });
  });

  it('one-sided, where bounds are not kept', () => {
    expect(rejectedAs(() => ({ bid: 0 }))).toBeUndefined();
    expect(rejectedAs(() => ({ bid: 0 }), { keepOneSided: false })).toEqual({
      reason: 'one-sided',
      value: 1,
      limit: 2,
    });
  });
});

describe('options', () => {
  it('change what is named and nothing else', () => {
    expect(quoteFilters()).toEqual(defaultQuoteFilters);
    expect(quoteFilters({ minimumDelta: 0.01, keepLocked: true })).toEqual({
      ...defaultQuoteFilters,
      minimumDelta: 0.01,
      keepLocked: true,
    });
  });

  it.each([
    ['maxSpread', 1],
    ['toString', 1],
    ['minimumDelta', -0.1],
    ['minimumDelta', NaN],
    ['minimumDelta', true],
    ['keepLocked', 1],
  ])('filters.%s = %s throws', (key, value) => {
    const call = (): unknown => quoteFilters({ [key]: value });
    expect(call).toThrow(InputError);
    expect(call).toThrow(expect.objectContaining({ field: `filters.${key}` }));
  });

  it('judging does not depend on the order of the quotes', () => {
    const quotes = [
      quote(),
      quote({ strike: 101, bid: 2 }),
      quote({ strike: 102, timestamp: AS_OF - 1e7 }),
      quote({ strike: 103, timestamp: AS_OF }),
      quote({ strike: 104, timestamp: AS_OF }),
      quote({ strike: 104, ask: 1.3 }),
      quote({ strike: 105, expiry: AS_OF - 1 }),
    ];
    const reference = new Map(judge(quotes).map((verdict, i) => [quotes[i], verdict]));
    fc.assert(
      fc.property(fc.shuffledSubarray(quotes, { minLength: quotes.length }), (shuffled) => {
        judge(shuffled).forEach((verdict, i) => {
          expect(verdict).toEqual(reference.get(shuffled[i]));
        });
      }),
    );
  });
});
