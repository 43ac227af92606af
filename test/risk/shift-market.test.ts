import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { InputError } from '../../src/errors.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { valueBook, positionValue } from '../../src/portfolio/book.js';
import { greeksOf, valueInstrument } from '../../src/portfolio/valuation.js';
import { shiftMarket, type Shift } from '../../src/risk/shift-market.js';
import { certifyButterfly } from '../../src/volatility/arbitrage/butterfly.js';
import { certifyCalendar } from '../../src/volatility/arbitrage/calendar.js';
import type { SmileDynamics } from '../../src/volatility/smile/dynamics.js';
import type { SabrParameters } from '../../src/volatility/smile/parameters.js';
import { sabr } from '../../src/volatility/smile/sabr.js';
import { smilePoint } from '../../src/volatility/surface/smile-point.js';
import { openSurface } from '../../src/volatility/surface/surface.js';
import { surfaceFromJSON } from '../../src/volatility/surface/surface-json.js';
import { certifyInterpolation } from '../../src/volatility/surface/interpolation-certificates.js';
import type { SurfaceData } from '../../src/volatility/surface/surface-data.js';
import {
  asOf,
  coinMarket,
  day,
  future,
  moveSpot,
  option,
  position,
  randomBook,
  smileExpiries,
  smileMarket,
  year,
} from '../portfolio/support.js';

const shift = (factor: Shift['factor'], size: number, rest: Partial<Shift> = {}): Shift => ({
  factor,
  kind: 'relative',
  size,
  ...rest,
});

const surfaceOf = (s: MarketSnapshot, name = 'BTC'): SurfaceData => s.underlyings[name]!.surface;

/** A surface of SABR slices with the market's forwards. */
function sabrMarket(beta = 0.7): MarketSnapshot {
  const market = smileMarket();
  const btc = market.underlyings['BTC']!;
  const slices = btc.surface.slices.map((slice) => {
    const { forward, timeToExpiry } = slice;
    const alpha = 0.6 * forward ** (1 - beta);
    const parameters: SabrParameters = { forward, timeToExpiry, alpha, beta, rho: -0.35, nu: 0.9 };
    return { ...slice, parameters };
  });
  return {
    ...market,
    underlyings: { ...market.underlyings, BTC: { ...btc, surface: { ...btc.surface, slices } } },
  };
}

