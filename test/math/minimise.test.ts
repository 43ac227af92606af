import { describe, expect, it } from 'vitest';
import { goldenSection } from '../../src/math/golden-section.js';
import { minimise } from '../../src/math/minimise.js';
import type { Objective } from '../../src/math/minimise.js';
import { seededRandom } from '../../src/math/random.js';

describe('quasi-Newton search', () => {
  // Moré, Garbow and Hillstrom (1981), problems 1 and 20 with their published minima.
  const rosenbrock: Objective = ([x, y], g) => {
    g[0] = -400 * x! * (y! - x! * x!) - 2 * (1 - x!);
    g[1] = 200 * (y! - x! * x!);
    return 100 * (y! - x! * x!) ** 2 + (1 - x!) ** 2;
  };
  const powell: Objective = (x, g) => {
    const [a, b, c, d] = [x[0]! + 10 * x[1]!, x[2]! - x[3]!, x[1]! - 2 * x[2]!, x[0]! - x[3]!];
    g[0] = 2 * a + 40 * d ** 3;
    g[1] = 20 * a + 4 * c ** 3;
    g[2] = 10 * b - 8 * c ** 3;
    g[3] = -10 * b - 40 * d ** 3;
    return a * a + 5 * b * b + c ** 4 + 10 * d ** 4;
  };

  it('finds the floor of the banana valley and of the singular function of Powell', () => {
    const banana = minimise(rosenbrock, [-1.2, 1]);
    expect(banana.termination).toBe('gradient');
    expect(banana.x[0]).toBeCloseTo(1, 8);
    expect(banana.x[1]).toBeCloseTo(1, 8);
    expect(minimise(powell, [3, -1, 0, 1]).value).toBeLessThan(1e-9);
  });

  it('a quadratic of condition 1e6 to the precision of its minimum', () => {
    const random = seededRandom(1);
    const centre = Array.from({ length: 6 }, () => random.normal());
    const result = minimise(
      (x, g) =>
        x.reduce((sum, value, i) => {
          const d = value - centre[i]!;
          const weight = 10 ** (1.2 * i);
          g[i] = 2 * weight * d;
          return sum + weight * d * d;
        }, 0),
      new Array<number>(6).fill(0),
    );
    centre.forEach((c, i) => {
      expect(result.x[i]).toBeCloseTo(c, 8);
    });
  });

  it('stays within the domain of a barrier', () => {
    const result = minimise(
      ([x], g) => {
        g[0] = 1 - 1e-6 / x!;
        return x! > 0 ? x! - 1e-6 * Math.log(x!) : Infinity;
      },
      [5],
    );
    expect(result.x[0]! / 1e-6).toBeCloseTo(1, 3);
  });

  it('says when it stopped on the way, and names a start outside the domain', () => {
    expect(minimise(rosenbrock, [-1.2, 1], { maxIterations: 3 }).termination).toBe('iterations');
    // A kink has no gradient to bring to 0.
    expect(minimise(([x], g) => ((g[0] = Math.sign(x! - 0.3) || 1), Math.abs(x! - 0.3)), [2]).termination).toBe(
      'precision',
    );
    expect(() => minimise(() => NaN, [0])).toThrow('start must be');
  });
});

describe('golden section', () => {
  it('the lowest point, inside or at an end', () => {
    expect(goldenSection((x) => (x - 0.3) ** 2, -1, 2, 1e-9)).toBeCloseTo(0.3, 7);
    expect(goldenSection((x) => x, 1, 2, 1e-9)).toBeCloseTo(1, 8);
    expect(goldenSection((x) => -x, 1, 2, 1e-9)).toBeCloseTo(2, 8);
  });
});
