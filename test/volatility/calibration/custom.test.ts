import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { SliceInput } from '../../../src/market/slice.js';
import { calibrateCustom } from '../../../src/volatility/calibration/custom.js';
import type { CustomFitOptions } from '../../../src/volatility/calibration/custom.js';
import { customSmile } from '../../../src/volatility/calibration/custom-smile.js';
import type { CustomSmile } from '../../../src/volatility/calibration/custom-smile.js';
import type { FitOptions } from '../../../src/volatility/calibration/fit.js';
import { calibrateSvi } from '../../../src/volatility/calibration/svi.js';
import { grid, sliceOf, uniform } from './slices.js';

const svi = customSmile('a + b*(rho*(k-m) + sqrt((k-m)^2 + sigma^2))', {
  parameters: ['a', 'b', 'rho', 'm', 'sigma'],
  lower: [-1, 0, -0.999, -2, 0.001],
  upper: [2, 2, 0.999, 2, 5],
});
const sviStart = [0.02, 0.1, 0, 0, 0.1];
const parabola = customSmile('v + s*k + c*k^2', { parameters: ['v', 's', 'c'], output: 'volatility' });
const parabolaStart = [0.3, 0, 0];

function fitted(smile: CustomSmile, slice: SliceInput, o: CustomFitOptions) {
  const fit = calibrateCustom(smile, slice, o);
  if (!fit.ok) throw new Error(fit.message);
  return fit;
}

/** Noisy quotes on SVI slices whose parameters are inside their domain. */
function sviSlice(seed: number): SliceInput {
  const random = uniform(seed);
  const [b, rho, m, sigma] = [0.06 + 0.1 * random(), -0.7 + random(), 0.1 * (random() - 0.5), 0.1 + 0.2 * random()];
  const a = 0.02 + 0.02 * random();
  return sliceOf({
    timeToExpiry: 0.5,
    logMoneyness: grid(-0.6, 0.6, 31),
    volatilityAt: (k) => Math.sqrt((a + b * (rho * (k - m) + Math.hypot(k - m, sigma))) / 0.5),
    noise: () => 0.002 * (random() - 0.5),
  });
}

const noisy = sliceOf({
  timeToExpiry: 0.25,
  logMoneyness: grid(-0.4, 0.4, 25),
  volatilityAt: (k) => 0.35 - 0.2 * k + 0.5 * k * k,
  noise: (i) => 0.001 * Math.sin(7 * i),
});

describe('raw SVI as a formula', () => {
  test.each(['trust-region', 'ml'] as const)('%s ends at the optimum of the built-in fit', (engine) => {
    for (let seed = 1; seed <= 6; seed++) {
      const slice = sviSlice(seed);
      const builtIn = calibrateSvi(slice);
      if (!builtIn.ok) throw new Error(builtIn.message);
      expect(builtIn.diagnostics.atBound).toEqual([]);
      const custom = fitted(svi, slice, { start: sviStart, engine });
      expect(custom.model).toBe('custom');
      expect(custom.diagnostics.atBound).toEqual([]);
      const ratio = custom.diagnostics.chiSquarePerDof / builtIn.diagnostics.chiSquarePerDof;
      expect(Math.abs(ratio - 1)).toBeLessThan(1e-6);
      custom.residualBp.forEach((error, i) => {
        expect(Math.abs(error - builtIn.residualBp[i]!)).toBeLessThan(engine === 'ml' ? 0.05 : 1e-3);
      });
    }
  });

  test('intervals and covariance are those of the built-in fit', () => {
    const slice = sviSlice(3);
    const builtIn = calibrateSvi(slice);
    if (!builtIn.ok) throw new Error(builtIn.message);
    const custom = fitted(svi, slice, { start: sviStart });
    expect(custom.parameterNames).toEqual(builtIn.parameterNames);
    builtIn.covariance.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(Math.abs(custom.covariance[i]![j]! / value - 1)).toBeLessThan(1e-3);
      });
    });
  });

  test.each([
    { loss: 'huber' },
    { loss: 'cauchy' },
    { space: 'variance' },
    { space: 'price' },
    { weights: 'equal' },
    { weights: 'vega' },
  ] as const)('%o means the same as in the built-in fit', (o: Omit<FitOptions, 'start'>) => {
    const slice = sviSlice(2);
    const builtIn = calibrateSvi(slice, o);
    if (!builtIn.ok) throw new Error(builtIn.message);
    const custom = fitted(svi, slice, { ...o, start: sviStart });
    const ratio = custom.diagnostics.chiSquarePerDof / builtIn.diagnostics.chiSquarePerDof;
    expect(Math.abs(ratio - 1)).toBeLessThan(1e-6);
  });
});

