import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { OptionType } from '../../../src/pricing/option.js';
import { replicateVarianceSwap } from '../../../src/volatility/surface/variance-swap-replication.js';

const listed = (type: OptionType, from: number, to: number, step: number, volatility: (strike: number) => number) => {
  const options: { type: OptionType; strike: number; volatility: number }[] = [];
  for (let strike = from; strike <= to; strike += step) options.push({ type, strike, volatility: volatility(strike) });
  return options;
};

describe('the skewed board of Demeterfi, Derman, Kamal and Zou', () => {
  // Spot 100, three months, 5%; 20% at the money, one point less every 5 strikes up... 13% at 135, 30% at 50.
  const skew = (strike: number): number => 0.2 - (0.01 * (strike - 100)) / 5;
  const options = [...listed('put', 50, 100, 5, skew), ...listed('call', 100, 135, 5, skew)];
  const result = replicateVarianceSwap({ spot: 100, rate: 0.05, timeToExpiry: 0.246575, options });

  test('fair variance 0.04189', () => {
    expect(result.variance).toBeCloseTo(0.04189, 4);
  });

  test('every option is held long, more of the lower strikes', () => {
    expect(Math.min(...result.weights)).toBeGreaterThan(0);
    const puts = result.weights.slice(0, 10);
    expect(puts).toEqual([...puts].sort((a, b) => b - a));
  });

  test('the order of the list does not matter', () => {
    const reversed = replicateVarianceSwap({
      spot: 100,
      rate: 0.05,
      timeToExpiry: 0.246575,
      options: [...options].reverse(),
    });
    expect(reversed.variance).toBeCloseTo(result.variance, 14);
    expect([...reversed.weights].reverse()).toEqual(result.weights);
  });
});

test.each([0, 0.03])('a dense flat board with a dividend yield of %d gives back the variance', (dividendYield) => {
  const flat = (): number => 0.25;
  const options = [...listed('put', 10, 100, 0.25, flat), ...listed('call', 100, 400, 0.25, flat)];
  const { variance } = replicateVarianceSwap({ spot: 100, rate: 0.04, dividendYield, timeToExpiry: 0.5, options });
  expect(variance).toBeCloseTo(0.0625, 4);
});

test('a boundary between the sides is taken into account', () => {
  const flat = (): number => 0.25;
  const options = [...listed('put', 20, 99, 0.25, flat), ...listed('call', 101, 400, 0.25, flat)];
  const { variance } = replicateVarianceSwap({ spot: 100, rate: 0.04, timeToExpiry: 0.5, boundary: 100, options });
  // The gap between the sides is covered by neither: the approximation is from above everywhere else.
  expect(Math.abs(variance - 0.0625)).toBeLessThan(3e-3);
});

test.each([
  ['spot', { spot: 0 }],
  ['rate', { rate: NaN }],
  ['timeToExpiry', { timeToExpiry: 0 }],
  ['boundary', { boundary: 80 }],
  ['options', { options: listed('put', 50, 100, 5, () => 0.2) }],
  ['options[0].volatility', { options: listed('put', 50, 100, 5, () => -0.2) }],
])('%s must be right', (field, change) => {
  const options = [...listed('put', 50, 100, 5, () => 0.2), ...listed('call', 100, 150, 5, () => 0.2)];
  const call = () => replicateVarianceSwap({ spot: 100, rate: 0.05, timeToExpiry: 1, options, ...change });
  expect(call).toThrow(InputError);
  expect(call).toThrow(field);
});
