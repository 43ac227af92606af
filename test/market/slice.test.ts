import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import type { OptionChain } from '../../src/market/chain.js';
import { calendarClock, varianceTime } from '../../src/market/clock.js';
import type { RawQuote } from '../../src/market/quote.js';
import { BLEND_SEPARATOR, sliceInputs } from '../../src/market/slice-inputs.js';
import type { SliceInputs } from '../../src/market/slice-inputs.js';
import { AS_OF, DAY, seeded, smile, syntheticChain } from './support.js';

const growth = (timeToExpiry: number): number => 100_000 * Math.exp(0.05 * timeToExpiry);
const named = (inputs: SliceInputs): string[] =>
  inputs.slices.flatMap((slice) => slice.instrument.flatMap((name) => name.split(BLEND_SEPARATOR)));

/** The chain with one quote changed. */
function changed(chain: OptionChain, instrument: string, change: Partial<RawQuote>): OptionChain {
  expect(chain.quotes.some((q) => q.instrument === instrument)).toBe(true);
  return { ...chain, quotes: chain.quotes.map((q) => (q.instrument === instrument ? { ...q, ...change } : q)) };
}

function failureOf(
  inputs: SliceInputs,
  day: number,
): { reason: string; value: number | undefined; limit: number | undefined } {
  const found = inputs.forwards.find(({ expiry }) => expiry === AS_OF + day * DAY);
  if (!found || found.forward.ok) throw new Error('expected no forward');
  return { reason: found.forward.reason, value: found.forward.value, limit: found.forward.limit };
}

describe('a chain quoted around one smile gives that smile back', () => {
  it.each([
    ['inverse', () => 1],
    ['linear', (t: number) => Math.exp(-0.04 * t)],
  ] as const)('%s', (settlement, discount) => {
    const inputs = sliceInputs(syntheticChain({ settlement, discount }));
    expect(inputs.slices.map((slice) => slice.expiry)).toEqual([7, 30, 90, 200].map((day) => AS_OF + day * DAY));
    for (const slice of inputs.slices) {
      expect(slice.underlying).toBe('X');
      expect(slice.timeToExpiry).toBe((slice.expiry - AS_OF) / (365 * DAY));
      expect(slice.varianceTime).toBe(slice.timeToExpiry);
      expect(Math.abs(slice.forward / growth(slice.timeToExpiry) - 1)).toBeLessThan(1e-11);
      expect(Math.abs(slice.discountFactor / discount(slice.timeToExpiry) - 1)).toBeLessThan(1e-9);
      expect(slice.forwardVariance).toBeGreaterThan(0);
      expect([...slice.logMoneyness].sort((a, b) => a - b)).toEqual(slice.logMoneyness);
      slice.logMoneyness.forEach((k, i) => {
        const truth = smile(k, slice.timeToExpiry);
        expect(Math.abs(slice.volatility[i]! - truth)).toBeLessThan(1e-7);
        expect(slice.volatilityBid[i]!).toBeLessThan(truth);
        expect(slice.volatilityAsk[i]!).toBeGreaterThan(truth);
        expect(slice.volatilityAsk[i]! - slice.volatilityBid[i]!).toBeCloseTo(0.006, 3);
      });
    }
    for (const { forward } of inputs.forwards) expect(forward).toMatchObject({ ok: true, source: 'parity' });
  });

  it('whatever the order of the quotes, to the last bit', () => {
    const chain = syntheticChain({ days: [7, 90] });
    const reference = sliceInputs(chain);
    fc.assert(
      fc.property(fc.shuffledSubarray(chain.quotes, { minLength: chain.quotes.length }), (quotes) => {
        const inputs = sliceInputs({ ...chain, quotes });
        expect(inputs.slices).toEqual(reference.slices);
        for (const { index, id } of inputs.rejected) expect(quotes[index]!.instrument).toBe(id);
      }),
      { numRuns: 10 },
    );
  });

  it('in any unit of price', () => {
    const chain = syntheticChain({ settlement: 'linear', days: [30] });
    const [slice] = sliceInputs(chain).slices;
    const scaled = sliceInputs({
      ...chain,
      quotes: chain.quotes.map((q) => ({ ...q, strike: q.strike / 1024, bid: q.bid! / 1024, ask: q.ask! / 1024 })),
    }).slices[0]!;
    expect(scaled.forward * 1024).toBeCloseTo(slice!.forward, 7);
    scaled.volatility.forEach((v, i) => {
      expect(v).toBeCloseTo(slice!.volatility[i]!, 11);
    });
  });
});

