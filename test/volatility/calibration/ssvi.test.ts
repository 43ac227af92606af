import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dataFile } from '../../../benchmarks/data/real-chains.js';
import { InputError } from '../../../src/errors.js';
import { sliceInputs } from '../../../src/market/slice-inputs.js';
import type { SliceInput } from '../../../src/market/slice.js';
import { cboe } from '../../../src/market/venues/cboe.js';
import { leastSquares } from '../../../src/math/least-squares/least-squares.js';
import { syntheticChain, syntheticChainText } from '../../../benchmarks/data/synthetic-chain.js';
import { deribit } from '../../../src/market/venues/deribit.js';
import { quoteSensitivities } from '../../../src/volatility/calibration/quote-sensitivities.js';
import { calibrateSurface } from '../../../src/volatility/calibration/surface-fit.js';
import { verifyCertificate } from '../../../src/volatility/arbitrage/verify.js';
import { fitQuotes } from '../../../src/volatility/calibration/quotes.js';
import {
  firstPoint,
  searchSsvi,
  ssviBox,
  ssviNormal,
  ssviProblem,
  ssviVariables,
} from '../../../src/volatility/calibration/ssvi-search.js';
import { calibrateSsvi } from '../../../src/volatility/calibration/ssvi.js';
import type { SsviFitOptions } from '../../../src/volatility/calibration/ssvi.js';
import type { SsviSlice } from '../../../src/volatility/smile/parameters.js';
import { ssviTotalVariance } from '../../../src/volatility/smile/ssvi.js';
import { ssviSlices } from '../../../src/volatility/smile/ssvi-family.js';
import type { SsviCurve, SsviFamily } from '../../../src/volatility/smile/ssvi-family.js';
import { grid, sliceOf, uniform } from './slices.js';

const times = [0.02, 0.05, 0.1, 0.25, 0.5, 1];
const theta = times.map((time, i) => time * (0.09 - 0.004 * i));
const curves = [
  { rho: -0.5, eta: 1.2, gamma: 0.4 },
  { rho: 0.3, eta: 0.7, gamma: 0.2 },
  { rho: -0.85, eta: 1, gamma: 0.45 },
  { rho: -0.6, lambda: 2 },
  { rho: 0.4, lambda: 15 },
];
const power = curves[0]!;
const noNoise = (): number => 0;

function familyOf(curve: SsviCurve): SsviFamily {
  return 'eta' in curve ? 'power-law' : 'heston-like';
}

function quotesOf(
  smiles: SsviSlice[],
  noise: (slice: number, i: number) => number = noNoise,
  count = 21,
): SliceInput[] {
  return smiles.map((p, s) =>
    sliceOf({
      timeToExpiry: times[s]!,
      logMoneyness: grid(-2.5 * Math.sqrt(p.theta), 2 * Math.sqrt(p.theta), count),
      volatilityAt: (k) => Math.sqrt(ssviTotalVariance(p, k) / times[s]!),
      noise: (i) => noise(s, i),
    }),
  );
}

function fitted(slices: SliceInput[], o?: SsviFitOptions) {
  const fit = calibrateSsvi(slices, o);
  if (!fit.ok) throw new Error(fit.message);
  return fit;
}

function expectProved(fit: ReturnType<typeof fitted>): void {
  fit.slices.forEach(({ parameters }, i) => {
    expect(fit.butterfly[i]!.verdict).toBe('proved');
    expect(verifyCertificate(fit.butterfly[i]!, parameters)).toBe(true);
    if (i === 0) return;
    expect(fit.calendar[i - 1]!.verdict).toBe('proved');
    expect(verifyCertificate(fit.calendar[i - 1]!, [fit.slices[i - 1]!.parameters, parameters])).toBe(true);
  });
}

test.each(curves)('noiseless quotes give the surface back: %j', (curve) => {
  const fit = fitted(quotesOf(ssviSlices(curve, theta)), { family: familyOf(curve) });
  Object.entries(curve).forEach(([name, value]) => {
    expect(Math.abs(fit.parameters[name]! / value - 1)).toBeLessThan(1e-8);
  });
  fit.theta.forEach((value, i) => {
    expect(Math.abs(value / theta[i]! - 1)).toBeLessThan(1e-9);
  });
  fit.slices.forEach(({ residualBp, input }) => {
    residualBp.forEach((error, i) => {
      expect(Math.abs(error * 1e-4)).toBeLessThan(1e-9 * input.volatility[i]!);
    });
  });
  expectProved(fit);
});

