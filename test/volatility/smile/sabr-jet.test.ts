import { describe, expect, test } from 'vitest';
import { constant, derivative, variable } from '../../../src/math/jet.js';
import { evaluateSabr, newSabrPoint } from '../../../src/volatility/smile/sabr.js';
import type { SabrForm } from '../../../src/volatility/smile/sabr.js';
import { sabrAlphaJet, sabrVolatilityJet } from '../../../src/volatility/smile/sabr-jet.js';

const point = newSabrPoint();

describe.each([
  ['obloj', 1],
  ['obloj', 0.5],
  ['hagan', 0.7],
  ['normal', 0.5],
  ['normal', 0],
] as const)('%s, beta %d', (form: SabrForm, beta) => {
  const forward = 100;
  const alpha = 0.4 * forward ** (1 - beta);
  const frame = { form, beta, timeToExpiry: 0.7, forward };

  test.each([-1.5, -0.4, -0.01, 0, 0.003, 0.2, 0.9])('value and gradient are those of the expansion at k = %d', (k) => {
    for (const [rho, nu] of [
      [-0.6, 1.1],
      [0.3, 0.2],
      [-0.2, 0],
      [0.9, 2],
    ] as const) {
      const jet = sabrVolatilityJet(
        frame,
        k,
        variable(4, 3, 0),
        variable(4, 0, alpha),
        variable(4, 1, rho),
        variable(4, 2, nu),
      );
      evaluateSabr({ forward, timeToExpiry: 0.7, alpha, beta, rho, nu }, forward * Math.exp(k), form, point);
      const { volatility } = point;
      const close = (value: number, to: number, unit: number): void => {
        expect(Math.abs(value - to)).toBeLessThan(1e-11 * Math.max(Math.abs(to), volatility / unit));
      };
      close(derivative(jet), volatility, 1);
      close(derivative(jet, 0), point.dAlpha, alpha);
      close(derivative(jet, 1), point.dRho, 1);
      close(derivative(jet, 2), point.dNu, 1);
      close(derivative(jet, 3), point.dForward * forward, 1);
    }
  });

  test('second derivatives are those of the gradient', () => {
    const [rho, nu, h] = [-0.45, 1.3, 1e-5];
    for (const k of [-0.6, -0.002, 0.05, 0.7]) {
      const jet = sabrVolatilityJet(
        frame,
        k,
        variable(4, 3, 0),
        variable(4, 0, alpha),
        variable(4, 1, rho),
        variable(4, 2, nu),
      );
      const gradient = (a: number, r: number, v: number, t: number): number[] => {
        evaluateSabr(
          { forward: forward * Math.exp(t), timeToExpiry: 0.7, alpha: a, beta, rho: r, nu: v },
          forward * Math.exp(k),
          form,
          point,
        );
        return [point.dAlpha, point.dRho, point.dNu, point.dForward * forward * Math.exp(t)];
      };
      const steps = [h * alpha, h, h, h];
      for (let j = 0; j < 4; j++) {
        const moved = (sign: number): number[] =>
          gradient(
            alpha + (j === 0 ? sign * steps[0]! : 0),
            rho + (j === 1 ? sign * h : 0),
            nu + (j === 2 ? sign * h : 0),
            j === 3 ? sign * h : 0,
          );
        const up = moved(1);
        const down = moved(-1);
        for (let i = 0; i < 4; i++) {
          const difference = (up[i]! - down[i]!) / (2 * steps[j]!);
          const unit = derivative(jet) / ((i === 0 ? alpha : 1) * (j === 0 ? alpha : 1));
          expect(Math.abs(derivative(jet, i, j) - difference)).toBeLessThan(
            1e-6 * Math.max(unit, Math.abs(difference)),
          );
        }
      }
    }
  });

  test('alpha from the level keeps the level, to second order', () => {
    const [rho, nu] = [-0.45, 1.3];
    const base = sabrVolatilityJet(frame, 0, constant(4, 0), constant(4, alpha), constant(4, rho), constant(4, nu));
    const variables = [
      variable(4, 0, rho),
      variable(4, 1, nu),
      variable(4, 2, 0),
      variable(4, 3, derivative(base)),
    ] as const;
    const alphaJet = sabrAlphaJet(frame, variables[3], variables[2], alpha, variables[0], variables[1]);
    // At the money of the moved forward: the strike moves with it.
    const moved = sabrVolatilityJet({ ...frame, forward }, 0, constant(4, 0), alphaJet, variables[0], variables[1]);
    expect(derivative(moved)).toBeCloseTo(derivative(base), 12);
    for (const i of [0, 1]) {
      expect(Math.abs(derivative(moved, i))).toBeLessThan(1e-11);
      for (const j of [0, 1, 3]) expect(Math.abs(derivative(moved, i, j))).toBeLessThan(1e-9);
    }
    expect(derivative(moved, 3)).toBeCloseTo(1, 11);
  });
});
