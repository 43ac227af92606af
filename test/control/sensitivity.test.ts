import { describe, expect, it } from 'vitest';
import { kelly } from '../../src/control/kelly.js';
import { regretMatrix, sensitivity, sensitivityGrid } from '../../src/control/sensitivity.js';
import { InputError } from '../../src/errors.js';

const evaluate = (p: Readonly<Record<'drift' | 'rate' | 'volatility', number>>) => kelly(p).weight;
const parameters = {
  drift: { base: 0.2, low: 0.1, high: 0.3 },
  rate: { base: 0.04, low: 0.03, high: 0.05 },
  volatility: { base: 0.6, low: 0.4, high: 0.8 },
};

describe('sensitivity', () => {
  it('lists the widest swing first, with elasticities', () => {
    const { base, tornado } = sensitivity({ parameters, evaluate });
    expect(base).toBeCloseTo(0.444444, 6);
    expect(tornado.map(({ name }) => name)).toEqual(['volatility', 'drift', 'rate']);
    expect(tornado[0]!.elasticity).toBeCloseTo(-2, 6);
    expect(tornado[1]!.elasticity).toBeCloseTo(0.2 / 0.16, 6);
    expect(tornado[1]!.atHigh).toBeCloseTo(0.26 / 0.36, 12);
    const zero = sensitivity({ parameters: { x: { base: 0, low: -1, high: 1 } }, evaluate: ({ x }) => x });
    expect(zero.tornado[0]).toMatchObject({ swing: 2, elasticity: NaN });
    expect(() => sensitivity({ parameters: { x: { base: 2, low: -1, high: 1 } }, evaluate: ({ x }) => x })).toThrow(
      InputError,
    );
  });

  it('fills a grid of two', () => {
    const base = { drift: 0.2, rate: 0.04, volatility: 0.6 };
    const first = { name: 'drift' as const, values: [0.04, 0.2] };
    const grid = sensitivityGrid({ base, first, second: { name: 'volatility', values: [0.3, 0.6, 1.2] }, evaluate });
    expect(grid).toHaveLength(2);
    expect(grid[0]).toEqual([0, 0, 0]);
    expect(grid[1]![0]! / grid[1]![2]!).toBeCloseTo(16, 9);
    expect(() => sensitivityGrid({ base, first, second: first, evaluate })).toThrow(InputError);
  });

  it('prices acting on the wrong parameters: 0 on the diagonal, never negative', () => {
    const sets = [0.3, 0.6, 0.9].map((volatility) => ({ drift: 0.2, rate: 0.04, volatility }));
    const growth = (w: number, p: (typeof sets)[number]) =>
      p.rate + w * (p.drift - p.rate) - 0.5 * w * w * p.volatility ** 2;
    const { regret, worst, minimax } = regretMatrix({ sets, decide: evaluate, value: growth });
    regret.forEach((row, a) => {
      expect(row[a]).toBe(0);
      row.forEach((value) => {
        expect(value).toBeGreaterThanOrEqual(0);
      });
    });
    // A volatility taken for half of what it is costs more than one taken for twice.
    expect(regret[0]![1]).toBeGreaterThan(regret[1]![0]!);
    expect(worst[minimax]).toBe(Math.min(...worst));
    expect(() => regretMatrix({ sets: [], decide: () => 0, value: () => 0 })).toThrow(InputError);
  });
});
