import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaWeight, betaWeightedPerPercent } from '../../src/portfolio/beta-weight.js';

describe('beta weighting', () => {
  it('100 shares at 50 with beta 1.2 on an index at 4000: 1.5 units', () => {
    const weighted = betaWeight({ X: { delta: 100, gamma: 2, spot: 50 } }, { X: 1.2 }, 4000);
    expect(weighted.delta).toBeCloseTo(1.5, 14);
    expect(weighted.gamma).toBeCloseTo(0.015 ** 2 * 2, 16);
    expect(weighted.rows['X']).toEqual({ delta: weighted.delta, gamma: weighted.gamma });
    expect(betaWeightedPerPercent(weighted, 4000).deltaPerPercent).toBeCloseTo(60, 12);
    expect(betaWeightedPerPercent(weighted, 4000).gammaPerPercent).toBeCloseTo(weighted.gamma * 1600, 12);
  });

  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const row = fc.record({
    delta: number(-1e3, 1e3),
    gamma: number(-10, 10),
    spot: number(1, 1e4),
    beta: number(-2, 3),
  });

  it('in cash it is beta S delta; the beta of the book is the cash-weighted mean; the P&L is that of beta x', () => {
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 5 }),
        number(100, 1e4),
        number(-0.1, 0.1),
        (list, index, x) => {
          const g = Object.fromEntries(list.map((r, k) => [`u${k}`, r]));
          const betas = Object.fromEntries(list.map((r, k) => [`u${k}`, r.beta]));
          const weighted = betaWeight(g, betas, index);
          const cash = list.reduce((sum, r) => sum + r.beta * r.spot * r.delta, 0);
          const size = list.reduce((sum, r) => sum + Math.abs(r.beta * r.spot * r.delta), 1);
          expect(Math.abs(index * weighted.delta - cash)).toBeLessThan(1e-11 * size);
          const pnl = list.reduce((sum, r) => {
            const move = r.beta * x * r.spot;
            return sum + r.delta * move + 0.5 * r.gamma * move * move;
          }, 0);
          const scale = list.reduce(
            (sum, r) => sum + Math.abs(r.delta * r.spot) + Math.abs(r.gamma) * r.spot * r.spot,
            1,
          );
          expect(Math.abs(weighted.delta * x * index + 0.5 * weighted.gamma * (x * index) ** 2 - pnl)).toBeLessThan(
            1e-12 * scale,
          );
        },
      ),
    );
  });

  it('nothing weighs nothing', () => {
    expect(betaWeight({}, {}, 1)).toEqual({ delta: 0, gamma: 0, rows: {} });
  });

  it.each([
    ['betas.X', () => betaWeight({ X: { delta: 1, gamma: 0, spot: 1 } }, { Y: 1 }, 1)],
    ['betas.toString', () => betaWeight({ toString: { delta: 1, gamma: 0, spot: 1 } }, {}, 1)],
    ['g.X.spot', () => betaWeight({ X: { delta: 1, gamma: 0, spot: 0 } }, { X: 1 }, 1)],
    ['g.X.delta', () => betaWeight({ X: { delta: NaN, gamma: 0, spot: 1 } }, { X: 1 }, 1)],
    ['indexPrice', () => betaWeight({}, {}, 0)],
    ['indexPrice', () => betaWeightedPerPercent({ delta: 1, gamma: 1 }, -1)],
  ])('%s', (field, call) => {
    expect(call).toThrow(`${field} must be`);
  });
});
