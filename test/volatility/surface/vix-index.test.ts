import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { black76 } from '../../../src/pricing/black76.js';
import { vixIndex } from '../../../src/volatility/surface/vix-index.js';
import type { VixTerm } from '../../../src/volatility/surface/vix-index.js';

/** A board from out-of-the-money mids, each quoted without a spread; `extra` sets single sides. */
function board(
  minutesToExpiry: number,
  rate: number,
  puts: [number, number][],
  calls: [number, number][],
  extra: { strike: number; call?: number; put?: number }[],
): VixTerm {
  const strikes = [...new Set([...puts, ...calls].map(([strike]) => strike).concat(extra.map((row) => row.strike)))];
  strikes.sort((a, b) => a - b);
  const callOf = new Map([
    ...calls,
    ...extra.flatMap((row) => (row.call === undefined ? [] : [[row.strike, row.call] as const])),
  ]);
  const putOf = new Map([
    ...puts,
    ...extra.flatMap((row) => (row.put === undefined ? [] : [[row.strike, row.put] as const])),
  ]);
  const call = strikes.map((strike) => callOf.get(strike) ?? 0);
  const put = strikes.map((strike) => putOf.get(strike) ?? 0);
  return { minutesToExpiry, rate, strikes, callBid: call, callAsk: call, putBid: put, putAsk: put };
}
const every5 = (from: number, mids: number[], without: number[] = []): [number, number][] => {
  const strikes: number[] = [];
  for (let strike = from; strikes.length < mids.length; strike += 5)
    if (!without.includes(strike)) strikes.push(strike);
  return strikes.map((strike, i) => [strike, mids[i]!]);
};

/** The worked example of Cboe's VIX methodology, appendices 3 and 5: mids of the options that take part. */
// prettier-ignore
const near = board(34_484, 0.00031664,
  every5(1370, [
    0.2, 0.125, 0.15, 0.225, 0.225, 0.125, 0.125, 0.225, 0.225, 0.175, 0.225, 0.275, 0.175, 0.225, 0.2, 0.25, 0.25, 0.25, 0.25,
    0.2, 0.25, 0.35, 0.175, 0.275, 0.325, 0.325, 0.3, 0.3, 0.35, 0.35, 0.325, 0.375, 0.375, 0.375, 0.5, 0.425, 0.425, 0.425,
    0.475, 0.55, 0.525, 0.525, 0.525, 0.525, 0.675, 0.575, 0.625, 0.625, 0.625, 0.675, 0.675, 0.725, 0.725, 0.775, 0.675, 0.825,
    0.825, 0.875, 0.875, 0.925, 0.975, 1.025, 1.025, 1.075, 1.125, 1.125, 1.175, 1.225, 1.275, 1.325, 1.375, 1.425, 1.475, 1.55,
    1.6, 1.675, 1.75, 1.825, 1.9, 2, 2.075, 2.175, 2.25, 2.375, 2.525, 2.625, 2.775, 2.95, 3.075, 3.3, 3.45, 3.65, 3.9, 4.1,
    4.35, 4.65, 4.95, 5.25, 5.6, 6, 6.4, 6.85, 7.35, 7.9, 8.3, 9, 9.65, 10.6, 11.4, 12.1, 13.25, 14.15, 15.25, 16.55, 18.25,
    19.75,
  ], [1405, 1415]),
  [...every5(1965, [
    21.05, 18.1, 15.25, 12.75, 10.45, 8.45, 6.65, 4.95, 3.8, 2.875, 2.025, 1.45, 1.125, 0.725, 0.525, 0.5, 0.4, 0.25, 0.325,
    0.225, 0.175, 0.15, 0.15, 0.25, 0.225, 0.1, 0.2, 0.1,
  ]), [2125, 0.1], [2225, 0.075]],
  [
    { strike: 1350, put: 0.1 }, { strike: 1355, put: 0.2 }, { strike: 1360 }, { strike: 1365 }, { strike: 1405 }, { strike: 1415 },
    { strike: 1960, call: 24.25, put: 21.3 }, { strike: 1965, put: 23.15 }, { strike: 2120 }, { strike: 2150 }, { strike: 2175 },
    { strike: 2200 },
  ],
);
// prettier-ignore
const next = board(44_954, 0.00028797,
  [
    [1275, 0.075], [1325, 0.15], [1350, 0.15], [1375, 0.175], [1400, 0.2], [1425, 0.25], [1450, 0.3], [1475, 0.35], [1500, 0.4],
    [1510, 0.425], [1520, 0.45], [1525, 0.475], [1530, 0.5], [1540, 0.525],
    ...every5(1550, [
      0.55, 0.575, 0.6, 0.625, 0.65, 0.675, 0.675, 0.7, 0.725, 0.75, 0.775, 0.8, 0.825, 0.85, 0.875, 0.9, 0.95, 0.975, 1, 1.025,
      1.075, 1.1, 1.15, 1.2, 1.225, 1.275, 1.325, 1.375, 1.425, 1.475, 1.525, 1.6, 1.675, 1.725, 1.8, 1.85, 1.925, 2, 2.1, 2.175,
      2.275, 2.375, 2.475, 2.575, 2.725, 2.825, 3, 3.1, 3.25, 3.45, 3.6, 3.8, 3.95, 4.2, 4.4, 4.65, 4.9, 5.15, 5.45, 5.75, 6.05,
      6.45, 6.75, 7.15, 7.65, 8.15, 8.6, 9.2, 9.75, 10.4, 11.1, 11.8, 12.6, 13.45, 14.4, 15.4, 16.4, 17.6, 18.8, 20.2, 21.6, 23.2,
    ]),
  ],
  [
    ...every5(1965, [
      24.15, 21.1, 18.3, 15.7, 13.3, 11.1, 9.15, 7.4, 5.85, 4.65, 3.55, 2.7, 2.05, 1.55, 1.15, 0.875, 0.675, 0.575,
    ]),
    [2060, 0.35], [2070, 0.25], [2075, 0.2], [2100, 0.15], [2125, 0.1], [2150, 0.1], [2200, 0.075],
  ],
  [{ strike: 1225 }, { strike: 1250 }, { strike: 1300 }, { strike: 1960, call: 27.3, put: 24.9 }],
);