describe('one point a strike', () => {
  const chain = syntheticChain({ days: [90] });
  const [slice] = sliceInputs(chain).slices;

  it('call and put are blended near the money and named, the out-of-the-money one alone elsewhere', () => {
    const width = 0.25 * 0.5 * Math.sqrt(90 / 365);
    const strikes = slice!.logMoneyness.map((k) => Math.round(slice!.forward * Math.exp(k)));
    expect(new Set(strikes).size).toBe(strikes.length);
    slice!.instrument.forEach((name, i) => {
      const k = slice!.logMoneyness[i]!;
      if (Math.abs(Math.abs(k) - width) < 0.01) return;
      const [outOfTheMoney, inTheMoney] = k < 0 ? ['P', 'C'] : ['C', 'P'];
      const base = `X-90-${strikes[i]}-`;
      expect(name).toBe(
        Math.abs(k) < width ? `${base}${outOfTheMoney}${BLEND_SEPARATOR}${base}${inTheMoney}` : base + outOfTheMoney,
      );
    });
  });

  it('the blend weighs by inverse variance and lies between its halves', () => {
    const [call, put] = ['X-90-102000-C', 'X-90-102000-P'];
    const wide = chain.quotes.find((q) => q.instrument === put)!;
    // The put widened and moved up: it pulls the blend up a little.
    const moved = changed(chain, put, { bid: wide.bid! - 0.002, ask: wide.ask! + 0.004 });
    const at = (inputs: SliceInputs): { volatility: number; deviation: number; bid: number; ask: number } => {
      const i = inputs.slices[0]!.instrument.findIndex((name) => name.includes('X-90-102000-'));
      expect(inputs.slices[0]!.instrument[i]).toBe(call + BLEND_SEPARATOR + put);
      return {
        volatility: inputs.slices[0]!.volatility[i]!,
        deviation: inputs.slices[0]!.standardDeviation[i]!,
        bid: inputs.slices[0]!.volatilityBid[i]!,
        ask: inputs.slices[0]!.volatilityAsk[i]!,
      };
    };
    const before = at(sliceInputs(chain));
    const after = at(sliceInputs(moved, { filters: { maximumSpread: Infinity } }));
    expect(after.volatility).toBeGreaterThan(before.volatility);
    expect(after.volatility - before.volatility).toBeLessThan(0.002);
    expect(after.deviation).toBeGreaterThan(before.deviation);
    expect(after.deviation).toBeLessThan(before.deviation * Math.SQRT2 * 1.001);
    expect(after.bid).toBeLessThan(after.volatility);
    expect(after.ask).toBeGreaterThan(after.volatility);
  });

  it('no blend where its width is 0', () => {
    const alone = sliceInputs(chain, { filters: { blendWidth: 0 } });
    expect(alone.slices[0]!.instrument.every((name) => !name.includes(BLEND_SEPARATOR))).toBe(true);
    expect(alone.rejected.every(({ reason }) => reason === 'in-the-money')).toBe(true);
  });

  it('an error of the forward moves call and put apart and leaves their blend in place', () => {
    // Published forward 0.05% off, inside the executable interval.
    const off = syntheticChain({ days: [90], halfSpread: 0.01, published: (t) => growth(t) * 1.0005 });
    const blended = sliceInputs(off).slices[0]!;
    expect(sliceInputs(off).forwards[0]!.forward).toMatchObject({ source: 'listed' });
    const alone = sliceInputs(off, { filters: { blendWidth: 0 } }).slices[0]!;
    const error = (s: typeof blended, i: number): number =>
      Math.abs(
        s.volatility[i]! -
          smile(Math.log((s.forward * Math.exp(s.logMoneyness[i]!)) / growth(s.timeToExpiry)), 90 / 365),
      );
    const i = blended.instrument.findIndex((name) => name.startsWith('X-90-102000'));
    expect(error(blended, i)).toBeLessThan(0.25 * error(alone, i));
  });
});