test.each(curves)(
  'cost, gradient and matrix of the normal equations are those of the quote-by-quote Jacobian: %j',
  (curve) => {
    const family = familyOf(curve);
    const random = uniform(12);
    const slices = quotesOf(ssviSlices(curve, theta), () => 0.004 * (random() - 0.5));
    const quotes = slices.map((slice) => fitQuotes(slice, {}));
    const start = firstPoint(family, quotes);
    const { low, high } = ssviBox(family, quotes.length, start.theta[0]!);
    const x = ssviVariables(family, start, low, high);
    const n = x.length;
    const normal = new Float64Array(1 + n + (n * (n + 1)) / 2);
    ssviNormal(family, quotes)(x, normal);
    const problem = ssviProblem(family, quotes, low, high);
    const r = new Float64Array(problem.residuals);
    const jacobian = new Float64Array(problem.residuals * n);
    problem.evaluate(x, r);
    problem.jacobian!(x, jacobian);
    expect(normal[0]! / (0.5 * r.reduce((sum, value) => sum + value * value, 0))).toBeCloseTo(1, 12);
    let at = 1 + n;
    for (let i = 0; i < n; i++) {
      let [gradient, size] = [0, 0];
      for (let row = 0; row < r.length; row++) {
        gradient += jacobian[row * n + i]! * r[row]!;
        size += Math.abs(jacobian[row * n + i]! * r[row]!);
      }
      expect(Math.abs(normal[1 + i]! - gradient)).toBeLessThan(1e-12 * size);
      for (let j = 0; j <= i; j++) {
        let [product, products] = [0, 0];
        for (let row = 0; row < r.length; row++) {
          product += jacobian[row * n + i]! * jacobian[row * n + j]!;
          products += Math.abs(jacobian[row * n + i]! * jacobian[row * n + j]!);
        }
        expect(Math.abs(normal[at++]! - product)).toBeLessThan(1e-12 * products);
      }
    }
    // The Jacobian itself, by central differences.
    const [up, down] = [new Float64Array(r.length), new Float64Array(r.length)];
    for (let j = 0; j < n; j++) {
      const step = 1e-5 * Math.max(x[j]!, 1e-4);
      problem.evaluate(
        x.map((value, i) => (i === j ? value + step : value)),
        up,
      );
      problem.evaluate(
        x.map((value, i) => (i === j ? value - step : value)),
        down,
      );
      let largest = 0;
      for (let row = 0; row < r.length; row++) largest = Math.max(largest, Math.abs(jacobian[row * n + j]!));
      for (let row = 0; row < r.length; row++) {
        expect(Math.abs((up[row]! - down[row]!) / (2 * step) - jacobian[row * n + j]!)).toBeLessThan(1e-5 * largest);
      }
    }
  },
);

test.each([
  [power, {}],
  [power, { loss: 'huber' }],
  [power, { loss: 'cauchy' }],
  [power, { space: 'variance' }],
  [power, { space: 'price' }],
  [curves[3]!, {}],
] as const)('the search ends where the general engine does: %j %j', (curve, o) => {
  const family = familyOf(curve);
  const random = uniform(31);
  const slices = quotesOf(ssviSlices(curve, theta), () => 0.004 * (random() - 0.5));
  const quotes = slices.map((slice) => fitQuotes(slice, o));
  const start = firstPoint(family, quotes);
  const { low, high } = ssviBox(family, quotes.length, start.theta[0]!);
  const x = ssviVariables(family, start, low, high);
  const general = leastSquares(ssviProblem(family, quotes, low, high), {
    start: Array.from(x),
    loss: 'loss' in o ? o.loss : undefined,
  });
  const search = searchSsvi(family, quotes, x, low, high);
  if (!general.ok) throw new Error(general.message);
  expect(Math.abs(search.cost / general.cost - 1)).toBeLessThan(1e-9);
});

test.each(curves.slice(2, 4))('both engines end at the same surface: %j', (curve) => {
  const family = familyOf(curve);
  const random = uniform(6);
  const slices = quotesOf(ssviSlices(curve, theta), () => 0.001 * (random() - 0.5));
  const ml = fitted(slices, { family, engine: 'ml' });
  expectProved(ml);
  fitted(slices, { family }).slices.forEach(({ residualBp }, s) => {
    residualBp.forEach((error, i) => {
      expect(Math.abs(error - ml.slices[s]!.residualBp[i]!)).toBeLessThan(1e-2);
    });
  });
});

