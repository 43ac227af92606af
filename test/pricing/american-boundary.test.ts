import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { american, type AmericanOption } from '../../src/pricing/american.js';

function last<T>(list: readonly T[]): T {
  return list[list.length - 1]!;
}

const put: AmericanOption = {
  type: 'put',
  spot: 100,
  strike: 100,
  timeToExpiry: 1,
  volatility: 0.2,
  rate: 0.05,
  dividendYield: 0.02,
};

describe('anchors', () => {
  it('the boundary at the full time', () => {
    expect(last(american.exerciseBoundary(put)).spot).toBeCloseTo(77.84894929, 5);
    const other = { ...put, rate: 0.04, dividendYield: 0, volatility: 0.3, timeToExpiry: 0.75 };
    expect(last(american.exerciseBoundary(other)).spot).toBeCloseTo(69.31073845, 5);
  });

  it('ends at the lesser of K and r K / q, for a call at the greater', () => {
    expect(american.exerciseBoundary(put)[0]).toEqual({ timeToExpiry: 0, spot: 100 });
    expect(american.exerciseBoundary({ ...put, dividendYield: 0.1 })[0]!.spot).toBeCloseTo(50, 12);
    expect(american.exerciseBoundary({ ...put, type: 'call', dividendYield: 0.02 })[0]!.spot).toBeCloseTo(250, 11);
  });

  it('is the perpetual boundary after a long time', () => {
    const edge = last(american.exerciseBoundary({ ...put, timeToExpiry: 200 }));
    const drift = (0.05 - 0.02) / 0.04 - 0.5;
    const power = -drift - Math.sqrt(drift * drift + (2 * 0.05) / 0.04);
    expect(edge.timeToExpiry).toBe(200);
    expect(edge.spot).toBeCloseTo((100 * power) / (power - 1), 3);
  });
});

describe('properties', () => {
  const rate = fc.double({ min: 0.002, max: 0.12, noNaN: true });
  const dividendYield = fc.double({ min: -0.05, max: 0.15, noNaN: true });
  const volatility = fc.double({ min: 0.06, max: 0.8, noNaN: true });
  const timeToExpiry = fc.double({ min: 0.02, max: 5, noNaN: true });

  it('a put is exercised at ever lower spots the longer it runs, a call at ever higher ones', () => {
    fc.assert(
      fc.property(rate, dividendYield, volatility, timeToExpiry, (r, q, v, T) => {
        const option = { ...put, rate: r, dividendYield: q, volatility: v, timeToExpiry: T };
        const edge = american.exerciseBoundary(option);
        const mirrored = american.exerciseBoundary({ ...option, type: 'call', rate: q, dividendYield: r });
        edge.forEach(({ timeToExpiry: time, spot }, i) => {
          // Where it has all but settled the interpolated edge ripples, by up to 4e-7 in 3000 options.
          if (i > 0) expect(spot).toBeLessThanOrEqual(edge[i - 1]!.spot * (1 + 1e-6));
          expect(mirrored[i]!.timeToExpiry).toBe(time);
          expect((mirrored[i]!.spot * spot) / 1e4).toBeCloseTo(1, 9);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('is worth its exercise below and more above', () => {
    fc.assert(
      fc.property(rate, dividendYield, volatility, timeToExpiry, (r, q, v, T) => {
        const option = { ...put, rate: r, dividendYield: q, volatility: v, timeToExpiry: T };
        const { spot } = last(american.exerciseBoundary(option));
        expect(american.price({ ...option, spot: spot * 0.999 }, 'accurate')).toBe(100 - spot * 0.999);
        expect(american.price({ ...option, spot: spot * 1.02 }, 'accurate')).toBeGreaterThan(100 - spot * 1.02);
      }),
      { numRuns: 40 },
    );
  });
});

describe('two edges', () => {
  const option: AmericanOption = { ...put, volatility: 0.3, rate: -0.02, dividendYield: -0.05 };

  it('that have not met enclose the region of exercise', () => {
    const line = american.exerciseBoundary({ ...option, timeToExpiry: 1 });
    expect(line[0]).toEqual({ timeToExpiry: 0, spot: 100 });
    expect(last(line).timeToExpiry).toBe(0);
    expect(last(line).spot).toBeCloseTo(40, 10);
    const half = line.length / 2;
    const [upper, lower] = [line[half - 1]!, line[half]!];
    expect(upper.timeToExpiry).toBe(1);
    expect(lower.timeToExpiry).toBe(1);
    expect(upper.spot).toBeGreaterThan(lower.spot);
    for (const spot of [upper.spot - 0.1, lower.spot + 0.1])
      expect(american.price({ ...option, spot })).toBe(100 - spot);
    for (const spot of [upper.spot + 0.5, lower.spot - 0.5]) {
      expect(american.price({ ...option, spot })).toBeGreaterThan(100 - spot);
    }
  });

  it('that have met end together', () => {
    const line = american.exerciseBoundary({ ...option, timeToExpiry: 30 });
    const half = line.length / 2;
    expect(line[half]!.spot / line[half - 1]!.spot).toBeCloseTo(1, 5);
    expect(line[half]!.timeToExpiry).toBeLessThan(30);
  });
});

describe('no boundary', () => {
  it.each([
    ['a put without interest', { rate: 0, dividendYield: 0.02 }],
    ['a call without yield', { type: 'call' as const, dividendYield: 0 }],
    ['at expiry', { timeToExpiry: 0 }],
    ['without volatility', { volatility: 0 }],
    ['strike 0', { strike: 0 }],
  ])('%s', (_name, change) => {
    expect(american.exerciseBoundary({ ...put, ...change })).toEqual([]);
  });
});