describe('shiftMarket', () => {
  it('leaves the snapshot as it is where no shift does anything', () => {
    const s = smileMarket();
    const nothing: Shift[] = [
      shift('time', 0, { kind: 'absolute' }),
      shift('time', asOf, { kind: 'set' }),
      shift('spot', 0),
      shift('spot', 0, { kind: 'absolute', underlying: 'BTC' }),
      shift('spot', 60_000, { kind: 'set', underlying: 'BTC' }),
      shift('forward', 0),
      shift('basis', 0),
      shift('volatility', 0, { term: { shortPower: 0.3, longPower: 0.13 } }),
      shift('volatility', 0, { kind: 'absolute' }),
      shift('rate', 0),
      shift('rate', 0, { kind: 'absolute', underlying: 'USD' }),
      shift('fx', 0, { underlying: 'USDC' }),
      shift('funding', 0),
    ];
    for (const one of nothing) expect(shiftMarket(s, [one])).toBe(s);
    expect(shiftMarket(s, nothing)).toBe(s);
    expect(shiftMarket(s, [])).toBe(s);
  });

  it('never changes the snapshot it is given', () => {
    const s = smileMarket();
    const before = JSON.stringify(s);
    const moved = shiftMarket(s, [
      shift('spot', -0.3),
      shift('volatility', 0.6),
      shift('time', 1 / 365, { kind: 'absolute' }),
    ]);
    expect(JSON.stringify(s)).toBe(before);
    expect(structuredClone(moved)).toEqual(moved);
  });

  it('moves spot, forwards, marks and the rates of a coin together, each strike at its volatility', () => {
    const s = smileMarket();
    const btc = s.underlyings['BTC']!;
    const withMarks: MarketSnapshot = {
      ...s,
      underlyings: { ...s.underlyings, BTC: { ...btc, futures: { 'BTC-F': 61_000 } } },
      fx: [...s.fx, { base: 'BTC', quote: 'USD', rate: 60_000 }, { base: 'USD', quote: 'BTC', rate: 1 / 60_000 }],
    };
    const moved = shiftMarket(withMarks, [shift('spot', 0.1, { underlying: 'BTC' })]);
    expect(moved.underlyings['BTC']!.spot).toBeCloseTo(66_000, 9);
    expect(moved.underlyings['BTC']!.futures!['BTC-F']).toBeCloseTo(67_100, 9);
    expect(moved.fx.at(-2)!.rate).toBeCloseTo(66_000, 9);
    expect(1 / moved.fx.at(-1)!.rate).toBeCloseTo(66_000, 6);
    expect(moved.underlyings['ETH']).toBe(s.underlyings['ETH']);
    surfaceOf(moved).slices.forEach((slice, i) => {
      expect(slice.forward).toBeCloseTo(1.1 * surfaceOf(s).slices[i]!.forward, 8);
    });
    const [before, after] = [openSurface(surfaceOf(s)), openSurface(surfaceOf(moved))];
    for (const strike of [30_000, 60_000, 90_000])
      for (const t of [0.01, 0.05, 0.2, 0.6])
        expect(after.volatility(strike, t) / before.volatility(strike, t)).toBeCloseTo(1, 13);
  });

  it('values a book as a surface of shifted parameters does', () => {
    const s = smileMarket();
    const positions = randomBook(5, 60, s);
    for (const factor of [0.7, 0.95, 1.3]) {
      const ours = valueBook(positions, shiftMarket(s, [shift('spot', factor - 1, { underlying: 'BTC' })]), {
        numeraire: 'USD',
      });
      const theirs = valueBook(positions, moveSpot(s, 'BTC', factor), { numeraire: 'USD' });
      positions.forEach((_, i) => {
        const [a, b] = [positionValue(ours, i), positionValue(theirs, i)];
        expect(Math.abs(a - b)).toBeLessThan(1e-10 * Math.max(1, Math.abs(b)));
      });
    }
  });

  const smiles: [string, SmileDynamics, number][] = [
    ['sticky strike', 'sticky-strike', 1],
    ['sticky delta', 'sticky-delta', 0],
    ['local volatility', 'local-vol', 2],
    ['a stickiness of 0.4', { skewStickiness: 0.4 }, 0.4],
  ];
  it.each(smiles)("moves the smile by %s: s(k) -> s(k + R ln(F'/F))", (_, dynamics, ratio) => {
    const s = smileMarket();
    const moved = shiftMarket(s, [shift('spot', -0.2)], dynamics);
    const [before, after] = [openSurface(surfaceOf(s)), openSurface(surfaceOf(moved))];
    for (const t of [0.01, 30 / 365, 0.2, 0.7])
      for (const k of [-0.5, 0, 0.3])
        expect(after.totalVariance(k, t) / before.totalVariance(k + ratio * Math.log(0.8), t)).toBeCloseTo(1, 12);
  });

  it.each<[string, SmileDynamics, MarketSnapshot]>([
    ['sticky-delta', 'sticky-delta', smileMarket()],
    ['local-vol', 'local-vol', smileMarket()],
    ['skewStickiness', { skewStickiness: 1.3 }, smileMarket()],
    ['sticky-delta of SABR', 'sticky-delta', sabrMarket()],
    ['sabr', 'sabr', sabrMarket()],
    ['bartlett', 'bartlett', sabrMarket()],
    ['bartlett, beta 1', 'bartlett', sabrMarket(1)],
  ])('has the delta and gamma of smileDelta as its differences: %s', (_, smile, s) => {
    const call = option({ style: 'linear', strike: 63_000, expiry: smileExpiries[2]! });
    const at = (x: number): number =>
      valueInstrument(call, shiftMarket(s, [shift('spot', x, { underlying: 'BTC' })], smile), 'USD').value;
    const { delta, gamma } = greeksOf(call, s, { numeraire: 'USD', smile });
    const h = 2e-3;
    const first = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h * 60_000);
    const second = (-at(2 * h) + 16 * at(h) - 30 * at(0) + 16 * at(-h) - at(-2 * h)) / (12 * (h * 60_000) ** 2);
    expect(first / delta).toBeCloseTo(1, 8);
    expect(second / gamma).toBeCloseTo(1, 5);
  });

  it('keeps the smile of SABR as a function of moneyness under sticky delta, its forward the new one', () => {
    const s = sabrMarket();
    const moved = surfaceOf(shiftMarket(s, [shift('spot', 0.25)], 'sticky-delta'));
    expect(moved.shift).toBeUndefined();
    const slice = moved.slices[1]!;
    const p = slice.parameters as SabrParameters;
    expect(p.forward).toBe(slice.forward);
    const before = surfaceOf(s).slices[1]!.parameters as SabrParameters;
    for (const k of [-0.4, 0, 0.2]) {
      const ours = sabr.volatility({ ...p, strike: p.forward * Math.exp(k) });
      expect(ours / sabr.volatility({ ...before, strike: before.forward * Math.exp(k) })).toBeCloseTo(1, 12);
    }
  });

  it('moves volatilities at the strike: relative, absolute and set, in list order', () => {
    const s = smileMarket();
    const before = openSurface(surfaceOf(s));
    const cases: [Shift[], (v: number) => number][] = [
      [[shift('volatility', 0.5)], (v) => 1.5 * v],
      [[shift('volatility', 0.05, { kind: 'absolute' })], (v) => v + 0.05],
      [[shift('volatility', 0.33, { kind: 'set' })], () => 0.33],
      [[shift('volatility', 0.5), shift('volatility', -0.1, { kind: 'absolute' })], (v) => 1.5 * v - 0.1],
      [[shift('volatility', -0.1, { kind: 'absolute' }), shift('volatility', 0.5)], (v) => 1.5 * (v - 0.1)],
      [[shift('volatility', -2, { kind: 'absolute' })], () => 0],
    ];
    for (const [shifts, rule] of cases) {
      const after = openSurface(surfaceOf(shiftMarket(s, shifts)));
      for (const strike of [40_000, 61_000, 90_000])
        for (const t of [0.01, 7 / 365, 0.2, 0.7])
          expect(after.volatility(strike, t)).toBeCloseTo(rule(before.volatility(strike, t)), 13);
    }
  });

  it('moves a relative volatility as SVI parameters a and b times (1 + x)^2 do', () => {
    const s = smileMarket();
    const moved = openSurface(surfaceOf(shiftMarket(s, [shift('volatility', -0.3)])));
    const slices = surfaceOf(s).slices.map((slice) => {
      const p = slice.parameters as { a: number; b: number; rho: number; m: number; sigma: number };
      return { ...slice, parameters: { ...p, a: 0.49 * p.a, b: 0.49 * p.b } };
    });
    const scaled = openSurface({ ...surfaceOf(s), slices });
    for (const strike of [45_000, 60_000, 80_000]) {
      for (const t of [30 / 365, 0.2]) {
        const [ours, theirs] = [smilePoint(moved, strike, t), smilePoint(scaled, strike, t)];
        expect(ours.volatility / theirs.volatility).toBeCloseTo(1, 13);
        expect(ours.slope).toBeCloseTo(theirs.slope, 12);
        expect(ours.curvature).toBeCloseTo(theirs.curvature, 11);
      }
    }
  });

  it('weighs a move by days to expiry, from the shifted time: (30/days)^p', () => {
    const s = smileMarket();
    const term = { shortPower: 0.3, longPower: 0.13 };
    const before = openSurface(surfaceOf(s));
    const after = openSurface(surfaceOf(shiftMarket(s, [shift('volatility', 0.25, { term })])));
    for (const [days, power] of [
      [7, 0.3],
      [30, 0.13],
      [91, 0.13],
    ] as const) {
      const ratio = after.volatility(60_000, days / 365) / before.volatility(60_000, days / 365);
      expect(ratio).toBeCloseTo(1 + 0.25 * (30 / days) ** power, 12);
    }
    const later = shiftMarket(s, [
      shift('volatility', 0.25, { term: { ...term, floorDays: 3 } }),
      shift('time', 6.5 / 365, { kind: 'absolute' }),
    ]);
    const ratio = openSurface(surfaceOf(later)).volatility(60_000, 7 / 365) / before.volatility(60_000, 7 / 365);
    expect(ratio).toBeCloseTo(1 + 0.25 * 10 ** 0.3, 12);
  });

  it('moves the skew by the moneyness of the moved market, to a cap, with its slopes', () => {
    const s = smileMarket();
    const t = 91 / 365;
    for (const wings of [false, true]) {
      const shifts = [shift('spot', -0.1), shift('volatility', 0.2, { skew: { width: 0.4, wings } })];
      const after = openSurface(surfaceOf(shiftMarket(s, shifts)));
      const before = openSurface(surfaceOf(shiftMarket(s, shifts.slice(0, 1))));
      for (const k of [-0.8, -0.2, 0, 0.1, 0.6]) {
        const bent = Math.max(-1, Math.min(1, (wings ? Math.abs(k) : k) / 0.4));
        const ratio = Math.sqrt(after.totalVariance(k, t) / before.totalVariance(k, t));
        expect(ratio).toBeCloseTo(1 + 0.2 * bent, 12);
      }
      for (const strike of [48_000, 58_000]) {
        const at = (x: number): number => smilePoint(after, strike * Math.exp(x), t).volatility;
        const { slope, curvature } = smilePoint(after, strike, t);
        expect((at(1e-4) - at(-1e-4)) / 2e-4).toBeCloseTo(slope, 6);
        expect((at(1e-3) - 2 * at(0) + at(-1e-3)) / 1e-6).toBeCloseTo(curvature, 3);
      }
    }
  });

  it('drops certificates that no longer hold and keeps those that do', () => {
    const s = smileMarket();
    const btc = s.underlyings['BTC']!;
    const { slices } = btc.surface;
    const proved: SurfaceData = {
      ...btc.surface,
      slices: slices.map((slice) => ({ ...slice, butterfly: certifyButterfly(slice.parameters) })),
      calendar: slices.slice(1).map((slice, i) => certifyCalendar(slices[i]!.parameters, slice.parameters)),
    };
    const market = { ...s, underlyings: { ...s.underlyings, BTC: { ...btc, surface: proved } } };
    const stays = surfaceOf(shiftMarket(market, [shift('spot', 0.2)], 'sticky-delta'));
    expect(stays.calendar).toBe(proved.calendar);
    expect(stays.slices.map((slice) => slice.butterfly)).toEqual(proved.slices.map((slice) => slice.butterfly));
    expect(surfaceFromJSON(JSON.stringify(stays)).ok).toBe(true);
    for (const [shifts, dynamics] of [
      [[shift('spot', 0.2)], 'sticky-strike'],
      [[shift('volatility', 0.1)], 'sticky-delta'],
    ] as const) {
      const moved = surfaceOf(shiftMarket(market, shifts, dynamics));
      expect(moved.calendar).toEqual([]);
      expect(moved.slices.every((slice) => slice.butterfly === undefined)).toBe(true);
      expect(certifyInterpolation(moved).every(({ verdict }) => verdict === 'undecided')).toBe(true);
      const back = surfaceFromJSON(JSON.stringify(moved));
      expect(back.ok && back.surface.volatility(50_000, 0.1)).toBe(openSurface(moved).volatility(50_000, 0.1));
      expect(() => openSurface({ ...moved, calendar: proved.calendar })).toThrow(InputError);
    }
    expect(() =>
      openSurface(surfaceOf(shiftMarket(market, [shift('volatility', 0.1)]))).localVolatility(60_000, 0.1),
    ).toThrow(InputError);
    const same = openSurface(surfaceOf(shiftMarket(market, [shift('spot', 0.1)], 'sticky-delta')));
    expect(same.localVolatility(66_000, 0.2)).toBeCloseTo(openSurface(proved).localVolatility(60_000, 0.2), 12);
  });

  it('composes: two markets in a row are the market of both lists', () => {
    const s = smileMarket();
    const first = [shift('spot', -0.2), shift('volatility', 0.3)];
    const second = [shift('spot', 0.1), shift('volatility', 0.02, { kind: 'absolute' })];
    for (const dynamics of ['sticky-strike', 'sticky-delta', { skewStickiness: 1.7 }] as const) {
      const twice = openSurface(surfaceOf(shiftMarket(shiftMarket(s, first, dynamics), second, dynamics)));
      const once = openSurface(surfaceOf(shiftMarket(s, [...first, ...second], dynamics)));
      for (const t of [0.01, 0.1, 0.7]) {
        expect(twice.volatility(55_000, t)).toBeCloseTo(once.volatility(55_000, t), 13);
        expect(twice.forward(t)).toBe(once.forward(t));
      }
    }
    // The order of factors is theirs, not the list's.
    const shuffled = shiftMarket(s, [...first].reverse());
    expect(shuffled).toEqual(shiftMarket(s, first));
  });

  it('lets time pass: nearer expiries settle at the spot of the scenario', () => {
    const s = coinMarket();
    const call = option({ style: 'linear', strike: 50_000 });
    const moved = shiftMarket(s, [shift('time', 31 / 365, { kind: 'absolute' }), shift('spot', 0.1)]);
    expect(moved.asOf).toBe(asOf + 31 * day);
    expect(valueInstrument(call, moved, 'USD')).toMatchObject({ expired: true, value: 16_000 });
    const later = option({ style: 'linear', strike: 50_000, expiry: asOf + 60 * day });
    const set = shiftMarket(s, [shift('time', asOf + 30 * day, { kind: 'set' })]);
    const half = valueInstrument(option({ style: 'linear', strike: 50_000 }), s, 'USD');
    expect(valueInstrument(later, set, 'USD').value).toBeCloseTo(half.value, 8);
    expect(year).toBe(365 * day);
  });

  it('moves forwards and basis with the spot as it is', () => {
    const s = smileMarket();
    const forwards = (m: MarketSnapshot): number[] => surfaceOf(m).slices.map(({ forward }) => forward);
    const was = forwards(s);
    const up = shiftMarket(s, [shift('forward', 0.01, { underlying: 'BTC' })]);
    expect(up.underlyings['BTC']!.spot).toBe(60_000);
    forwards(up).forEach((forward, i) => {
      expect(forward).toBeCloseTo(1.01 * was[i]!, 8);
    });
    const flat = shiftMarket(s, [shift('basis', -1, { underlying: 'BTC' })]);
    expect(forwards(flat)).toEqual([60_000, 60_000, 60_000, 60_000]);
    const wide = shiftMarket(s, [shift('basis', 500, { kind: 'absolute', underlying: 'BTC' })]);
    forwards(wide).forEach((forward, i) => {
      expect(forward).toBeCloseTo(was[i]! + 500, 8);
    });
    // A strike keeps its volatility.
    const at = (m: MarketSnapshot): number => openSurface(surfaceOf(m)).volatility(50_000, 91 / 365);
    expect(at(flat)).toBeCloseTo(at(s), 13);
    const dated = future({ kind: 'future', style: 'linear', expiry: smileExpiries[3]! });
    expect(valueInstrument(dated, flat, 'USD', { entryPrice: was[3]! }).value).toBeCloseTo(60_000 - was[3]!, 8);
  });

  it('moves rates at still forwards, currencies against all others, and funding', () => {
    const s = smileMarket();
    const df = (m: MarketSnapshot): number => surfaceOf(m).slices[3]!.discountFactor;
    const t = 182 / 365;
    for (const underlying of [undefined, 'BTC', 'USD'])
      expect(df(shiftMarket(s, [shift('rate', 0.01, { kind: 'absolute', underlying })]))).toBeCloseTo(
        df(s) * Math.exp(-0.01 * t),
        14,
      );
    expect(df(shiftMarket(s, [shift('rate', 0, { kind: 'set' })]))).toBe(1);
    const american: MarketSnapshot = {
      ...s,
      underlyings: { SPX: { ...s.underlyings['SPX']!, americanRate: 0.05 } },
    };
    const dear = shiftMarket(american, [shift('rate', 0.01, { kind: 'absolute' })]);
    expect(dear.underlyings['SPX']!.americanRate).toBeCloseTo(0.06, 15);

    const depeg = shiftMarket(s, [shift('fx', -0.05, { underlying: 'USDC' })]);
    expect(depeg.fx[0]!.rate).toBeCloseTo(0.9991 * 0.95, 15);
    expect(depeg.fx[1]).toBe(s.fx[1]);
    const pair = shiftMarket(s, [shift('fx', 1.2, { kind: 'set', underlying: 'EURUSD' })]);
    expect(pair.fx[1]!.rate).toBeCloseTo(1.2, 14);
    const dollar = shiftMarket(s, [shift('fx', 0.25, { underlying: 'USDEUR' })]);
    expect(dollar.fx[1]!.rate).toBeCloseTo(1.085 / 1.25, 14);
    expect(dollar.fx[0]).toBe(s.fx[0]);
    const cross = shiftMarket(s, [shift('fx', 0.1, { underlying: 'EURUSDC' })]);
    expect(cross.fx.map(({ rate }) => rate)).toEqual([0.9991, 1.085 * 1.1]);
    // A coin's rate away from its spot.
    const coin = shiftMarket(s, [shift('fx', -0.1, { underlying: 'BTCUSD' })]);
    expect(coin.fx.at(-1)).toEqual({ base: 'BTC', quote: 'USD', rate: 54_000 });
    expect(coin.underlyings).toBe(s.underlyings);

    const funding = shiftMarket(s, [shift('funding', 0.01, { kind: 'set', underlying: 'ETH' })]);
    expect(funding.underlyings['ETH']!.fundingRatePerDay).toBe(0.01);
  });

  it('moves a leveraged token by its leverage, to nothing at the least', () => {
    const s = coinMarket();
    const token = {
      kind: 'leveraged-token',
      id: 'BTC3L',
      underlying: 'BTC',
      settlement: 'USD',
      multiplier: 1,
      targetLeverage: 3,
      nav: 10,
      leverage: 3,
    } as const;
    const at = (x: number, m = s): number => valueInstrument(token, shiftMarket(m, [shift('spot', x)]), 'USD').value;
    expect(at(0)).toBe(10);
    expect(at(0.1)).toBeCloseTo(13, 12);
    expect(at(-0.2)).toBeCloseTo(4, 12);
    expect(at(-0.5)).toBe(0);
    const listed = { ...s, underlyings: { BTC: { ...s.underlyings['BTC']!, futures: { BTC3L: 20 } } } };
    expect(at(0.1, listed)).toBeCloseTo(26, 12);
    const twice = shiftMarket(shiftMarket(listed, [shift('spot', 0.1)]), [shift('basis', 50, { kind: 'absolute' })]);
    expect(valueInstrument(token, twice, 'USD').value).toBeCloseTo(26, 12);
  });

  it('is exact to the bit for values where only the sign of zero could differ', () => {
    fc.assert(
      fc.property(fc.constantFrom('relative', 'absolute'), fc.constantFrom(0, -0), (kind, size) => {
        const s = smileMarket();
        expect(shiftMarket(s, [shift('spot', size, { kind }), shift('volatility', size, { kind })])).toBe(s);
      }),
    );
  });

  it.each<[string, Shift[], SmileDynamics | undefined, string]>([
    ['an unknown underlying', [shift('spot', 0.1, { underlying: 'XYZ' })], undefined, 'shifts[0].underlying'],
    ['a price of 0', [shift('spot', -1)], undefined, 'shifts[0].size'],
    ['a forward below 0', [shift('basis', -70_000, { kind: 'absolute' })], undefined, 'shifts[0].size (BTC)'],
    ['a size that is none', [shift('spot', NaN)], undefined, 'shifts[0].size'],
    ['time backwards', [shift('time', -1, { kind: 'absolute' })], undefined, 'shifts[0].size'],
    ['relative time', [shift('time', 0.1)], undefined, 'shifts[0].kind'],
    ['a negative volatility', [shift('volatility', -0.1, { kind: 'set' })], undefined, 'shifts[0].size'],
    [
      'a term rule of a spot',
      [shift('spot', 0.1, { term: { shortPower: 1, longPower: 1 } })],
      undefined,
      'shifts[0].factor',
    ],
    [
      'a skew that is absolute',
      [shift('volatility', 0.1, { kind: 'absolute', skew: { width: 1 } })],
      undefined,
      'shifts[0].kind',
    ],
    ['fx of nothing', [shift('fx', 0.1)], undefined, 'shifts[0].underlying'],
    ['fx of an unknown currency', [shift('fx', 0.1, { underlying: 'GBPUSD' })], undefined, 'shifts[0].underlying'],
    ['fx below 0', [shift('fx', -1, { underlying: 'USDC' })], undefined, 'shifts[0].size'],
    ['an unknown factor', [{ ...shift('spot', 0.1), factor: 'weather' as 'spot' }], undefined, 'shifts[0].factor'],
    ['SABR on SVI', [shift('spot', 0.1)], 'sabr', 'dynamics'],
    ['a rule of single strikes', [shift('spot', 0.1)], { minimumVariance: [0, 0, 0] }, 'dynamics'],
  ])('throws for %s', (_, shifts, dynamics, field) => {
    let thrown: unknown;
    try {
      shiftMarket(smileMarket(), shifts, dynamics);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).field).toBe(field);
  });

  it('prices positions of every kind after any move', () => {
    const s = smileMarket();
    const positions = [...randomBook(9, 30, s), position(future(), 1000, 59_000)];
    const moved = shiftMarket(s, [
      shift('spot', -0.4),
      shift('volatility', 1),
      shift('time', 0.1, { kind: 'absolute' }),
    ]);
    const book = valueBook(positions, moved, { numeraire: 'USD' });
    positions.forEach((_, i) => {
      expect(Number.isFinite(positionValue(book, i))).toBe(true);
    });
  });
});