describe('a formula in volatility', () => {
  test.each(['trust-region', 'ml'] as const)('%s gives a noiseless smile back', (engine) => {
    const slice = sliceOf({
      timeToExpiry: 0.25,
      logMoneyness: grid(-0.4, 0.4, 25),
      volatilityAt: (k) => 0.35 - 0.2 * k + 0.5 * k * k,
    });
    const { parameters } = fitted(parabola, slice, { start: parabolaStart, engine });
    expect(parameters['v']).toBeCloseTo(0.35, 9);
    expect(parameters['s']).toBeCloseTo(-0.2, 9);
    expect(parameters['c']).toBeCloseTo(0.5, 8);
  });

  test('is linear least squares where it is linear in its parameters', () => {
    const { parameters } = fitted(parabola, noisy, { start: parabolaStart });
    // The weighted residual is orthogonal to every column.
    for (const column of [() => 1, (k: number) => k, (k: number) => k * k]) {
      let dot = 0;
      noisy.logMoneyness.forEach((k, i) => {
        const model = parameters['v']! + parameters['s']! * k + parameters['c']! * k * k;
        dot += (model - noisy.volatility[i]!) * column(k);
      });
      expect(Math.abs(dot)).toBeLessThan(1e-12);
    }
  });

  test('its intervals hold the truth about 95 times in 100', () => {
    const random = uniform(13);
    const gaussian = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const truth = { v: 0.35, s: -0.2, c: 0.5 };
    let held = 0;
    let counted = 0;
    for (let draw = 0; draw < 200; draw++) {
      const slice = sliceOf({
        timeToExpiry: 0.25,
        logMoneyness: grid(-0.4, 0.4, 21),
        volatilityAt: (k) => 0.35 - 0.2 * k + 0.5 * k * k,
        noise: () => 0.00116 * gaussian(),
      });
      const { interval95 } = fitted(parabola, slice, { start: parabolaStart });
      for (const [name, value] of Object.entries(truth)) {
        const [low, high] = interval95[name]!;
        counted++;
        if (low <= value && value <= high) held++;
      }
    }
    expect(held / counted).toBeGreaterThan(0.93);
    expect(held / counted).toBeLessThan(0.98);
  });
});

test('a bound holds its parameter, which is named', () => {
  const bounded = customSmile('v + s*k + c*k^2', {
    parameters: ['v', 's', 'c'],
    lower: [0, -0.1, 0],
    upper: [1, 0.1, 10],
    output: 'volatility',
  });
  for (const engine of ['trust-region', 'ml'] as const) {
    const fit = fitted(bounded, noisy, { start: parabolaStart, engine });
    expect(fit.parameters['s']).toBeCloseTo(-0.1, 9);
    if (engine === 'trust-region') expect(fit.diagnostics.atBound).toEqual(['s']);
  }
});

test('equal bounds fix a parameter', () => {
  const fixed = customSmile('v + s*k + c*k^2', {
    parameters: ['v', 's', 'c'],
    lower: [0, -0.2, 0],
    upper: [1, -0.2, 10],
    output: 'volatility',
  });
  const fit = fitted(fixed, noisy, { start: [0.3, -0.2, 0.1] });
  expect(fit.parameters['s']).toBe(-0.2);
  expect(fit.parameterNames).toEqual(['v', 'c']);
  expect(fit.covariance).toHaveLength(2);
});

test('ten parameters are reported like three', () => {
  const parameters = Array.from({ length: 10 }, (_, i) => `c${i}`);
  const smile = customSmile(parameters.map((name, i) => `${name}*k^${i}`).join(' + '), {
    parameters,
    output: 'volatility',
  });
  const fit = fitted(smile, noisy, { start: [0.3, ...new Array<number>(9).fill(0)] });
  expect(fit.covariance).toHaveLength(10);
  expect(fit.diagnostics.rmseBp).toBeLessThan(20);
});

