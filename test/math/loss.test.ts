import { describe, expect, test } from 'vitest';
import { lossCurvature, lossInfluence, lossSlope, lossValue, lossWeight } from '../../src/math/least-squares/loss.js';
import type { Loss } from '../../src/math/least-squares/problem.js';

const losses: Loss[] = ['l2', 'huber', 'cauchy', 'spread-deadzone'];
const points = [-9, -2.4, -1.1, -0.3, 0, 0.2, 1, 1.5, 3, 20];

describe.each(losses)('%s', (loss) => {
  const h = 1e-5;

  test('influence and its slope are the derivatives of the loss', () => {
    for (const r of points) {
      const first = (lossValue(loss, r + h, 0.7) - lossValue(loss, r - h, 0.7)) / (4 * h);
      const second = (lossInfluence(loss, r + h, 0.7) - lossInfluence(loss, r - h, 0.7)) / (2 * h);
      expect(lossInfluence(loss, r, 0.7)).toBeCloseTo(first, 7);
      expect(lossSlope(loss, r, 0.7)).toBeCloseTo(second, 7);
    }
  });

  test('the curvature for a normal matrix is the slope where that is not small', () => {
    for (const r of points) {
      const curvature = lossCurvature(loss, r, 0.7);
      expect(curvature).toBeGreaterThan(0);
      const expected = Math.max(lossSlope(loss, r, 0.7), r === 0 ? 0 : 0.01 * lossWeight(loss, r, 0.7));
      expect(Math.abs(curvature - expected)).toBeLessThan(1e-15);
    }
  });
});
