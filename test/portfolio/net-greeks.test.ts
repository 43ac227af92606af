/** A book's Greeks: linear, additive, in any order, exact for offsets, and the derivatives of its value in every numeraire. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GreekName, Greeks } from '../../src/pricing/greeks.js';
import type { Position } from '../../src/portfolio/account.js';
import { positionValue, valueBook } from '../../src/portfolio/book.js';
import { netGreeks } from '../../src/portfolio/net-greeks.js';
import { amountGreeks, greekNames } from '../../src/portfolio/spot-greeks.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { greeksOf } from '../../src/portfolio/valuation.js';
import { coinMarket, future, moveSpot, option, position, randomBook, smileMarket, spot } from './support.js';

const market = smileMarket();
const numeraires = ['USD', 'BTC', 'EUR'];

/** Sum over positions of |units x Greek|: the scale rounding and differences are measured against. */
function grossGreeks(positions: Position[], s: MarketSnapshot, numeraire: string): Record<string, Greeks> {
  const gross: Record<string, Greeks> = {};
  for (const { instrument, quantity, entryPrice } of positions) {
    const greeks = greeksOf(instrument, s, { numeraire, entryPrice });
    const row = (gross[instrument.underlying] ??= amountGreeks(0, 1, 0));
    for (const name of greekNames) row[name] += Math.abs(quantity * instrument.multiplier * greeks[name]);
  }
  return gross;
}

