import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { OptionType } from '../../../src/pricing/option.js';
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import { certifyCalendar } from '../../../src/volatility/arbitrage/calendar.js';
import { quoteArbitrage, tradePayoff } from '../../../src/volatility/arbitrage/quote-arbitrage.js';
import type { NormalisedQuotes, QuoteTrade } from '../../../src/volatility/arbitrage/quote-arbitrage.js';
import { repairQuotes } from '../../../src/volatility/arbitrage/repair.js';
import type { QuoteRepair } from '../../../src/volatility/arbitrage/repair.js';
import { callValue, quotesOfSurface, surfaceVariance } from '../../market/call-quotes.js';

type Row = [expiry: number, type: OptionType, strike: number, bid: number, ask: number];

const columns = (...rows: Row[]): NormalisedQuotes => ({
  expiry: rows.map(([expiry]) => expiry),
  type: rows.map(([, type]) => type),
  strike: rows.map(([, , strike]) => strike),
  bid: rows.map(([, , , bid]) => bid),
  ask: rows.map(([, , , , ask]) => ask),
});

function repaired(quotes: NormalisedQuotes): Extract<QuoteRepair, { ok: true }> {
  const result = repairQuotes(quotes);
  if (!result.ok) throw new Error(result.message);
  return result;
}

const legsOf = ({ legs }: QuoteTrade) => legs.map(({ quote, quantity, price }) => [quote, quantity, price]);

/** The payoff at a dense grid of prices, all strikes and their neighbours, at every expiry. */
function leastPayoff(trade: QuoteTrade): number {
  const expiries = [...new Set(trade.legs.map(({ expiry }) => expiry))];
  const strikes = trade.legs.map(({ strike }) => strike);
  const points = [
    ...Array.from({ length: 50 }, (_, i) => i / 10),
    ...strikes.flatMap((k) => [k, k + 1e-9, k - 1e-9]),
    50,
  ];
  let least = Infinity;
  const walk = (path: Map<number, number>, next: number): void => {
    if (next === expiries.length) {
      least = Math.min(
        least,
        tradePayoff(trade, (expiry) => path.get(expiry)!),
      );
      return;
    }
    for (const m of points) walk(path.set(expiries[next]!, Math.max(0, m)), next + 1);
  };
  walk(new Map(), 0);
  return least;
}

/** What setting the trade up brings: minus the cost of its legs and of the cash lent. */
const collected = ({ legs, cash }: QuoteTrade): number =>
  legs.reduce((sum, { quantity, price }) => sum - quantity * price, -cash);

function expectCollects(trade: QuoteTrade): void {
  expect(trade.credit).toBeGreaterThan(0);
  expect(Math.abs(collected(trade) - trade.credit)).toBeLessThan(1e-12);
  expect(Math.abs(trade.worstPayoff)).toBeLessThan(1e-12);
  expect(leastPayoff(trade)).toBeGreaterThan(-1e-12);
  expect(leastPayoff(trade)).toBeGreaterThanOrEqual(trade.worstPayoff - 1e-12);
}

