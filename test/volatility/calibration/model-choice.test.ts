import { describe, expect, test } from 'vitest';
import type { SliceInput } from '../../../src/market/slice.js';
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import type { SliceFit } from '../../../src/volatility/calibration/fit.js';
import { fitThinSlice, modelFor } from '../../../src/volatility/calibration/model-choice.js';
import { calibrateSvi } from '../../../src/volatility/calibration/svi.js';
import type { SsviSlice } from '../../../src/volatility/smile/parameters.js';
import { ssvi } from '../../../src/volatility/smile/ssvi.js';
import { evenly, sliceOf } from './sample-slices.js';

/** A surface whose slices have the same rho and psi: theta = 0.09 t. */
const truth = (time: number): SsviSlice => ({ theta: 0.09 * time, rho: -0.4, phi: 0.16 / (0.09 * time) });

function slice(time: number, k: number[], by: (k: number) => number = () => 0): SliceInput {
  const volatility = k.map((x) => Math.sqrt(ssvi.totalVariance(truth(time), x) / time) + by(x));
  return { ...sliceOf(k, volatility, { timeToExpiry: time }), expiry: 1.8e12 + time * 3.15e10 };
}

function neighbour(time: number): SliceFit {
  const fit = calibrateSvi(slice(time, evenly(-0.5, 0.5, 15)));
  if (!fit.ok) throw new Error(fit.message);
  return fit;
}

const before = neighbour(0.4);
const after = neighbour(0.6);

function thin(
  input: SliceInput,
  neighbours: Parameters<typeof fitThinSlice>[1] = { before, after },
): SliceFit<SsviSlice> {
  const fit = fitThinSlice(input, neighbours);
  if (!fit.ok) throw new Error(fit.message);
  return fit;
}

test('the model that a number of quotes determines', () => {
  expect([0, 1, 2, 3, 4, 7, 8, 50].map(modelFor)).toEqual([
    'none',
    'level',
    'level-and-skew',
    'level-and-skew',
    'essvi',
    'essvi',
    'svi',
    'svi',
  ]);
});

describe('an expiry between two fitted ones', () => {
  const quotes = {
    1: [0.02],
    2: [-0.1, 0.05],
    3: [-0.15, 0, 0.1],
    5: evenly(-0.3, 0.3, 5),
  };

  test.each([1, 2, 3, 5] as const)('%d quotes of the surface give the surface back', (count) => {
    const { parameters, diagnostics } = thin(slice(0.5, quotes[count]));
    for (const k of evenly(-0.3, 0.3, 7)) {
      const [model, exact] = [parameters, truth(0.5)].map((p) => Math.sqrt(ssvi.totalVariance(p, k) / 0.5));
      expect(Math.abs(model! - exact!)).toBeLessThan(1e-4);
    }
    expect(certifyButterfly(parameters).verdict).toBe('proved');
    expect(diagnostics.quotesUsed).toBe(count);
    expect(diagnostics.borrowed?.parameters).toEqual(
      { 1: ['R', 'L'], 2: ['R + L'], 3: ['R + L'], 5: undefined }[count],
    );
    expect(diagnostics.borrowed?.from).toEqual(count === 5 ? undefined : [before.input.expiry, after.input.expiry]);
  });

  test('one quote lifts the smile through itself and keeps its wings', () => {
    const { parameters, residualBp, covariance } = thin(slice(0.5, [0.02], () => 0.03));
    expect(Math.abs(residualBp[0]!)).toBeLessThan(1e-6);
    expect(parameters.theta * parameters.phi).toBeCloseTo(0.16, 4);
    expect(parameters.rho).toBeCloseTo(-0.4, 3);
    // The error of the quote, 10 bp, at the money: d theta = 2 sigma T d sigma.
    const sigma = Math.sqrt(parameters.theta / 0.5);
    expect(Math.sqrt(covariance[0]![0]!) / (2 * sigma * 0.5 * 0.001)).toBeCloseTo(1, 1);
    expect(covariance[1]![1]).toBe(0);
  });

  test('two quotes set level and skew', () => {
    const input = slice(0.5, [-0.1, 0.1], (k) => 0.01 - 0.05 * k);
    const { parameters, residualBp } = thin(input);
    expect(Math.max(...residualBp.map(Math.abs))).toBeLessThan(1e-5);
    expect(parameters.theta * parameters.phi).toBeCloseTo(0.16, 4);
    expect(parameters.rho).toBeLessThan(-0.45);
  });

  test('quotes that would need arbitrage end at the bound, and say so', () => {
    const low = slice(0.5, [0.02], () => -0.19);
    const { parameters, diagnostics } = thin(low);
    expect(diagnostics.atBound).toEqual(['theta']);
    expect(certifyButterfly(parameters).verdict).toBe('proved');
  });

  test.each([{ before }, { after }])('one neighbour is enough', (neighbours) => {
    expect(thin(slice(0.5, [0.02]), neighbours).diagnostics.borrowed?.from).toHaveLength(1);
    const { parameters } = thin(slice(0.5, [-0.1, 0.1]), neighbours);
    expect(Math.sqrt(ssvi.totalVariance(parameters, 0) / 0.5)).toBeCloseTo(0.3, 2);
  });

  test('without a neighbour, or without a target, there is no fit', () => {
    expect(fitThinSlice(slice(0.5, [0.02]), {})).toMatchObject({ ok: false, reason: 'too-few-quotes', value: 1 });
    const empty = { ...slice(0.5, [0.02]), volatility: [NaN] };
    expect(fitThinSlice(empty, { before })).toMatchObject({ ok: false, reason: 'too-few-quotes', value: 0 });
  });

  test('a bound that only has one side holds the level', () => {
    const input = slice(0.5, [0.02, 0.1]);
    const floor = {
      ...input,
      volatility: [input.volatility[0]!, NaN],
      volatilityBid: [0.2, 0.4],
      volatilityAsk: [0.4, Infinity],
    };
    const free = thin({ ...floor, volatilityBid: [0.2, 0] });
    expect(thin(floor).parameters.theta).toBeGreaterThan(free.parameters.theta);
  });
});