test('no other start finds a better surface', () => {
  const random = uniform(77);
  for (let draw = 0; draw < 20; draw++) {
    const family: SsviFamily = draw % 2 === 0 ? 'power-law' : 'heston-like';
    const curve = draw % 2 === 0 ? power : curves[3]!;
    const smiles = ssviSlices(curve as SsviCurve, theta).map((p) => ({ ...p, rho: p.rho + 0.4 * (random() - 0.5) }));
    const quotes = quotesOf(smiles, () => 0.01 * (random() - 0.5)).map((slice) => fitQuotes(slice, {}));
    const start = firstPoint(family, quotes);
    const { low, high } = ssviBox(family, quotes.length, start.theta[0]!);
    const cost = searchSsvi(family, quotes, ssviVariables(family, start, low, high), low, high).cost;
    for (let other = 0; other < 10; other++) {
      const wing = high[times.length]!;
      const point = { theta: start.theta, right: wing * random(), left: wing * random(), gamma: 0.5 * random() };
      const found = searchSsvi(family, quotes, ssviVariables(family, point, low, high), low, high);
      expect(cost).toBeLessThan(found.cost * (1 + 1e-7));
    }
  }
});

test('the order of the slices does not matter', () => {
  const random = uniform(2);
  const noise = times.map(() => Array.from({ length: 21 }, () => 0.003 * (random() - 0.5)));
  const slices = quotesOf(ssviSlices(power, theta), (s, i) => noise[s]![i]!);
  const { parameters, theta: found } = fitted(slices);
  expect(fitted([...slices].reverse())).toMatchObject({ parameters, theta: found });
});

test('every result is proved free of arbitrage, however wrong the quotes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 0, max: 0.8, noNaN: true }),
      fc.constantFrom<SsviFamily>('power-law', 'heston-like'),
      (seed, size, family) => {
        const random = uniform(seed);
        const slices = quotesOf(
          ssviSlices(power as SsviCurve, theta).map((p) => ({
            theta: p.theta * (1 + size * (random() - 0.5)),
            rho: p.rho + 0.9 * size * (random() - 0.5),
            phi: p.phi * (1 + 2 * size * random()),
          })),
          () => 0.02 * size * (random() - 0.5),
        );
        expectProved(fitted(slices, { family }));
      },
    ),
    { numRuns: 60 },
  );
});

test('variance that should fall with expiry is held level, and named', () => {
  const smiles = ssviSlices(power as SsviCurve, theta).map((p, i) => (i === 3 ? { ...p, theta: 0.2 * p.theta } : p));
  const fit = fitted(quotesOf(smiles));
  expectProved(fit);
  expect(fit.diagnostics.atBound).toContain('theta[3]');
  expect(fit.theta[3]! / fit.theta[2]!).toBeCloseTo(1, 11);
  const [low, high] = fit.interval95['theta[3]']!;
  expect(low).toBe(fit.theta[3]);
  expect(high).toBeGreaterThan(low);
});

test('quotes beyond the conditions end on them, and eta is named', () => {
  const smiles = ssviSlices(power as SsviCurve, theta).map((p) => ({ ...p, phi: 2.2 * p.phi }));
  const fit = fitted(quotesOf(smiles));
  expectProved(fit);
  expect(fit.diagnostics.atBound).toContain('eta');
  expect(fit.parameters['eta']! * (1 + Math.abs(fit.parameters['rho']!))).toBeCloseTo(2, 10);
});

test('bounds, losses, spaces and weights of the residual are honoured', () => {
  const random = uniform(4);
  const slices = quotesOf(ssviSlices(power, theta), () => 0.002 * (random() - 0.5));
  const oneSided = slices.map((slice) => ({
    ...slice,
    volatility: slice.volatility.map((v, i) => (i === 0 ? NaN : v)),
    volatilityBid: slice.volatilityBid.map((v, i) => (i === 0 ? 0 : v)),
    standardDeviation: slice.standardDeviation.map((s, i) => (i === 0 ? Infinity : s)),
  }));
  const fit = fitted(oneSided);
  expect(fit.diagnostics.quotesUsed).toBe(120);
  fit.slices.forEach(({ residualBp }) => {
    expect(residualBp[0]).toBeNaN();
  });
  for (const o of [
    { loss: 'huber' },
    { loss: 'cauchy' },
    { loss: 'spread-deadzone' },
    { space: 'variance' },
    { space: 'price' },
    { weights: 'equal' },
    { weights: 'vega' },
    { start: { theta: 0.05, rho: -0.4, phi: 3 } },
  ] as const) {
    const other = fitted(slices, o);
    expectProved(other);
    expect(Math.abs(other.parameters['rho']! - power.rho)).toBeLessThan(0.05);
  }
});