describe('bounds', () => {
  const chain = syntheticChain({ days: [30] });
  const at = (c: OptionChain, name: string): { bid: number; ask: number; volatility: number; deviation: number } => {
    const slice = sliceInputs(c).slices[0]!;
    const i = slice.instrument.indexOf(name);
    expect(i).toBeGreaterThanOrEqual(0);
    return {
      bid: slice.volatilityBid[i]!,
      ask: slice.volatilityAsk[i]!,
      volatility: slice.volatility[i]!,
      deviation: slice.standardDeviation[i]!,
    };
  };
  const name = 'X-30-116000-C';
  const full = at(chain, name);

  it('an ask alone bounds from above, a bid alone from below', () => {
    const above = at(changed(chain, name, { bid: 0 }), name);
    expect(above).toMatchObject({ bid: 0, volatility: NaN, deviation: Infinity });
    expect(above.ask).toBeCloseTo(full.ask, 12);
    const below = at(changed(chain, name, { ask: undefined }), name);
    expect(below).toMatchObject({ ask: Infinity, volatility: NaN, deviation: Infinity });
    expect(below.bid).toBeCloseTo(full.bid, 12);
  });

  it('a bid below intrinsic value is no bound; the out-of-the-money side then stands alone', () => {
    const [call, put] = ['X-30-100000-C', 'X-30-100000-P'];
    // The forward is above 100,000: the call is in the money by about 0.004.
    const inputs = sliceInputs(changed(chain, call, { bid: 0.0005 }), { filters: { maximumSpread: Infinity } });
    expect(inputs.slices[0]!.instrument).toContain(put);
    expect(inputs.rejected.find((r) => r.id === call)).toMatchObject({ reason: 'one-sided', value: 1, limit: 2 });
  });

  it('a strike quoted on both sides only in the money is used near the money', () => {
    const [call, put] = ['X-30-100000-C', 'X-30-100000-P'];
    const inputs = sliceInputs(changed(chain, put, { bid: 0 }));
    expect(inputs.slices[0]!.instrument).toContain(call);
    expect(inputs.rejected.find((r) => r.id === put)).toMatchObject({ reason: 'one-sided' });
  });
});

describe('quotes in volatilities', () => {
  const volatilities = (chain: OptionChain): OptionChain => ({
    ...chain,
    quotes: chain.quotes
      .filter((q) => (q.type === 'call') === q.strike >= q.forward!)
      .map((q, i) => ({
        ...q,
        bid: undefined,
        ask: undefined,
        bidVolatility: i === 3 ? undefined : 0.4 + 1e-3 * i,
        askVolatility: 0.42 + 1e-3 * i,
      })),
  });
  const chain = volatilities(syntheticChain({ settlement: 'linear', days: [30], published: growth }));

  it('are used as they are, on the published forward', () => {
    const inputs = sliceInputs(chain);
    const [slice] = inputs.slices;
    expect(inputs.forwards[0]!.forward).toMatchObject({
      ok: true,
      source: 'listed',
      forward: growth(30 / 365),
      discountFactor: 1,
      pairsUsed: 0,
      flags: ['discount-from-prior'],
    });
    expect(named(inputs).length + inputs.rejected.length).toBe(chain.quotes.length);
    slice!.instrument.forEach((name, i) => {
      const quote = chain.quotes.find((q) => q.instrument === name)!;
      expect(slice!.volatilityBid[i]).toBe(quote.bidVolatility ?? 0);
      expect(slice!.volatilityAsk[i]).toBe(quote.askVolatility);
      if (quote.bidVolatility === undefined) expect(slice!.volatility[i]).toBeNaN();
      else expect(slice!.volatility[i]).toBeCloseTo(0.5 * (quote.bidVolatility + quote.askVolatility!), 15);
    });
  });

  it('a put of a strike above the forward is as good as a call', () => {
    const calls = { ...chain, quotes: chain.quotes.map((q) => ({ ...q, type: 'call' as const })) };
    expect(sliceInputs(calls).slices[0]!.volatility).toEqual(sliceInputs(chain).slices[0]!.volatility);
  });
});

