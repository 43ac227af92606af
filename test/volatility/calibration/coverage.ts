/** How often the stated intervals hold the truth. */
import { randomStream } from '../../../benchmarks/calibration/random.js';
import { calibrateSvi } from '../../../src/volatility/calibration/svi.js';
import type { SviParameters } from '../../../src/volatility/smile/parameters.js';
import { evenly, sliceOf, sviVolatility } from './sample-slices.js';

const reference: SviParameters = { a: 0.01, b: 0.12, rho: -0.55, m: 0.03, sigma: 0.15 };

/** How often each parameter's interval holds the truth, over draws of normal noise. */
export function coverage(draws: number, seed: number): { covered: number[]; draws: number } {
  const random = randomStream(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.uniform(0, 1))) * Math.cos(2 * Math.PI * random.uniform(0, 1));
  const k = evenly(-0.5, 0.5, 41);
  const truth = k.map((value) => sviVolatility(reference, value, 0.5));
  const names = ['a', 'b', 'rho', 'm', 'sigma'] as const;
  const covered = names.map(() => 0);
  for (let n = 0; n < draws; n++) {
    const fit = calibrateSvi(
      sliceOf(
        k,
        truth.map((value) => value + 1e-3 * normal()),
      ),
    );
    if (!fit.ok) throw new Error(fit.message);
    names.forEach((name, i) => {
      const [low, high] = fit.interval95[name]!;
      if (low <= reference[name] && reference[name] <= high) covered[i]! += 1;
    });
  }
  return { covered, draws };
}
