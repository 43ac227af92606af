import { describe, expect, test } from 'vitest';
import { leastSquares } from '../../../src/math/least-squares/least-squares.js';
import type { Loss } from '../../../src/math/least-squares/problem.js';
import { fitQuotes } from '../../../src/volatility/calibration/quotes.js';
import { calibrateSvi } from '../../../src/volatility/calibration/svi.js';
import { sviTotalVariance } from '../../../src/volatility/smile/svi.js';
import { evenly, sliceOf, sviVolatility } from './sample-slices.js';
import { uniform } from './slices.js';

const smile = { a: 0.02, b: 0.14, rho: -0.45, m: 0.04, sigma: 0.17 };

describe.each(['l2', 'huber', 'cauchy', 'spread-deadzone'] satisfies Loss[])('SVI with the loss %s', (loss) => {
  test('the general engine, started from the fit, finds nothing lower', () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = uniform(seed);
      const k = evenly(-0.55, 0.42, 15);
      const deviation = k.map(() => 0.0015 * (0.5 + random()));
      const volatility = k.map((at) => sviVolatility(smile, at, 0.5) + 0.008 * (random() - 0.5));
      const slice = sliceOf(k, volatility, { standardDeviation: deviation, halfSpread: deviation });
      const fit = calibrateSvi(slice, { loss });
      if (!fit.ok) throw new Error(fit.message);
      if (fit.diagnostics.atBound.length > 0) continue;
      const { deadzone } = fitQuotes(slice, { loss });
      const { a, b, rho, m, sigma } = fit.parameters;
      const other = leastSquares(
        {
          parameters: 5,
          residuals: k.length,
          deadzone: deadzone.length > 0 ? deadzone : undefined,
          evaluate(x, r) {
            const p = { a: x[0]!, b: x[1]!, rho: x[2]!, m: x[3]!, sigma: x[4]! };
            k.forEach((at, i) => {
              r[i] = (Math.sqrt(sviTotalVariance(p, at) / 0.5) - volatility[i]!) / deviation[i]!;
            });
          },
        },
        { start: [a, b, rho, m, sigma], loss, costTolerance: 1e-14, stepTolerance: 1e-12, maxIterations: 500 },
      );
      if (!other.ok) throw new Error(other.message);
      const cost = fit.diagnostics.chiSquarePerDof * 5;
      expect(cost).toBeLessThan(other.cost * (1 + 1e-6));
    }
  });
});
