import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { leastSquares } from '../../../src/math/least-squares/least-squares.js';
import { searchEssviSlice } from '../../../src/volatility/calibration/essvi-slice.js';
import { essviSurfaceProblem, searchEssviSurface } from '../../../src/volatility/calibration/essvi-surface.js';
import { fitQuotes } from '../../../src/volatility/calibration/quotes.js';
import { calibrateEssvi } from '../../../src/volatility/calibration/essvi.js';
import type { FitOptions } from '../../../src/volatility/calibration/fit.js';
import { toSsviSlice, wingCoordinates, wingSlices } from '../../../src/volatility/smile/essvi-wings.js';
import type { WingSlice } from '../../../src/volatility/smile/essvi-wings.js';
import type { SsviSlice } from '../../../src/volatility/smile/parameters.js';
import { ssviTotalVariance } from '../../../src/volatility/smile/ssvi.js';
import { grid, sliceOf, uniform } from './slices.js';

const times = [0.02, 0.05, 0.1, 0.25, 0.5, 1];
const truth: SsviSlice[] = times.map((time, i) => ({
  theta: 0.09 * time,
  rho: -0.5 + 0.05 * i,
  phi: 0.9 / Math.sqrt(0.09 * time),
}));

function quotesOf(smiles: SsviSlice[], noise: (slice: number, i: number) => number = () => 0, count = 21) {
  return smiles.map((p, s) =>
    sliceOf({
      timeToExpiry: times[s]!,
      logMoneyness: grid(-2.5 * Math.sqrt(p.theta), 2 * Math.sqrt(p.theta), count),
      volatilityAt: (k) => Math.sqrt(ssviTotalVariance(p, k) / times[s]!),
      noise: (i) => noise(s, i),
    }),
  );
}

function fitted(slices: Parameters<typeof calibrateEssvi>[0], o?: FitOptions) {
  const fit = calibrateEssvi(slices, o);
  if (!fit.ok) throw new Error(fit.message);
  return fit;
}

function expectProved(fit: ReturnType<typeof fitted>): void {
  for (const slice of fit.slices) expect(slice.butterfly?.verdict).toBe('proved');
  for (const pair of fit.calendar) expect(pair.verdict).toBe('proved');
}

test('noiseless quotes give the surface back', () => {
  const fit = fitted(quotesOf(truth));
  fit.slices.forEach(({ parameters, residualBp, input }, i) => {
    expect(parameters.theta / truth[i]!.theta).toBeCloseTo(1, 9);
    expect(parameters.rho).toBeCloseTo(truth[i]!.rho, 9);
    expect(parameters.phi / truth[i]!.phi).toBeCloseTo(1, 9);
    residualBp.forEach((error, j) => {
      expect(Math.abs(error * 1e-4)).toBeLessThan(1e-9 * input.volatility[j]!);
    });
  });
  expectProved(fit);
});

test('the order of the slices does not matter', () => {
  const random = uniform(2);
  const noise = times.map(() => Array.from({ length: 21 }, () => 0.003 * (random() - 0.5)));
  const slices = quotesOf(truth, (s, i) => noise[s]![i]!);
  expect(fitted([...slices].reverse()).slices.map((slice) => slice.parameters)).toEqual(
    fitted(slices).slices.map((slice) => slice.parameters),
  );
});

test('every result is proved free of arbitrage, however wrong the quotes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0, max: 0.6, noNaN: true }), (seed, size) => {
      const random = uniform(seed);
      const levels = times.map(() => 1 + size * (random() - 0.5));
      const slices = quotesOf(
        truth.map((p, i) => ({ ...p, theta: p.theta * levels[i]!, rho: p.rho + size * (random() - 0.5) })),
        () => 0.02 * size * (random() - 0.5),
      );
      expectProved(fitted(slices));
    }),
    { numRuns: 40 },
  );
});

test('points on the boundary of the conditions stay on it and are proved', () => {
  // theta tied to the slice before, wings that do not grow.
  const smiles = wingSlices([0.01, 0.02, 0.04, 0, 0, 0.01, 0, 0, 0, 0.01, 0.01, 0, 0, 0, 0, 0.02, 0, 0]).map(
    toSsviSlice,
  );
  const fit = fitted(quotesOf(smiles));
  expectProved(fit);
  fit.slices.forEach(({ parameters }, i) => {
    expect(parameters.theta / smiles[i]!.theta).toBeCloseTo(1, 6);
    expect(parameters.phi / smiles[i]!.phi).toBeCloseTo(1, 5);
  });
});

test('fitting all slices together is no worse than one after another', () => {
  const random = uniform(8);
  // The second expiry is quoted far too high: sequentially all later ones would have to follow.
  const raised = truth.map((p, i) => (i === 1 ? { ...p, theta: 2.5 * p.theta } : p));
  const slices = quotesOf(raised, () => 0.001 * (random() - 0.5));
  const fit = fitted(slices);
  expectProved(fit);
  let before: WingSlice | undefined;
  let sequential = 0;
  for (const slice of slices) {
    const search = searchEssviSlice(fitQuotes(slice, {}), before);
    before = search.slice;
    sequential += search.cost;
  }
  const together = fit.slices.reduce(
    (sum, { residualBp, input }) =>
      sum + residualBp.reduce((cost, error, i) => cost + 0.5 * ((1e-4 * error) / input.standardDeviation[i]!) ** 2, 0),
    0,
  );
  expect(together).toBeLessThan(0.8 * sequential);
});