describe('forward of each expiry', () => {
  it('the published one where its rows agree better than parity and it lies inside the interval', () => {
    const inputs = sliceInputs(syntheticChain({ halfSpread: 0.02, published: growth }));
    for (const { forward } of inputs.forwards) expect(forward).toMatchObject({ ok: true, source: 'listed' });
    for (const slice of inputs.slices) {
      expect(slice.forward).toBe(growth(slice.timeToExpiry));
      expect(Math.sqrt(slice.forwardVariance)).toBeCloseTo(1e-5 * slice.forward, 6);
    }
  });

  it('parity where the published rows scatter', () => {
    const random = seeded(1);
    const chain = syntheticChain({ days: [30], published: growth });
    for (const q of chain.quotes) q.forward = q.forward! * (1 + 0.01 * (random() - 0.5));
    expect(sliceInputs(chain).forwards[0]!.forward).toMatchObject({ ok: true, source: 'parity' });
  });

  it('its error counts what it differs from parity by, never more than the error of parity', () => {
    const at = (shift: number): SliceInputs['slices'][number] =>
      sliceInputs(syntheticChain({ days: [30], halfSpread: 0.02, published: (t) => growth(t) * (1 + shift) }))
        .slices[0]!;
    const parity = sliceInputs(syntheticChain({ days: [30], halfSpread: 0.02 })).slices[0]!.forwardVariance;
    expect(at(0).forwardVariance).toBeLessThan(0.01 * parity);
    const shift = (1.2 * Math.sqrt(parity)) / growth(30 / 365);
    expect(at(shift).forwardVariance).toBeCloseTo(0.44 * parity + (1e-5 * at(shift).forward) ** 2, -1);
    expect(at(3 * shift).forwardVariance).toBe(parity);
  });

  it('one expiry whose published forward is not executable is left out, named with both numbers', () => {
    const chain = syntheticChain({ published: (t) => growth(t) * (t < 0.05 ? 1.02 : 1) });
    const inputs = sliceInputs(chain);
    expect(inputs.slices.length).toBe(3);
    const failure = failureOf(inputs, 7);
    expect(failure.reason).toBe('no-feasible-forward');
    expect(failure.value).toBeCloseTo(1.02 * growth(7 / 365), 6);
    expect(failure.limit).toBeLessThan(failure.value!);
    const rejected = inputs.rejected.filter(({ id }) => id.startsWith('X-7-'));
    expect(rejected.length).toBe(62);
    for (const r of rejected)
      expect(r).toMatchObject({ reason: 'parity-arbitrage', value: failure.value, limit: failure.limit });
  });

  it('no expiry is believed where most published forwards are not executable', () => {
    const chain = syntheticChain({ published: (t) => growth(t) * (t < 0.4 ? 1.03 : 1) });
    const inputs = sliceInputs(chain);
    expect(inputs.slices).toEqual([]);
    expect(inputs.rejected.length).toBe(chain.quotes.length);
    for (const r of inputs.rejected.filter(({ id }) => id.startsWith('X-200-'))) {
      expect(r).toMatchObject({ reason: 'parity-arbitrage', value: 0.75, limit: 0.5 });
    }
  });

  it('pairs that contradict each other end the expiry', () => {
    const random = seeded(9);
    const chain = syntheticChain({ days: [30] });
    for (const q of chain.quotes) {
      const shift = 0.05 * (random() - 0.2);
      q.bid = Math.max(1e-4, q.bid! + shift);
      q.ask = q.bid + 2e-4;
    }
    const inputs = sliceInputs(chain);
    expect(inputs.slices).toEqual([]);
    expect(failureOf(inputs, 30)).toMatchObject({ reason: 'no-feasible-forward', limit: 0.5 });
    expect(new Set(inputs.rejected.map((r) => r.reason))).toEqual(new Set(['parity-arbitrage']));
  });

  it('no pairs and nothing published: no forward', () => {
    const chain = syntheticChain({ days: [30] });
    const inputs = sliceInputs({ ...chain, quotes: chain.quotes.filter((q) => q.type === 'call') });
    expect(inputs.slices).toEqual([]);
    for (const r of inputs.rejected) expect(r).toMatchObject({ reason: 'no-forward', value: 0, limit: 2 });
  });

  it('no pairs: the published one', () => {
    const chain = syntheticChain({ days: [30], published: growth });
    const inputs = sliceInputs({ ...chain, quotes: chain.quotes.filter((q) => q.type === 'call') });
    expect(inputs.slices[0]!.forward).toBe(growth(30 / 365));
    inputs.slices[0]!.logMoneyness.forEach((k, i) => {
      expect(inputs.slices[0]!.volatility[i]).toBeCloseTo(smile(k, 30 / 365), 6);
    });
  });

  it('a discount factor that a short expiry cannot tell comes from the rates of the others', () => {
    const rate = 0.06;
    const inputs = sliceInputs(
      syntheticChain({
        settlement: 'linear',
        days: [2, 90, 400],
        discount: (t) => Math.exp(-rate * t),
        halfSpread: 0.01,
      }),
    );
    const [short] = inputs.forwards;
    expect(short!.forward.ok && short!.forward.flags).toContain('discount-from-prior');
    const { discountFactor, timeToExpiry } = inputs.slices[0]!;
    expect(-Math.log(discountFactor) / timeToExpiry).toBeCloseTo(rate, 6);
  });
});

