import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executableArbitrage } from '../../src/market/executable-arbitrage.js';
import type { CallQuotes } from '../../src/market/executable-arbitrage.js';
import { repairPrices, repairUnits } from '../../src/market/price-repair.js';
import type { PriceRepair } from '../../src/market/price-repair.js';
import { callValue, leastDistance, quotesOfSurface, surfaceVariance } from './call-quotes.js';

function repaired(
  quotes: CallQuotes,
  options?: Parameters<typeof repairPrices>[1],
): Extract<PriceRepair, { ok: true }> {
  const result = repairPrices(quotes, options);
  if (!result.ok) throw new Error(result.message);
  return result;
}

/** Quotes of one expiry from rows of strike, bid, ask. */
const expiry = (...rows: [number, number, number][]): CallQuotes => ({
  expiry: rows.map(() => 1),
  strike: rows.map(([strike]) => strike),
  bid: rows.map(([, bid]) => bid),
  ask: rows.map(([, , ask]) => ask),
});

/** Some of the quotes moved, each by its own number of half-spreads. */
const corrupted = (mostExpiries = 4, mostStrikes = 12) =>
  fc
    .record({
      quotes: quotesOfSurface(mostExpiries, mostStrikes),
      moves: fc.array(fc.record({ at: fc.nat(), by: fc.integer({ min: -400, max: 400 }) }), {
        minLength: 1,
        maxLength: 6,
      }),
    })
    .map(({ quotes, moves }) => {
      const unit = repairUnits(quotes);
      const bid = [...quotes.bid];
      const ask = [...quotes.ask];
      let size = 0;
      for (const { at, by } of moves) {
        const i = at % bid.length;
        bid[i]! += (by / 10) * unit[i]!;
        ask[i]! += (by / 10) * unit[i]!;
        size += Math.abs(by / 10);
      }
      return { quotes: { ...quotes, bid, ask }, unit, size };
    });

describe('what collects', () => {
  it('a butterfly of three calls', () => {
    const [found, ...others] = executableArbitrage(expiry([0.9, 0.17, 0.18], [1, 0.15, 0.16], [1.1, 0.08, 0.09]));
    expect(others).toEqual([]);
    expect(found).toMatchObject({ sold: 1, forward: 0, cash: 0 });
    expect(found!.bought.map(({ quote }) => quote)).toEqual([0, 2]);
    expect(found!.bought[0]!.weight).toBeCloseTo(0.5, 12);
    expect(found!.credit).toBeCloseTo(0.15 - 0.5 * (0.18 + 0.09), 12);
  });

  it('a spread of two calls: the dearer one has the higher strike', () => {
    const [found] = executableArbitrage(expiry([1, 0.09, 0.1], [1.2, 0.12, 0.13]));
    expect(found).toEqual({
      sold: 1,
      bought: [{ quote: 0, weight: 1 }],
      forward: 0,
      cash: 0,
      credit: expect.closeTo(0.02, 12) as number,
    });
  });

  it('a call below intrinsic value, against the forward', () => {
    const [found] = executableArbitrage(expiry([0.75, 0.2, 0.24]));
    expect(found).toEqual({
      sold: -1,
      bought: [{ quote: 0, weight: 1 }],
      forward: -1,
      cash: 0.75,
      credit: expect.closeTo(0.01, 12) as number,
    });
  });

  it('a call above the forward, and one too dear between the forward and another', () => {
    expect(executableArbitrage(expiry([0.5, 1.25, 1.5]))[0]).toMatchObject({
      sold: 0,
      bought: [],
      forward: 1,
      credit: 0.25,
    });
    const [found] = executableArbitrage(expiry([0.5, 0.75, 0.8], [1, 0.35, 0.4]));
    expect(found).toMatchObject({ sold: 0, bought: [{ quote: 1, weight: 0.5 }], forward: 0.5 });
    expect(found!.credit).toBeCloseTo(0.05, 12);
  });

  it('an earlier call that is dearer than a later one, and than a mixture of later ones', () => {
    const calendar = { expiry: [1, 2], strike: [1, 1], bid: [0.1, 0.07], ask: [0.11, 0.08] };
    expect(executableArbitrage(calendar)).toEqual([
      { sold: 0, bought: [{ quote: 1, weight: 1 }], forward: 0, cash: 0, credit: expect.closeTo(0.02, 12) as number },
    ]);
    expect(executableArbitrage({ ...calendar, expiry: [2, 1] })).toEqual([]);
    const butterfly = { expiry: [1, 2, 3], strike: [1, 0.9, 1.2], bid: [0.16, 0, 0], ask: [0.17, 0.18, 0.06] };
    const [found] = executableArbitrage(butterfly);
    expect(found!.bought.map(({ quote }) => quote)).toEqual([1, 2]);
    expect(found!.credit).toBeCloseTo(0.16 - (2 / 3) * 0.18 - (1 / 3) * 0.06, 12);
  });

  it('two prices of the same call', () => {
    expect(executableArbitrage(expiry([1, 0.12, 0.13], [1, 0.1, 0.11]))[0]).toMatchObject({
      sold: 0,
      bought: [{ quote: 1 }],
    });
  });

  it('nothing in quotes with one side, or without any', () => {
    expect(executableArbitrage(expiry([0.9, -Infinity, 0.2], [1, 0.11, Infinity], [1.1, -Infinity, 0.05]))).toEqual([]);
    expect(executableArbitrage(expiry())).toEqual([]);
    expect(repairPrices(expiry())).toMatchObject({ ok: true, cost: 0 });
  });

  it('nothing in quotes around a surface without arbitrage', () => {
    fc.assert(
      fc.property(quotesOfSurface(), (quotes) => {
        expect(executableArbitrage(quotes)).toEqual([]);
      }),
    );
    // Its very prices as bid and ask.
    const strikes = Array.from({ length: 200 }, (_, i) => Math.exp(-2 + i / 50));
    const values = [0.1, 1, 3].map((t) =>
      strikes.map((strike) => callValue(strike, surfaceVariance(Math.log(strike), t))),
    );
    const locked = {
      expiry: [0.1, 1, 3].flatMap((t) => strikes.map(() => t)),
      strike: [strikes, strikes, strikes].flat(),
      bid: values.flat(),
      ask: values.flat(),
    };
    expect(executableArbitrage(locked)).toEqual([]);
  });
});

