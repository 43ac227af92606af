/**
 * Random books of 1,000 positions on real Deribit chains, each valued on the surface fitted to it: net Greeks against central
 * differences, first order from value and each higher one from the analytic Greek below it, at sticky strikes.
 */
import { describe, expect, it } from 'vitest';
import { calibrateRealChain } from '../../../benchmarks/chain-result.js';
import { dataRoot, hasData, realChains } from '../../../benchmarks/data/real-chains.js';
import { seededRandom } from '../../../src/math/random.js';
import type { GreekName, Greeks } from '../../../src/pricing/greeks.js';
import type { Position } from '../../../src/portfolio/account.js';
import type { OptionInstrument } from '../../../src/portfolio/instrument.js';
import { netGreeks } from '../../../src/portfolio/net-greeks.js';
import type { MarketSnapshot } from '../../../src/portfolio/snapshot.js';
import { greeksOf } from '../../../src/portfolio/valuation.js';
import { flatSurface } from '../../../src/volatility/surface/flat-surface.js';
import { openSurface } from '../../../src/volatility/surface/surface.js';
import { day, future, moveSpot, year } from '../support.js';

const chosen = ['raw_json/btc_book_summary', 'orderbook_csv/btc', '20260807T214936Z.csv ETH'];
const chains = realChains()
  .filter(({ name }) => chosen.some((part) => name.includes(part)))
  .map((real) => [real.name, real] as const);

if (!hasData) it.skip(`Deribit books: no folder ${dataRoot} (set ZOMMA_DATA)`, () => undefined);

const COUNT = 1_000;
const TOLERANCE = 1e-6;