describe('nothing is lost', () => {
  it('every quote is in a slice or rejected with a reason, once', () => {
    const mutations: ((q: RawQuote) => RawQuote)[] = [
      (q) => ({ ...q, bid: 0 }),
      (q) => ({ ...q, ask: undefined }),
      (q) => ({ ...q, bid: undefined, ask: undefined }),
      (q) => ({ ...q, bid: q.ask, ask: q.bid }),
      (q) => ({ ...q, bid: q.ask }),
      (q) => ({ ...q, expiry: AS_OF - DAY }),
      (q) => ({ ...q, timestamp: AS_OF - 2 * DAY }),
      (q) => ({ ...q, timestamp: AS_OF - 1000 }),
      (q) => ({ ...q, bid: q.bid! * 3, ask: q.ask! * 3 }),
      (q) => ({ ...q, bid: 2, ask: 2.1 }),
      (q) => ({ ...q, ask: 1e-9, bid: 1e-10 }),
      (q) => ({ ...q, bid: undefined, ask: undefined, bidVolatility: 0.4, askVolatility: 0.45 }),
      (q) => ({ ...q, strike: 100_000 }),
      (q) => ({ ...q, forward: 90_000 }),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom('linear' as const, 'inverse' as const),
        fc.array(fc.tuple(fc.nat(10_000), fc.nat(mutations.length - 1)), { maxLength: 60 }),
        fc.boolean(),
        (settlement, changes, published) => {
          const chain = syntheticChain({ settlement, days: [7, 90], published: published ? growth : () => undefined });
          for (const [place, kind] of changes) {
            const i = place % chain.quotes.length;
            if (chain.quotes[i]!.bid !== undefined && chain.quotes[i]!.ask !== undefined) {
              chain.quotes[i] = mutations[kind]!(chain.quotes[i]!);
            }
          }
          const inputs = sliceInputs(chain);
          const rejected = inputs.rejected.map(({ id }) => id);
          expect([...named(inputs), ...rejected].sort()).toEqual(chain.quotes.map((q) => q.instrument).sort());
          expect(inputs.rejected.map(({ index }) => index)).toEqual(
            [...inputs.rejected.map(({ index }) => index)].sort((a, b) => a - b),
          );
          for (const r of inputs.rejected) {
            expect(chain.quotes[r.index]!.instrument).toBe(r.id);
            expect(Number.isNaN(r.value) || Number.isNaN(r.limit)).toBe(false);
          }
          for (const slice of inputs.slices) {
            slice.volatility.forEach((v, i) => {
              if (Number.isNaN(v)) return;
              expect(v).toBeGreaterThanOrEqual(slice.volatilityBid[i]!);
              expect(v).toBeLessThanOrEqual(slice.volatilityAsk[i]!);
              expect(slice.standardDeviation[i]!).toBeGreaterThan(0);
              expect(slice.standardDeviation[i]!).toBeLessThan(Infinity);
            });
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('a slice with too few strikes is left out with all its quotes', () => {
    const chain = syntheticChain({ days: [30], strikes: [98_000, 104_000] });
    const inputs = sliceInputs(chain);
    expect(inputs.slices).toEqual([]);
    expect(inputs.forwards[0]!.forward.ok).toBe(true);
    expect(inputs.rejected.filter((r) => r.reason === 'too-few-quotes').length).toBeGreaterThanOrEqual(2);
    for (const r of inputs.rejected) if (r.reason === 'too-few-quotes') expect(r).toMatchObject({ value: 2, limit: 3 });
    expect(sliceInputs(chain, { filters: { minimumQuotes: 2 } }).slices.length).toBe(1);
  });

  it('an empty chain has no slices', () => {
    expect(sliceInputs({ ...syntheticChain(), quotes: [] })).toEqual({
      slices: [],
      rejected: [],
      repaired: [],
      forwards: [],
    });
  });

  it('an American chain has no slices', () => {
    const chain: OptionChain = { ...syntheticChain({ days: [30] }), style: 'american' };
    const inputs = sliceInputs(chain);
    expect(inputs.slices).toEqual([]);
    expect(inputs.forwards).toEqual([]);
    expect(inputs.rejected.length).toBe(62);
    for (const r of inputs.rejected)
      expect(r).toMatchObject({ reason: 'american-not-de-americanised', value: 62, limit: 0 });
  });
});

describe('options', () => {
  const chain = syntheticChain({ days: [30] });

  it('the clock measures varianceTime', () => {
    const clock = { ...calendarClock, weights: { session: 3, overnight: 1, weekend: 0.2, holiday: 0.2 } };
    const [slice] = sliceInputs(chain, { clock }).slices;
    expect(slice!.varianceTime).toBe(varianceTime(clock, AS_OF, AS_OF + 30 * DAY));
    expect(slice!.varianceTime).not.toBe(slice!.timeToExpiry);
  });

  it('the tick adds its rounding to the standard deviation', () => {
    const coarse = sliceInputs({ ...chain, tick: 5e-4 }).slices[0]!;
    const fine = sliceInputs(chain).slices[0]!;
    coarse.standardDeviation.forEach((sd, i) => {
      expect(sd).toBeGreaterThan(fine.standardDeviation[i]!);
    });
  });

  const with0 = (change: Partial<RawQuote>): OptionChain => ({
    ...chain,
    quotes: chain.quotes.with(0, { ...chain.quotes[0]!, ...change }),
  });
  it.each([
    ['filters.spread', () => sliceInputs(chain, { filters: { spread: 1 } })],
    [
      'clock.weights.weekend',
      () => sliceInputs(chain, { clock: { ...calendarClock, weights: { ...calendarClock.weights, weekend: -1 } } }),
    ],
    ['chain.asOf', () => sliceInputs({ ...chain, asOf: NaN })],
    ['chain.style', () => sliceInputs({ ...chain, style: 'bermudan' as 'american' })],
    ['chain.settlement', () => sliceInputs({ ...chain, settlement: 'cash' as 'linear' })],
    ['chain.tick', () => sliceInputs({ ...chain, tick: -1 })],
    ['chain.spot', () => sliceInputs({ ...chain, spot: 0 })],
    ['chain.quotes[0].strike', () => sliceInputs(with0({ strike: -100 }))],
    ['chain.quotes[0].bid', () => sliceInputs(with0({ bid: NaN }))],
    ['chain.quotes[0].ask', () => sliceInputs(with0({ ask: -0.1 }))],
    ['chain.quotes[0].bidVolatility', () => sliceInputs(with0({ bidVolatility: NaN }))],
    ['chain.quotes[0].expiry', () => sliceInputs(with0({ expiry: Infinity }))],
    ['chain.quotes[0].type', () => sliceInputs(with0({ type: 'straddle' as 'call' }))],
    ['chain.quotes[0].forward', () => sliceInputs(with0({ forward: 0 }))],
    ['chain.quotes[0].timestamp', () => sliceInputs(with0({ timestamp: NaN }))],
  ])('a wrong %s throws', (field, call) => {
    expect(call).toThrow(InputError);
    expect(call).toThrow(expect.objectContaining({ field }));
  });
});