test('a quote that is only a bound pulls only from outside it', () => {
  const free = noisy.volatility.map((v, i) => (i === 0 ? NaN : v));
  const open = { ...noisy, volatility: free, volatilityBid: noisy.volatilityBid.map((v, i) => (i === 0 ? 0 : v)) };
  const wide = { ...open, volatilityAsk: open.volatilityAsk.map((v, i) => (i === 0 ? 2 : v)) };
  const tight = { ...open, volatilityAsk: open.volatilityAsk.map((v, i) => (i === 0 ? 0.4 : v)) };
  const at = (slice: SliceInput): number => {
    const { parameters: p } = fitted(parabola, slice, { start: parabolaStart });
    return p['v']! - 0.4 * p['s']! + 0.16 * p['c']!;
  };
  expect(at(wide)).toBeGreaterThan(0.5);
  expect(at(tight)).toBeLessThan(at(wide));
});

test('the order of the quotes does not matter', () => {
  const order = noisy.logMoneyness.map((_, i) => (7 * i) % 25);
  const shuffled = Object.fromEntries(
    Object.entries(noisy).map(([key, value]) => [
      key,
      Array.isArray(value) ? order.map((i) => (value as unknown[])[i]) : value,
    ]),
  ) as unknown as SliceInput;
  const [one, other] = [noisy, shuffled].map((slice) => fitted(parabola, slice, { start: parabolaStart }).parameters);
  for (const name of ['v', 's', 'c']) expect(Math.abs(one![name]! - other![name]!)).toBeLessThan(1e-13);
});

describe('what cannot be fitted', () => {
  const few = { ...noisy, volatility: noisy.volatility.map((v, i) => (i < 2 ? v : NaN)) };
  const log = customSmile('log(a + k)', { parameters: ['a'], output: 'volatility' });
  const twice = customSmile('a + b', { parameters: ['a', 'b'], output: 'volatility' });
  const fixed = customSmile('a', { parameters: ['a'], lower: [0.3], upper: [0.3], output: 'volatility' });

  test.each([
    ['too few quotes', parabola, few, parabolaStart, 'too-few-quotes', 'need as many'],
    ['no volatility at the start', parabola, noisy, [-1, 0, 0], 'no-convergence', 'start'],
    ['outside the domain of a logarithm', log, noisy, [0.1], 'no-convergence', 'start'],
    ['two parameters for one', twice, noisy, [0.1, 0.1], 'no-convergence', 'determine'],
    ['nothing free', fixed, noisy, [0.3], 'no-convergence', 'fixed'],
  ] as const)('%s', (_, smile, slice, start, reason, message) => {
    const fit = calibrateCustom(smile, slice, { start: [...start] });
    if (fit.ok) throw new Error('a fit');
    expect(fit.reason).toBe(reason);
    expect(fit.message).toContain(message);
  });

  test.each([
    ['start', { start: [1, 2] }],
    ['start', {} as CustomFitOptions],
    ['start[1]', { start: [0.3, NaN, 0] }],
    ['engine', { start: parabolaStart, engine: 'simplex' as 'ml' }],
    ['loss', { start: parabolaStart, loss: 'l1' as 'l2' }],
    ['space', { start: parabolaStart, space: 'delta' as 'price' }],
    ['weights', { start: parabolaStart, weights: 'volume' as 'vega' }],
  ])('a mistake in %s is refused by name', (field, o) => {
    expect(() => calibrateCustom(parabola, noisy, o)).toThrow(InputError);
    expect(() => calibrateCustom(parabola, noisy, o)).toThrow(field);
  });

  test('a start outside the bounds', () => {
    expect(() => calibrateCustom(svi, noisy, { start: [0.02, -0.1, 0, 0, 0.1] })).toThrow('start[1]');
  });
});

describe('mathjs, which is slow to load, stays off the other paths', () => {
  const source = fileURLToPath(new URL('../../../src/', import.meta.url));

  /** Every package imported, types apart, from a file and the files it imports. */
  function packagesOf(entry: string): Set<string> {
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
      for (const [, name] of text.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?['"]([^'"]+)['"];/gm)) {
        if (name!.startsWith('.')) visit(resolve(dirname(file), name!.replace(/\.js$/, '.ts')));
        else packages.add(name!);
      }
    };
    visit(`${source}${entry}`);
    return packages;
  }

  test.each([
    'index.ts',
    'pricing/index.ts',
    'market/index.ts',
    'volatility/index.ts',
    'math/index.ts',
    'report/index.ts',
  ])('%s', (entry) => {
    const packages = packagesOf(entry);
    expect(packages).not.toContain('mathjs');
  });

  test('and the walk sees packages where there are some', () => {
    expect(packagesOf('volatility/custom.ts')).toContain('mathjs');
    expect(packagesOf('index.ts')).toContain('ml-matrix');
  });
});