describe.skipIf(!hasData)(`books of ${COUNT} positions on the chains under ${dataRoot}`, () => {
  it('are three', () => {
    expect(chains).toHaveLength(3);
  });

  it.each(chains)('%s', (_, real) => {
    const { chain, fit } = calibrateRealChain(real);
    if (!fit.ok) throw new Error(fit.message);
    const { data } = fit.surface;
    const coin = chain.underlying;
    const spot = chain.spot ?? data.slices[0]!.forward;
    const market: MarketSnapshot = { asOf: chain.asOf, underlyings: { [coin]: { spot, surface: data } }, fx: [] };
    const expiries = new Set(data.slices.map(({ expiry }) => expiry).filter((expiry) => expiry > chain.asOf + 2 * day));
    const quotes = chain.quotes.filter(({ expiry }) => expiries.has(expiry));
    expect(quotes.length).toBeGreaterThan(200);
    const random = seededRandom(1);
    const book = Array.from({ length: COUNT }, (__, i): Position => {
      const quantity = Math.round(200 * random.normal()) / 10 || 0.1;
      if (i % 20 === 0) {
        const instrument = future({ underlying: coin });
        return {
          id: `p${i}`,
          instrument,
          quantity: quantity * spot,
          entryPrice: spot * (0.8 + 0.4 * random.uniform()),
        };
      }
      const { instrument: id, type, strike, expiry } = quotes[random.index(quotes.length)]!;
      const instrument = {
        id,
        kind: 'option',
        style: 'inverse',
        underlying: coin,
        settlement: coin,
        multiplier: 1,
        type,
        strike,
        expiry,
      } as const;
      return { id: `p${i}`, instrument, quantity };
    });
    const unit = book.map(({ instrument, entryPrice }) => [instrument, entryPrice] as const);

    for (const numeraire of ['USD', coin]) {
      const gross = new Map<GreekName, number>();
      unit.forEach(([instrument, entryPrice], i) => {
        const greeks = greeksOf(instrument, market, { numeraire, entryPrice });
        for (const [name, value] of Object.entries(greeks) as [GreekName, number][]) {
          gross.set(name, (gross.get(name) ?? 0) + Math.abs(book[i]!.quantity * value));
        }
      });
      const greeksAt = (s: MarketSnapshot): Greeks => netGreeks(book, s, { numeraire }).byUnderlying[coin]!;
      const exact = greeksAt(market);
      const check = (
        slopes: (name: GreekName) => number,
        pairs: readonly (readonly [GreekName, GreekName])[],
      ): void => {
        for (const [from, to] of pairs) {
          const error = Math.abs(slopes(from) - exact[to]) / gross.get(to)!;
          expect(error, `${to} from ${from} in ${numeraire}`).toBeLessThan(TOLERANCE);
        }
      };
      /** Fourth order, from the Greeks at -2, -1, 1 and 2 steps. */
      const slopes = (at: (steps: number) => Greeks, step: number): ((name: GreekName) => number) => {
        const [down2, down, up, up2] = [-2, -1, 1, 2].map(at);
        return (name) => (8 * (up![name] - down![name]) - (up2![name] - down2![name])) / (12 * step);
      };
      const h = 1e-4;
      check(
        slopes((steps) => greeksAt(moveSpot(market, coin, 1 + steps * h)), h * spot),
        [
          ['price', 'delta'],
          ['delta', 'gamma'],
          ['gamma', 'speed'],
          ['vega', 'vanna'],
          ['vanna', 'zomma'],
          ['theta', 'charm'],
          ['charm', 'color'],
        ],
      );
      const dt = 1e-5;
      check(
        slopes((steps) => greeksAt({ ...market, asOf: market.asOf + steps * dt * year }), dt),
        [
          ['price', 'theta'],
          ['delta', 'charm'],
          ['vega', 'veta'],
          ['gamma', 'color'],
        ],
      );
      const dr = 1e-4;
      const discounted = (steps: number): MarketSnapshot => {
        const slices = data.slices.map((slice) => ({
          ...slice,
          discountFactor: slice.discountFactor * Math.exp(-steps * dr * slice.timeToExpiry),
        }));
        return { ...market, underlyings: { [coin]: { spot, surface: { ...data, slices } } } };
      };
      check(
        slopes((steps) => greeksAt(discounted(steps)), dr),
        [['price', 'rho']],
      );

      // In coin these are the same divided by the spot.
      if (numeraire !== 'USD') continue;
      // By volatility and strike: each option alone, on a flat surface at its own volatility, moved.
      const surface = openSurface(data);
      const alone =
        (change: (o: OptionInstrument, steps: number) => { strike: number; shift: number }) =>
        (steps: number): Greeks => {
          const total: Partial<Greeks> = {};
          book.forEach(({ instrument, quantity }) => {
            if (instrument.kind !== 'option') return;
            const { forward, discountFactor, timeToExpiry } = data.slices.find(
              ({ expiry }) => expiry === instrument.expiry,
            )!;
            const { strike, shift } = change(instrument, steps);
            const volatility = surface.volatility(instrument.strike, timeToExpiry) + shift;
            const flat = flatSurface({
              underlying: coin,
              asOf: chain.asOf,
              volatility,
              forward,
              discountFactor,
              expiries: [instrument.expiry],
            });
            const s = {
              ...market,
              underlyings: {
                [coin]: {
                  spot,
                  surface: {
                    ...flat.data,
                    slices: flat.data.slices.map((slice) => ({
                      ...slice,
                      timeToExpiry,
                      varianceTime: timeToExpiry,
                      parameters: { ...slice.parameters, a: volatility * volatility * timeToExpiry },
                    })),
                  },
                },
              },
            };
            const greeks = greeksOf({ ...instrument, strike }, s, { numeraire });
            for (const [name, value] of Object.entries(greeks) as [GreekName, number][]) {
              total[name] = (total[name] ?? 0) + quantity * value;
            }
          });
          return total as Greeks;
        };
      const dv = 2e-4;
      check(
        slopes(
          alone(({ strike }, steps) => ({ strike, shift: steps * dv })),
          dv,
        ),
        [
          ['price', 'vega'],
          ['delta', 'vanna'],
          ['vega', 'volga'],
          ['gamma', 'zomma'],
          ['theta', 'veta'],
          ['volga', 'ultima'],
        ],
      );
      // By x, where strikes are K (1 + x): K V_K and K V_KK.
      const byStrike = slopes(
        alone(({ strike }, steps) => ({ strike: strike * (1 + steps * h), shift: 0 })),
        h,
      );
      for (const [from, to] of [
        ['price', 'dualDelta'],
        ['dualDelta', 'dualGamma'],
      ] as const) {
        let sum = 0;
        let scale = 0;
        for (const { instrument, quantity } of book) {
          if (instrument.kind !== 'option') continue;
          const term = quantity * instrument.strike * greeksOf(instrument, market, { numeraire })[to];
          sum += term;
          scale += Math.abs(term);
        }
        expect(Math.abs(byStrike(from) - sum) / scale, `${to} in ${numeraire}`).toBeLessThan(TOLERANCE);
      }
    }
  });
});