describe('a book', () => {
  it.each(numeraires)('is the sum of its positions, in %s', (numeraire) => {
    const positions = randomBook(1, 60, market);
    const { byUnderlying, total } = netGreeks(positions, market, { numeraire });
    const summed: Record<string, Greeks> = {};
    let value = 0;
    for (const { instrument, quantity, entryPrice } of positions) {
      const greeks = greeksOf(instrument, market, {
        numeraire,
        entryPrice: instrument.kind === 'perpetual' ? entryPrice : undefined,
      });
      const row = (summed[instrument.underlying] ??= amountGreeks(0, 1, 0));
      for (const name of greekNames) row[name] += quantity * instrument.multiplier * greeks[name];
      value += quantity * instrument.multiplier * greeks.price;
    }
    expect(total.value / value).toBeCloseTo(1, 12);
    const cross = numeraire === 'BTC' ? ['ETH', 'SPX'] : ['BTC', 'ETH', 'SPX'];
    for (const name of cross) {
      for (const greek of greekNames) {
        const scale = Math.abs(summed[name]![greek]) + 1e-9 * Math.abs(summed[name]!.price) + 1e-30;
        expect(Math.abs(byUnderlying[name]![greek] - summed[name]![greek]) / scale, `${name} ${greek}`).toBeLessThan(
          1e-9,
        );
      }
    }
  });

  it('is linear, additive and the same in any order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.double({ min: -5, max: 5, noNaN: true }), (seed, factor) => {
        const book = randomBook(seed, 40, market);
        const gross = grossGreeks(book, market, 'USD');
        const of = (positions: Position[]): Record<string, Greeks> =>
          netGreeks(positions, market, { numeraire: 'USD' }).byUnderlying;
        const whole = of(book);
        const scaled = of(book.map((p) => ({ ...p, quantity: p.quantity * factor })));
        const [one, other] = [of(book.slice(0, 17)), of(book.slice(17))];
        const reversed = of([...book].reverse());
        for (const [name, greeks] of Object.entries(whole)) {
          for (const greek of greekNames) {
            const scale = gross[name]![greek] + 1e-300;
            const near = (actual: number, expected: number, tolerance: number): void => {
              expect(Math.abs(actual - expected) / scale, `${name} ${greek}`).toBeLessThan(tolerance);
            };
            near(scaled[name]![greek], factor * greeks[greek], 1e-12 * (1 + Math.abs(factor)));
            near((one[name]?.[greek] ?? 0) + (other[name]?.[greek] ?? 0), greeks[greek], 1e-12);
            near(reversed[name]![greek], greeks[greek], 1e-12);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it('and its offset vanish exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.constantFrom(...numeraires), (seed, numeraire) => {
        const book = randomBook(seed, 30, market);
        const offset = book.map((p) => ({ ...p, id: `${p.id}-`, quantity: -p.quantity }));
        const { byUnderlying, total } = netGreeks([...book, ...offset.reverse()], market, { numeraire });
        for (const greeks of Object.values(byUnderlying))
          for (const value of Object.values(greeks)) expect(value).toBe(0);
        expect(Math.abs(total.cashDelta)).toBe(0);
        expect(Math.abs(total.value)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('in traders units', () => {
    const positions = [position(option({ multiplier: 0.1 }), -20), position(spot('BTC'), 3)];
    const { total, byUnderlying } = netGreeks(positions, coinMarket(), { numeraire: 'USD' });
    const { delta, gamma, vega, theta, rho } = byUnderlying['BTC']!;
    expect(delta).toBeCloseTo(3 - 2 * 0.5342697, 6);
    expect(total.cashDelta).toBe(delta * 60_000);
    expect(total.gammaPerPercent).toBe((gamma * 60_000 * 60_000) / 100);
    expect(total.vegaPerPoint).toBe(vega / 100);
    expect(total.thetaPerDay).toBe(theta / 365);
    expect(total.rhoPerBasisPoint).toBe(rho / 10_000);
    expect(vega).toBeLessThan(0);
    expect(theta).toBeGreaterThan(0);
  });

  it('equals central differences of its value, each Greek from the one below it, in every numeraire and underlying', () => {
    const bySpot: [GreekName, GreekName][] = [
      ['delta', 'gamma'],
      ['gamma', 'speed'],
      ['vega', 'vanna'],
      ['vanna', 'zomma'],
      ['theta', 'charm'],
      ['charm', 'color'],
    ];
    for (const [seed, numeraire] of [
      [3, 'USD'],
      [4, 'EUR'],
      [5, 'BTC'],
      [6, 'USDC'],
    ] as const) {
      const positions = randomBook(seed, 80, market);
      const gross = grossGreeks(positions, market, numeraire);
      const all = Object.values(gross).reduce((sum, row) => sum + row.price, 0);
      for (const name of ['BTC', 'ETH', 'SPX']) {
        const spotPrice = market.underlyings[name]!.spot;
        const h = 1e-4;
        const at = (factor: number) => netGreeks(positions, moveSpot(market, name, factor), { numeraire });
        const [mid, up, down, up2, down2] = [1, 1 + h, 1 - h, 1 + 2 * h, 1 - 2 * h].map(at);
        const slope = (of: (n: ReturnType<typeof at>) => number): number =>
          (8 * (of(up!) - of(down!)) - (of(up2!) - of(down2!))) / (12 * h * spotPrice);
        const greeks = mid!.byUnderlying[name]!;
        const delta = slope((n) => n.total.value);
        expect(Math.abs(delta - greeks.delta) / (gross[name]!.delta + all / spotPrice), `${name} delta`).toBeLessThan(
          1e-6,
        );
        for (const [from, to] of bySpot) {
          // In another coin than the book's own, vega and theta of the others move too.
          if (numeraire === 'BTC' && name === 'BTC') continue;
          const scale =
            gross[name]![to] + gross[name]![from] / spotPrice + (from === 'delta' ? all / spotPrice ** 2 : 0) + 1e-300;
          const difference = slope((n) => n.byUnderlying[name]![from]);
          expect(Math.abs(difference - greeks[to]) / scale, `${name} ${to} in ${numeraire}`).toBeLessThan(1e-6);
        }
        if (numeraire === 'BTC' && name === 'BTC') {
          const gamma = slope((n) => n.byUnderlying['BTC']!.delta);
          expect(Math.abs(gamma - greeks.gamma) / (all / spotPrice ** 2)).toBeLessThan(1e-6);
        }
      }
    }
  });
});

describe('what the snapshot lacks', () => {
  const positions = [
    position(option(), 1),
    position(option({ underlying: 'DOGE' }), 2),
    position(option({ style: 'linear', settlement: 'XYZ' }), 3),
  ];

  it('is an error, or excluded and listed', () => {
    expect(() => netGreeks(positions, coinMarket())).toThrow(
      expect.objectContaining({ field: 'underlyings.DOGE' }) as Error,
    );
    const { excluded, byUnderlying } = netGreeks(positions, coinMarket(), { numeraire: 'USD', missing: 'exclude' });
    expect(excluded).toEqual([
      { positionId: positions[1]!.id, reason: 'no-market' },
      { positionId: positions[2]!.id, reason: 'no-fx' },
    ]);
    expect(byUnderlying).toEqual(netGreeks([positions[0]!], coinMarket(), { numeraire: 'USD' }).byUnderlying);
  });

  it('without a surface options have no forward; intrinsic values are listed too', () => {
    const s = coinMarket();
    const btc = s.underlyings['BTC']!;
    const bare = { ...s, underlyings: { BTC: { ...btc, surface: { ...btc.surface, slices: [] } } } };
    const book = [position(option({ strike: 50_000 }), 2), position(future(), 60_000, 60_000)];
    const listed = [{ positionId: book[0]!.id, reason: 'no-forward' }];
    expect(netGreeks(book, bare, { missing: 'exclude' })).toMatchObject({ excluded: listed, total: { value: 0 } });
    const intrinsic = netGreeks(book, bare, { missing: 'intrinsic', numeraire: 'USD' });
    expect(intrinsic.excluded).toEqual(listed);
    expect(intrinsic.total.value).toBeCloseTo(20_000, 9);
    expect(intrinsic.byUnderlying['BTC']!.delta).toBeCloseTo(3, 12);
    expect(intrinsic.expired).toEqual([]);
  });

  it('two instruments of one id that differ are an error; equal ones are one', () => {
    const [one, same] = [position(option(), 1), position(option(), 2)];
    expect(valueBook([one, same], coinMarket()).instruments).toHaveLength(1);
    const other = position({ ...option(), strike: 61_000 }, 1);
    expect(() => valueBook([one, other], coinMarket())).toThrow(
      expect.objectContaining({ field: 'positions[1].instrument.id' }) as Error,
    );
  });

  it('values positions one by one as well', () => {
    const book = valueBook(randomBook(9, 50, market), market, { numeraire: 'USD' });
    const sum = book.positions.reduce((total, _, i) => total + positionValue(book, i), 0);
    expect(sum).toBeCloseTo(netGreeks(book.positions, market, { numeraire: 'USD' }).total.value, 6);
  });
});