test.each([{}, { loss: 'huber' }, { loss: 'cauchy' }, { space: 'variance' }] as const)(
  'the compressed normal equations of all slices end where the quote-by-quote Jacobian does: %o',
  (o) => {
    const random = uniform(18);
    const raised = truth.map((p, i) => (i === 2 ? { ...p, theta: 1.9 * p.theta, rho: -0.2 } : p));
    const quotes = quotesOf(raised, () => 0.002 * (random() - 0.5)).map((slice) => fitQuotes(slice, o));
    const start: WingSlice[] = [];
    for (const slice of quotes) start.push(searchEssviSlice(slice, start.at(-1)).slice);
    const compressed = searchEssviSurface(quotes, start, o);
    const problem = essviSurfaceProblem(quotes, start);
    const general = leastSquares(problem, {
      start: Array.from(wingCoordinates(start), (value, i) => Math.max(value, problem.lower![i]!)),
      loss: 'loss' in o ? o.loss : undefined,
      costTolerance: 1e-12,
    });
    if (!('slices' in compressed) || !general.ok) throw new Error('no fit');
    expect(Math.abs(compressed.cost / general.cost - 1)).toBeLessThan(1e-9);
  },
);

test('the ml engine ends at the same surface', () => {
  const random = uniform(6);
  const slices = quotesOf(truth, () => 0.001 * (random() - 0.5));
  const ml = fitted(slices, { engine: 'ml' });
  expectProved(ml);
  fitted(slices).slices.forEach(({ residualBp }, s) => {
    residualBp.forEach((error, i) => {
      expect(Math.abs(error - ml.slices[s]!.residualBp[i]!)).toBeLessThan(1e-2);
    });
  });
});

test('bounds, losses and spaces of the residual are honoured', () => {
  const random = uniform(4);
  const slices = quotesOf(truth, () => 0.002 * (random() - 0.5));
  const oneSided = slices.map((slice) => ({
    ...slice,
    volatility: slice.volatility.map((v, i) => (i === 0 ? NaN : v)),
    volatilityBid: slice.volatilityBid.map((v, i) => (i === 0 ? 0 : v)),
    standardDeviation: slice.standardDeviation.map((s, i) => (i === 0 ? Infinity : s)),
  }));
  const fit = fitted(oneSided);
  fit.slices.forEach(({ residualBp, diagnostics }) => {
    expect(residualBp[0]).toBeNaN();
    expect(diagnostics.quotesUsed).toBe(20);
  });
  for (const o of [
    { loss: 'huber' },
    { loss: 'cauchy' },
    { loss: 'spread-deadzone' },
    { space: 'variance' },
    { space: 'price' },
    { weights: 'equal' },
    { weights: 'vega' },
  ] as const) {
    const other = fitted(slices, o);
    expectProved(other);
    other.slices.forEach(({ parameters }, i) => {
      expect(Math.abs(parameters.rho - truth[i]!.rho)).toBeLessThan(0.1);
    });
  }
});

test('the 95% intervals hold the truth about 95 times in 100', () => {
  const random = uniform(21);
  const gaussian = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let held = 0;
  let counted = 0;
  for (let draw = 0; draw < 150; draw++) {
    const fit = fitted(quotesOf(truth, () => 0.00116 * gaussian()));
    fit.slices.forEach(({ interval95, diagnostics }, i) => {
      if (diagnostics.atBound.length > 0) return;
      for (const name of ['theta', 'rho', 'phi'] as const) {
        const [low, high] = interval95[name]!;
        counted++;
        if (low <= truth[i]![name] && truth[i]![name] <= high) held++;
      }
    });
  }
  expect(counted).toBeGreaterThan(2000);
  expect(held / counted).toBeGreaterThan(0.93);
  expect(held / counted).toBeLessThan(0.98);
});

describe('what cannot be fitted', () => {
  test('an expiry with two quotes is listed, the others are fitted', () => {
    const slices = quotesOf(truth);
    slices[2] = { ...slices[2]!, volatility: slices[2]!.volatility.map((v, i) => (i < 2 ? v : NaN)) };
    const fit = fitted(slices);
    expect(fit.slices).toHaveLength(5);
    expect(fit.failed).toEqual([{ expiry: slices[2].expiry, reason: 'too-few-quotes' }]);
    expect(fit.rejected).toHaveLength(21);
  });

  test('none left is a failure', () => {
    expect(calibrateEssvi([])).toMatchObject({ ok: false, reason: 'too-few-quotes' });
  });

  test('two slices of one expiry are a mistake', () => {
    const [slice] = quotesOf(truth);
    expect(() => calibrateEssvi([slice!, slice!])).toThrow(InputError);
  });
});
