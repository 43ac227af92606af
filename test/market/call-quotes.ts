import fc from 'fast-check';
import type { CallQuotes } from '../../src/market/executable-arbitrage.js';
import { linearProgram } from '../../src/math/linear-program.js';
import type { LinearRow } from '../../src/math/linear-program.js';
import { outOfTheMoneyValue } from '../../src/pricing/black.js';
import { ssviTotalVariance } from '../../src/volatility/smile/ssvi.js';

/** Undiscounted call on a forward of 1. */
export function callValue(strike: number, totalVariance: number): number {
  return outOfTheMoneyValue(1, strike, Math.sqrt(totalVariance)) + Math.max(0, 1 - strike);
}

/** A power-law SSVI surface, free of arbitrage: eta (1 + |rho|) < 2 and theta grows (Gatheral and Jacquier 2014, corollary 4.1). */
export function surfaceVariance(k: number, expiry: number): number {
  const theta = 0.25 * expiry;
  const rho = -0.4;
  return ssviTotalVariance({ theta, rho, phi: 1 / Math.sqrt(theta * (1 + theta)) }, k);
}

export type Quotes = Record<keyof CallQuotes, number[]>;

/** Quotes around a surface without arbitrage, each with its own spread. */
export const quotesOfSurface = (mostExpiries = 4, mostStrikes = 12): fc.Arbitrary<Quotes> =>
  fc
    .record({
      expiries: fc.integer({ min: 1, max: mostExpiries }),
      strikes: fc.integer({ min: 3, max: mostStrikes }),
      seed: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 100, maxLength: 100 }),
    })
    .map(({ expiries, strikes, seed }) => {
      const quotes: Quotes = { expiry: [], strike: [], bid: [], ask: [] };
      for (let e = 1; e <= expiries; e++) {
        for (let i = 0; i < strikes; i++) {
          const shift = seed[(13 * e + i) % 100]! / 4000;
          const k = (-1.5 + (3 * i) / (strikes - 1) + shift) * Math.sqrt(0.25 * e);
          const value = callValue(Math.exp(k), surfaceVariance(k, e));
          const half = 2e-5 + 2e-6 * seed[(7 * e + 3 * i) % 100]!;
          // The value lies anywhere within the spread.
          const at = seed[(3 * e + 5 * i) % 100]! / 1000;
          quotes.expiry.push(e);
          quotes.strike.push(Math.exp(k));
          quotes.bid.push(value - 2 * half * at);
          quotes.ask.push(value + 2 * half * (1 - at));
        }
      }
      return quotes;
    });

/**
 * The least sum of |price - nearest of bid and ask| / unit over all arbitrage-free prices, from first principles: one function an
 * expiry on the grid of all strikes, convex, falling, from 1 at strike 0, each below that of the next expiry.
 */
export function leastDistance({ expiry, strike, bid, ask }: CallQuotes, unit: ArrayLike<number>): number {
  const expiries = [...new Set(Array.from(expiry))].sort((a, b) => a - b);
  const grid = [0, ...[...new Set(Array.from(strike))].sort((a, b) => a - b)];
  const at = (e: number, g: number): number => e * grid.length + g;
  const rows: LinearRow[] = [];
  const slope = (e: number, g: number): [number, number][] => {
    const width = grid[g + 1]! - grid[g]!;
    return [
      [at(e, g), -1 / width],
      [at(e, g + 1), 1 / width],
    ];
  };
  const row = (entries: [number, number][], lower: number, upper = Infinity): void => {
    rows.push({ columns: entries.map(([j]) => j), values: entries.map(([, value]) => value), lower, upper });
  };
  const last = grid.length - 1;
  expiries.forEach((_, e) => {
    row([[at(e, 0), 1]], 1, 1);
    row(slope(e, 0), -1);
    row(slope(e, last - 1), -Infinity, 0);
    for (let g = 1; g < last; g++) {
      row([...slope(e, g), ...slope(e, g - 1).map(([j, value]): [number, number] => [j, -value])], 0);
    }
    if (e > 0)
      grid.forEach((__, g) => {
        row(
          [
            [at(e, g), 1],
            [at(e - 1, g), -1],
          ],
          0,
        );
      });
  });
  const objective = new Array<number>(expiries.length * grid.length).fill(0);
  for (let i = 0; i < strike.length; i++) {
    const price = at(expiries.indexOf(expiry[i]!), grid.indexOf(strike[i]!));
    const below = objective.push(1) - 1;
    const above = objective.push(1) - 1;
    row(
      [
        [price, 1],
        [below, unit[i]!],
      ],
      bid[i]!,
    );
    row(
      [
        [price, 1],
        [above, -unit[i]!],
      ],
      -Infinity,
      ask[i],
    );
  }
  const solution = linearProgram({ objective, rows });
  if (!solution.ok) throw new Error(solution.message);
  return solution.objective;
}