describe('repair', () => {
  it('leaves quotes that need none as they are', () => {
    fc.assert(
      fc.property(quotesOfSurface(), (quotes) => {
        const result = repaired(quotes);
        expect(result).toMatchObject({ bid: quotes.bid, ask: quotes.ask, cost: 0, trade: [] });
      }),
    );
  });

  it('moves the one bid that is too high down to where it can hold', () => {
    const quotes = expiry([0.9, 0.17, 0.18], [1, 0.15, 0.16], [1.1, 0.08, 0.09]);
    // Half a unit of credit for every unit an ask of the wings is raised, a whole one for the bid: the bid is cheapest.
    const result = repaired(quotes);
    expect(result.lowered).toEqual([0, expect.closeTo(0.015, 12), 0]);
    expect(result.raised).toEqual([0, 0, 0]);
    expect(result.cost).toBeCloseTo(3, 10);
    expect(result.trade).toHaveLength(1);
    expect(result.trade[0]!.amount).toBeCloseTo(200, 8);
  });

  it('moves the quotes least relied on: an ask twenty times as wide gives way before the bid', () => {
    const result = repaired(expiry([0.9, 0, 0.18], [1, 0.15, 0.151], [1.1, 0.0799, 0.09]));
    expect(result.raised[0]).toBeGreaterThan(0);
    expect(result.lowered[1]).toBe(0);
  });

  it('costs what the least distance to all arbitrage-free prices is, and the trade collects as much', () => {
    fc.assert(
      fc.property(corrupted(2, 5), ({ quotes, unit, size }) => {
        const result = repaired(quotes, { unit });
        expect(result.cost).toBeLessThan(size * (1 + 1e-9) + 1e-9);
        expect(Math.abs(result.cost - leastDistance(quotes, unit))).toBeLessThan(1e-6 * (1 + result.cost));
        const collected = result.trade.reduce((sum, { portfolio, amount }) => sum + amount * portfolio.credit, 0);
        expect(Math.abs(collected - result.cost)).toBeLessThan(1e-8 * (1 + result.cost));
        expect(result.cost > 0).toBe(executableArbitrage(quotes).length > 0);
      }),
      { numRuns: 60 },
    );
  });

  it('no quote is bought or sold more than once per unit in the trade', () => {
    fc.assert(
      fc.property(corrupted(), ({ quotes, unit }) => {
        const bought = unit.map(() => 0);
        const sold = unit.map(() => 0);
        for (const { portfolio, amount } of repaired(quotes, { unit }).trade) {
          for (const { quote, weight } of portfolio.bought) bought[quote]! += amount * weight * unit[quote]!;
          if (portfolio.sold >= 0) sold[portfolio.sold]! += amount * unit[portfolio.sold]!;
        }
        // The duals are proved to 1e-9 of the scaled program, whose costs are as small as 1e-3.
        expect(Math.max(...bought, ...sold)).toBeLessThan(1 + 1e-6);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves nothing to collect, moves only outwards, and changes nothing when applied again', () => {
    fc.assert(
      fc.property(corrupted(), ({ quotes, unit }) => {
        const { bid, ask, lowered, raised } = repaired(quotes, { unit });
        const again = { ...quotes, bid, ask };
        expect(executableArbitrage(again)).toEqual([]);
        expect(repaired(again, { unit })).toMatchObject({ bid, ask, cost: 0 });
        expect(Math.min(...lowered, ...raised)).toBe(0);
        lowered.forEach((move, i) => {
          expect(bid[i]).toBe(quotes.bid[i]! - move);
          expect(ask[i]).toBe(quotes.ask[i]! + raised[i]!);
          expect(Math.min(move, raised[i]!)).toBe(0);
        });
      }),
      { numRuns: 100 },
    );
  });

  it('does not depend on the order of the quotes', () => {
    fc.assert(
      fc.property(corrupted(), fc.infiniteStream(fc.nat()), ({ quotes, unit }, order) => {
        const shuffled = unit
          .map((_, i) => [order.next().value as number, i] as const)
          .sort(([a, i], [b, j]) => a - b || i - j)
          .map(([, i]) => i);
        const pick = (values: ArrayLike<number>): number[] => shuffled.map((i) => values[i]!);
        const other = {
          expiry: pick(quotes.expiry),
          strike: pick(quotes.strike),
          bid: pick(quotes.bid),
          ask: pick(quotes.ask),
        };
        const cost = repaired(other, { unit: pick(unit) }).cost;
        expect(Math.abs(cost - repaired(quotes, { unit }).cost)).toBeLessThan(1e-8 * (1 + cost));
      }),
      { numRuns: 40 },
    );
  });

  it('mid prices: back inside their spreads where that suffices, else refused', () => {
    fc.assert(
      fc.property(quotesOfSurface(), (quotes) => {
        const mid = quotes.bid.map((bid, i) => 0.5 * (bid + quotes.ask[i]!));
        const half = repairUnits(quotes);
        const result = repaired({ ...quotes, bid: mid, ask: mid }, { unit: half, mostLowered: half, mostRaised: half });
        result.bid.forEach((bid, i) => {
          expect(bid).toBeGreaterThan(quotes.bid[i]! - 1e-9);
          expect(result.ask[i]).toBeLessThan(quotes.ask[i]! + 1e-9);
          expect(Math.min(result.lowered[i]!, result.raised[i]!)).toBe(0);
        });
        const price = mid.map((value, i) => value - result.lowered[i]! + result.raised[i]!);
        expect(executableArbitrage({ ...quotes, bid: price, ask: price })).toEqual([]);
      }),
      { numRuns: 40 },
    );
    const impossible = expiry([0.9, 0.18, 0.18], [1, 0.15, 0.15], [1.1, 0.09, 0.09]);
    const none = [0, 0, 0];
    expect(repairPrices(impossible, { mostLowered: none, mostRaised: none })).toMatchObject({
      ok: false,
      reason: 'infeasible',
    });
  });

  it('whole markets of noise', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.integer({ min: 1, max: 3 }),
            fc.integer({ min: 1, max: 30 }),
            fc.nat({ max: 1000 }),
            fc.nat({ max: 100 }),
          ),
          { minLength: 1, maxLength: 40 },
        ),
        (rows) => {
          const quotes = {
            expiry: rows.map(([e]) => e),
            strike: rows.map(([, strike]) => strike / 10),
            bid: rows.map(([, , bid]) => bid / 1000),
            ask: rows.map(([, , bid, spread]) => (bid + spread) / 1000),
          };
          const result = repaired(quotes);
          expect(executableArbitrage({ ...quotes, bid: result.bid, ask: result.ask })).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });
});