test('the 95% intervals hold the truth about 95 times in 100', () => {
  const random = uniform(21);
  const gaussian = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const smiles = ssviSlices(power, theta);
  let held = 0;
  let counted = 0;
  for (let draw = 0; draw < 300; draw++) {
    const { interval95, diagnostics } = fitted(quotesOf(smiles, () => 0.00116 * gaussian()));
    expect(diagnostics.atBound).toEqual([]);
    const truth = { ...power, ...Object.fromEntries(theta.map((value, i) => [`theta[${i}]`, value])) };
    Object.entries(truth).forEach(([name, value]) => {
      const [low, high] = interval95[name]!;
      counted++;
      if (low <= value && value <= high) held++;
    });
  }
  expect(held / counted).toBeGreaterThan(0.93);
  expect(held / counted).toBeLessThan(0.97);
});

describe('what cannot be fitted', () => {
  const slices = quotesOf(ssviSlices(power, theta));

  test('an expiry without a target is listed, the others are fitted', () => {
    const empty = slices.map((slice, i) =>
      i === 2 ? { ...slice, volatility: slice.volatility.map(() => NaN) } : slice,
    );
    const fit = fitted(empty);
    expect(fit.slices).toHaveLength(5);
    expect(fit.failed).toEqual([{ expiry: slices[2]!.expiry, reason: 'too-few-quotes' }]);
    expect(fit.rejected).toHaveLength(21);
  });

  test('an expiry with one quote has its theta', () => {
    const sparse = slices.map((slice, i) =>
      i === 2 ? { ...slice, volatility: slice.volatility.map((v, j) => (j === 10 ? v : NaN)) } : slice,
    );
    expect(fitted(sparse).theta[2]! / theta[2]!).toBeCloseTo(1, 8);
  });

  test('fewer targets than parameters are a failure with both numbers', () => {
    const [slice] = slices;
    const three = { ...slice!, volatility: slice!.volatility.map((v, i) => (i < 3 ? v : NaN)) };
    expect(calibrateSsvi([three])).toMatchObject({ ok: false, reason: 'too-few-quotes', value: 3, limit: 4 });
    expect(calibrateSsvi([])).toMatchObject({ ok: false, reason: 'too-few-quotes' });
  });

  test('one slice does not determine eta and gamma, and the fit says so', () => {
    const fit = fitted([slices[3]!]);
    expect(fit.diagnostics.condition).toBe(Infinity);
    expect(fit.diagnostics.rmseBp).toBeLessThan(1e-6);
  });

  test.each([
    ['slices', () => calibrateSsvi([slices[0]!, slices[0]!])],
    ['slices', () => calibrateSsvi({} as never)],
    ['family', () => calibrateSsvi(slices, { family: 'cubic' as SsviFamily })],
    ['engine', () => calibrateSsvi(slices, { engine: 'simplex' as 'ml' })],
    ['start', () => calibrateSsvi(slices, { start: { a: 0, b: 0, rho: 0, m: 0, sigma: 1 } })],
    ['rho', () => calibrateSsvi(slices, { start: { theta: 0.1, rho: 2, phi: 1 } })],
    ['loss', () => calibrateSsvi(slices, { loss: 'l1' as 'l2' })],
    ['timeToExpiry', () => calibrateSsvi([{ ...slices[0]!, timeToExpiry: 0 }])],
  ])('a mistake in %s is refused by name', (field, call) => {
    expect(call).toThrow(InputError);
    expect(call).toThrow(field);
  });
});

const chainFile = dataFile('equity/cboe_quotedata/spx_20220712T1155EDT.csv');
test.skipIf(!existsSync(chainFile))(
  '32 expiries of a real chain: proved, and the same from every start (skipped without the data)',
  () => {
    const chain = cboe.parseQuoteTable(readFileSync(chainFile, 'utf8'), { underlying: 'SPXW' });
    const { slices } = sliceInputs(chain);
    const fit = fitted(slices);
    expect(fit.slices).toHaveLength(32);
    expectProved(fit);
    const again = fitted(slices, { start: { theta: 0.01, rho: 0.3, phi: 2 } });
    expect(again.diagnostics.chiSquarePerDof / fit.diagnostics.chiSquarePerDof).toBeCloseTo(1, 8);
  },
);