describe("Cboe's worked example", () => {
  const result = vixIndex(near, next);

  test('forwards, variances and index', () => {
    if (!result.ok) throw new Error(result.message);
    expect(result.near.forward).toBeCloseTo(1962.89996, 5);
    expect(result.next.forward).toBeCloseTo(1962.40006, 5);
    expect(result.near.variance).toBeCloseTo(0.019233906, 8);
    expect(result.next.variance).toBeCloseTo(0.019423884, 8);
    expect(result.index).toBeCloseTo(13.93, 2);
  });

  test('two strikes in a row without a bid end a wing, one does not', () => {
    if (!result.ok) throw new Error(result.message);
    expect(result.near.strikesUsed).toBe(146);
    const cut = { ...near, putBid: near.putBid.map((bid, i) => ([1700, 1705].includes(near.strikes[i]!) ? 0 : bid)) };
    const shorter = vixIndex(cut, next);
    expect(shorter.ok && shorter.near.strikesUsed).toBe(
      146 - near.strikes.filter((k) => k >= 1370 && k <= 1705).length + 2,
    );
  });
});

test('a dense flat board gives the volatility it was made with, up to what the step between strikes costs', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 0.6, noNaN: true }), (volatility) => {
      const term = (minutesToExpiry: number): VixTerm => {
        const timeToExpiry = minutesToExpiry / 525_600;
        const strikes = Array.from({ length: 1200 }, (_, i) => 20 + 0.25 * i);
        const mid = (type: 'call' | 'put') =>
          strikes.map((strike) => black76.price({ type, forward: 100, strike, timeToExpiry, volatility }));
        const [call, put] = [mid('call'), mid('put')];
        return { minutesToExpiry, rate: 0, strikes, callBid: call, callAsk: call, putBid: put, putAsk: put };
      };
      const result = vixIndex(term(30_000), term(50_000));
      const excess = result.ok ? result.index / (100 * volatility) - 1 : NaN;
      // The trapezium rule overestimates the variance of each expiry by dK^2 / (6 K^2 T).
      const cost = (minutes: number): number => 0.25 ** 2 / (12 * 100 ** 2 * volatility ** 2 * (minutes / 525_600));
      expect(excess).toBeGreaterThan(cost(50_000) - 1e-6);
      expect(excess).toBeLessThan(cost(30_000) + 1e-6);
    }),
    { numRuns: 20 },
  );
});

test('what cannot give an index fails with its reason', () => {
  const empty = { ...near, callBid: near.callBid.map(() => 0) };
  expect(vixIndex(empty, next)).toMatchObject({ ok: false, reason: 'too-few-strikes' });
  const high = board(
    34_484,
    0,
    [],
    [],
    [
      { strike: 2000, call: 1, put: 90 },
      { strike: 2005, call: 1, put: 95 },
    ],
  );
  expect(vixIndex(high, next)).toMatchObject({ ok: false, reason: 'too-few-strikes' });
});

test.each([
  ['near.minutesToExpiry', { ...near, minutesToExpiry: 0 }, next],
  ['next.minutesToExpiry', next, near],
  ['near.rate', { ...near, rate: NaN }, next],
  ['near.callBid', { ...near, callBid: [1] }, next],
  ['near.putAsk[0]', { ...near, putAsk: near.putAsk.map((_, i) => (i === 0 ? -1 : 1)) }, next],
  ['near.strikes[1]', { ...near, strikes: near.strikes.map(() => 100) }, next],
])('%s must be right', (field, one, other) => {
  expect(() => vixIndex(one, other)).toThrow(InputError);
  expect(() => vixIndex(one, other)).toThrow(field);
});