describe('each family by an example', () => {
  it.each<[string, NormalisedQuotes, number, (number | [number, number, number])[][]]>([
    [
      'bounds',
      columns([1, 'call', 0.75, 0.2, 0.24]),
      0.01,
      [
        [0, 1, 0.24],
        [-1, -1, 1],
      ],
    ],
    [
      'bounds',
      columns([1, 'put', 1.25, 0.2, 0.24]),
      0.01,
      [
        [0, 1, 0.24],
        [-1, 1, 1],
      ],
    ],
    [
      'bounds',
      columns([1, 'call', 0.5, 1.25, 1.5]),
      0.25,
      [
        [0, -1, 1.25],
        [-1, 1, 1],
      ],
    ],
    [
      'parity',
      columns([1, 'call', 1, 0.12, 0.13], [1, 'put', 1, 0.1, 0.11]),
      0.01,
      [
        [1, 1, 0.11],
        [0, -1, 0.12],
        [-1, 1, 1],
      ],
    ],
    [
      'parity',
      columns([1, 'call', 1, 0.12, 0.11]),
      0.01,
      [
        [0, 1, 0.11],
        [0, -1, 0.12],
      ],
    ],
    [
      'vertical-spread',
      columns([1, 'call', 1, 0.09, 0.1], [1, 'call', 1.2, 0.12, 0.13]),
      0.02,
      [
        [0, 1, 0.1],
        [1, -1, 0.12],
      ],
    ],
    [
      'vertical-spread',
      columns([1, 'call', 1, 0.25, 0.26], [1, 'call', 1.125, 0.1, 0.11]),
      0.015,
      [
        [1, 1, 0.11],
        [0, -1, 0.25],
      ],
    ],
    [
      'calendar-spread',
      columns([1, 'call', 1, 0.1, 0.11], [2, 'call', 1, 0.07, 0.08]),
      0.02,
      [
        [1, 1, 0.08],
        [0, -1, 0.1],
      ],
    ],
    [
      'calendar-spread',
      columns([1, 'put', 1, 0.1, 0.11], [2, 'put', 1, 0.07, 0.08]),
      0.02,
      [
        [1, 1, 0.08],
        [0, -1, 0.1],
        [-1, 1, 1],
        [-1, -1, 1],
      ],
    ],
    [
      'calendar-vertical-spread',
      columns([1, 'call', 1.1, 0.1, 0.11], [2, 'call', 1, 0.07, 0.08]),
      0.02,
      [
        [1, 1, 0.08],
        [0, -1, 0.1],
      ],
    ],
  ])('%s', (family, quotes, credit, legs) => {
    const trade = quoteArbitrage(quotes).find((found) => found.family === family)!;
    expect(trade.credit).toBeCloseTo(credit, 12);
    expect(legsOf(trade)).toEqual(expect.arrayContaining(legs));
    quoteArbitrage(quotes).forEach(expectCollects);
  });

  it('butterfly of calls, of puts and of both', () => {
    const value = { 0.9: [0.17, 0.18], 1: [0.15, 0.16], 1.1: [0.08, 0.09] };
    for (const types of [
      ['call', 'call', 'call'],
      ['put', 'put', 'put'],
      ['put', 'put', 'call'],
    ] as OptionType[][]) {
      const rows = Object.entries(value).map(([strike, prices], i): Row => {
        const shift = types[i] === 'put' ? Number(strike) - 1 : 0;
        return [1, types[i]!, Number(strike), prices[0]! + shift, prices[1]! + shift];
      });
      const quotes = columns(...rows.sort((a, b) => a[2] - b[2]));
      const [trade, ...others] = quoteArbitrage(quotes).filter(({ family }) => family === 'butterfly');
      expect(others).toEqual([]);
      expect(trade!.credit).toBeCloseTo(0.015, 12);
      expectCollects(trade!);
    }
  });

  it('calendar butterfly: one wing of each later expiry', () => {
    const quotes = columns([1, 'call', 1, 0.16, 0.17], [2, 'call', 0.9, 0.17, 0.18], [3, 'put', 1.2, 0.25, 0.26]);
    const [trade, ...others] = quoteArbitrage(quotes);
    expect(others).toEqual([]);
    expect(trade).toMatchObject({ family: 'calendar-butterfly', hedge: { expiry: 1, above: 1 } });
    expect(trade!.hedge!.sell.map(({ until }) => until)).toEqual([2, 3]);
    expect(trade!.credit).toBeCloseTo(0.02, 12);
    expectCollects(trade!);
  });
});

/** Calls and puts around a surface without arbitrage. */
const fair = quotesOfSurface(3, 8).map(({ expiry, strike, bid, ask }): NormalisedQuotes => ({
  expiry,
  strike,
  type: strike.map((kappa, i) => ((i % 3 === 0) === kappa < 1 ? 'call' : 'put')),
  bid: bid.map((price, i) => Math.max(1e-9, (i % 3 === 0) === strike[i]! < 1 ? price : price - (1 - strike[i]!))),
  ask: ask.map((price, i) => Math.max(2e-9, (i % 3 === 0) === strike[i]! < 1 ? price : price - (1 - strike[i]!))),
}));

const corrupted = fc
  .record({
    quotes: fair,
    moves: fc.array(fc.tuple(fc.nat(), fc.double({ min: -40, max: 40, noNaN: true })), { minLength: 1, maxLength: 5 }),
  })
  .map(({ quotes, moves }) => {
    const half = Array.from(quotes.ask, (price, i) => 0.5 * (price - quotes.bid[i]!));
    const [bid, ask] = [Array.from(quotes.bid), Array.from(quotes.ask)];
    let size = 0;
    for (const [at, by] of moves) {
      const i = at % bid.length;
      const move = Math.max(by * half[i]!, -0.9 * bid[i]!);
      bid[i]! += move;
      ask[i]! += move;
      size += Math.abs(move) / half[i]!;
    }
    return { quotes: { ...quotes, bid, ask }, size };
  });