describe('each expiry as a fit of its own', () => {
  const random = uniform(21);
  const fits = curves.map((curve) => ({
    curve,
    fit: fitted(
      quotesOf(ssviSlices(curve, theta), () => 0.004 * (random() - 0.5)),
      { family: familyOf(curve) },
    ),
  }));

  test.each(fits)('has the covariance of the surface, carried by differences of $curve', ({ fit }) => {
    const names = Object.keys(fit.parameters);
    const values = [...fit.theta, ...names.map((name) => fit.parameters[name]!)];
    const sliceAt = (point: number[], i: number): number[] => {
      const curve = Object.fromEntries(names.map((name, j) => [name, point[fit.theta.length + j]!]));
      const { theta: t, rho, phi } = ssviSlices(curve as SsviCurve, point.slice(0, fit.theta.length))[i]!;
      return [t, rho, phi];
    };
    fit.slices.forEach((slice, i) => {
      const slopes = values.map((value, j) => {
        const step = 1e-6 * Math.abs(value);
        const moved = (by: number): number[] =>
          sliceAt(
            values.map((v, other) => (other === j ? v + by : v)),
            i,
          );
        const [up, down] = [moved(step), moved(-step)];
        return up.map((v, row) => (v - down[row]!) / (2 * step));
      });
      for (let a = 0; a < 3; a++) {
        for (let b = 0; b < 3; b++) {
          let expected = 0;
          slopes.forEach((from, s) => {
            slopes.forEach((to, t) => (expected += from[a]! * to[b]! * fit.covariance[s]![t]!));
          });
          const scale = Math.sqrt(slice.covariance[a]![a]! * slice.covariance[b]![b]!);
          expect(Math.abs(slice.covariance[a]![b]! - expected)).toBeLessThanOrEqual(1e-6 * scale);
        }
      }
    });
  });

  test.each(fits)('reports its own quotes: $curve', ({ fit }) => {
    let quotes = 0;
    let chiSquare = 0;
    let squares = 0;
    fit.slices.forEach(({ model, diagnostics: d, parameters, interval95, butterfly }, i) => {
      expect(model).toBe('ssvi');
      expect(d.quotesUsed).toBe(21);
      quotes += d.quotesUsed;
      chiSquare += d.chiSquarePerDof * d.quotesUsed;
      squares += d.rmseBp ** 2 * d.quotesUsed;
      expect(butterfly).toBe(fit.butterfly[i]);
      for (const name of ['theta', 'rho', 'phi'] as const) {
        const [low, high] = interval95[name]!;
        expect(low).toBeLessThanOrEqual(parameters[name]);
        expect(high).toBeGreaterThanOrEqual(parameters[name]);
      }
    });
    expect(chiSquare / quotes / fit.diagnostics.chiSquarePerDof).toBeCloseTo(1, 6);
    expect(Math.sqrt(squares / quotes) / fit.diagnostics.rmseBp).toBeCloseTo(1, 12);
  });

  test('cannot be differentiated by itself: it is no minimum of its own quotes', () => {
    const noisy = fits[0]!.fit.slices[2]!;
    expect(() => quoteSensitivities(noisy, [1, 0, 0])).toThrow(InputError);
  });
});

describe('calibrateSurface with SSVI', () => {
  const truth = syntheticChain({ seed: 3 });
  const chain = deribit.parseBookSummary(syntheticChainText(truth), { asOf: truth.asOf });

  test.each(['power-law', 'heston-like'] as const)('%s: every certificate is a proof', (family) => {
    const fit = calibrateSurface(chain, { model: 'ssvi', family });
    if (!fit.ok) throw new Error(fit.message);
    expect(fit.proved).toBe(true);
    expect(fit.model).toBe('ssvi');
    expect(fit.surface.data.interpolation).toBe('essvi');
    expect(fit.fits).toHaveLength(truth.slices.length);
    fit.fits.forEach((slice, i) => {
      expect(verifyCertificate(fit.butterfly[i]!, slice.parameters)).toBe(true);
      expect(fit.surface.data.slices[i]!.covariance).toEqual(slice.covariance);
      if (i > 0)
        expect(verifyCertificate(fit.calendar[i - 1]!, [fit.fits[i - 1]!.parameters, slice.parameters])).toBe(true);
    });
    const alone = calibrateSsvi(
      fit.fits.map(({ input }) => input),
      { family },
    );
    expect(alone.ok && alone.theta).toEqual(
      fit.fits.map(({ parameters }) => 'theta' in parameters && parameters.theta),
    );
  });
});
