/** The one rational behind every price of a batch, against 25 digits over its whole domain. */
import { expect, it } from 'vitest';
import { lognormalPrice } from '../../../src/pricing/batch/formulas/black.js';
import { blackAt } from '../../reference/double-double.js';
import { seededRandom } from '../../math/accuracy.js';

it(
  'keeps values within 8 x 2^-53 (1 + h^2) at 600,000 points, most of them near the money',
  { timeout: 900_000 },
  () => {
    const random = seededRandom(31);
    let worst = 0;
    let at: number[] = [];
    for (let i = 0; i < 600_000; i++) {
      const s = i % 2 === 0 ? 2e-6 * 4e6 ** random() : 0.1 + 2.5 * random();
      const x = (i % 3 === 0 ? 37 * random() : 1.5 * random()) * s;
      const h = x / s;
      if (h - 0.5 * s > 37) continue;
      const { value } = blackAt(x, s);
      // A call at forward 1 on a larger strike; of the strike only that it is larger is used.
      const found = lognormalPrice(1, -x, s, 1, 2, -1);
      const error = Math.abs(found - value[0] - value[1]) / value[0] / 2 ** -53 / (1 + h * h);
      if (error > worst) [worst, at] = [error, [x, s]];
    }
    expect(worst, String(at)).toBeLessThanOrEqual(8);
    expect(worst, 'the stated figure').toBeLessThan(7);
  },
);