describe('random quotes', () => {
  it('none around a surface without arbitrage, which comes back as it is', () => {
    fc.assert(
      fc.property(fair, (quotes) => {
        expect(quoteArbitrage(quotes)).toEqual([]);
        const { cost, perturbation, trades, price } = repaired(quotes);
        expect(cost).toBe(0);
        expect(perturbation.every((move) => move === 0)).toBe(true);
        expect(trades).toEqual([]);
        price.forEach((value, i) => {
          expect(value).toBeGreaterThan(quotes.bid[i]! - 1e-9);
          expect(value).toBeLessThan(quotes.ask[i]! + 1e-9);
        });
      }),
    );
  });

  it('every trade collects what it says and never pays less than nothing', () => {
    fc.assert(
      fc.property(corrupted, ({ quotes }) => {
        const trades = quoteArbitrage(quotes);
        trades.slice(0, 20).forEach(expectCollects);
        expect(trades.map(({ credit }) => credit)).toEqual(trades.map(({ credit }) => credit).sort((a, b) => b - a));
      }),
      { numRuns: 100 },
    );
  });

  it('repair: at most the corruption, detected exactly, idempotent, and the trades collect its cost', () => {
    fc.assert(
      fc.property(corrupted, ({ quotes, size }) => {
        const result = repaired(quotes);
        expect(result.cost).toBeLessThanOrEqual(size * (1 + 1e-9) + 1e-6);
        expect(result.cost > 0).toBe(quoteArbitrage(quotes).length > 0);
        const sum = result.trades.reduce((total, { amount, trade }) => total + amount * trade.credit, 0);
        expect(Math.abs(sum - result.cost)).toBeLessThan(1e-8 * (1 + result.cost));
        result.trades.forEach(({ trade }) => {
          expect(trade.worstPayoff).toBeGreaterThan(-1e-12);
        });
        // The prices themselves are free of arbitrage, and their repair leaves them.
        const settled = { ...quotes, bid: result.price, ask: result.price };
        const again = repaired({
          ...settled,
          bid: settled.bid.map((p) => p - 1e-11),
          ask: settled.ask.map((p) => p + 1e-11),
        });
        expect(again.perturbation.every((move) => move === 0)).toBe(true);
        // Only quotes that must be are left outside their own spread.
        result.price.forEach((price, i) => {
          const outside = Math.max(quotes.bid[i]! - price, price - quotes.ask[i]!, 0);
          expect(outside).toBeLessThan(Math.abs(result.perturbation[i]!) + 1e-9);
        });
      }),
      { numRuns: 40 },
    );
  });
});

it('prices of eSSVI slices proved free of arbitrage are free of it and come back unchanged', () => {
  const slices = [0.1, 0.4, 1, 2].map((t) => {
    const theta = 0.25 * t;
    return { t, parameters: { model: 'ssvi', theta, rho: -0.4, phi: 1 / Math.sqrt(theta * (1 + theta)) } as const };
  });
  for (const { parameters } of slices) expect(certifyButterfly(parameters).verdict).toBe('proved');
  slices.slice(1).forEach(({ parameters }, i) => {
    expect(certifyCalendar(slices[i]!.parameters, parameters).verdict).toBe('proved');
  });
  const rows = slices.flatMap(({ t }) =>
    Array.from({ length: 41 }, (_, i): Row => {
      const strike = Math.exp((-2 + i / 10) * Math.sqrt(t));
      const call = callValue(strike, surfaceVariance(Math.log(strike), t));
      const price = strike < 1 ? call - (1 - strike) : call;
      return [t, strike < 1 ? 'put' : 'call', strike, price, price];
    }),
  );
  const quotes = columns(...rows);
  expect(quoteArbitrage(quotes)).toEqual([]);
  const result = repaired(quotes);
  expect(result.cost).toBe(0);
  result.price.forEach((price, i) => {
    expect(price).toBeCloseTo(quotes.bid[i]!, 14);
  });
});

describe('wrong arguments', () => {
  const quotes = columns([1, 'call', 1, 0.1, 0.11]);
  it.each<[string, NormalisedQuotes]>([
    ['expiry.length', { ...quotes, expiry: [] }],
    ['expiry[0]', { ...quotes, expiry: [NaN] }],
    ['type[0]', { ...quotes, type: ['straddle' as 'call'] }],
    ['strike[0]', { ...quotes, strike: [0] }],
    ['bid[0]', { ...quotes, bid: [-1] }],
    ['bid[0]', { ...quotes, bid: [Infinity] }],
    ['ask[0]', { ...quotes, ask: [NaN] }],
  ])('%s', (field, wrong) => {
    expect(() => quoteArbitrage(wrong)).toThrow(InputError);
    expect(() => repairQuotes(wrong)).toThrow(expect.objectContaining({ field }));
  });
});
