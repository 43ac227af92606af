import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { deleveragingSpiral } from '../../src/risk/deleveraging-spiral.js';
import { liquidationCascade } from '../../src/risk/liquidation-cascade.js';
import type { CascadeInput, LeveragedAccount } from '../../src/risk/liquidation-cascade.js';

const holder = (leverage: number, more: Partial<LeveragedAccount> = {}): LeveragedAccount => {
  return { id: `x${leverage}`, equity: 1e6, exposure: leverage * 1e6, maintenanceRate: 0.01, ...more };
};
const rebalancer = (leverage: number): LeveragedAccount => holder(leverage, { target: { leverage } });

describe('liquidationCascade', () => {
  it.each([
    [3, 1.13636],
    [5, 1.66667],
  ])('comes to the closed form of one rebalancer at %s times, in small shocks', (leverage, worked) => {
    const shock = -1e-6;
    const cascade = liquidationCascade({ accounts: [rebalancer(leverage)], shock, depth: 5e7 });
    const closed = deleveragingSpiral({ leverage, equity: 1e6, depth: 5e7, shock });
    if (closed.diverges === true) throw new Error('converges');
    expect(cascade.end).toBe('rest');
    expect(closed.amplification).toBeCloseTo(worked, 5);
    expect(cascade.amplification).toBeCloseTo(closed.amplification, 4);
    expect(cascade.totalMove / closed.totalMove).toBeCloseTo(1, 4);
  });

  it('comes to it for a short target as well', () => {
    const cascade = liquidationCascade({ accounts: [rebalancer(-2)], shock: 1e-6, depth: 5e7 });
    const closed = deleveragingSpiral({ leverage: -2, equity: 1e6, depth: 5e7, shock: 1e-6 });
    expect(cascade.amplification).toBeCloseTo(closed.diverges === true ? NaN : closed.amplification, 4);
  });

  it('runs to nothing where the closed form diverges', () => {
    const input = { accounts: [rebalancer(20)], shock: -0.01, depth: 5e7 };
    expect(deleveragingSpiral({ leverage: 20, equity: 1e6, depth: 5e7, shock: -0.01 }).diverges).toBe(true);
    expect(liquidationCascade(input).liquidated).toEqual(['x20']);
  });

  it('amplifies nothing where nobody is past a threshold', () => {
    const accounts = [holder(2), holder(4), holder(-3)];
    expect(liquidationCascade({ accounts, shock: -0.1, depth: 1e6 })).toMatchObject({
      end: 'rest',
      rounds: 0,
      totalMove: -0.1,
      amplification: 1,
      liquidated: [],
      liquidationVolume: 0,
      insuranceShortfall: 0,
    });
  });

  it('fells one account by the sales of another', () => {
    const accounts = [holder(20), holder(8)];
    const alone = liquidationCascade({ accounts: accounts.slice(1), shock: -0.06, depth: 2e8 });
    expect(alone.liquidated).toEqual([]);
    const both = liquidationCascade({ accounts, shock: -0.06, depth: 2e8 });
    expect(both.liquidated).toEqual(['x20', 'x8']);
    // 18.8m of sales are a return of -9.4% on 94% of the price, then 8 x .94 x .906 m of sales more.
    expect(both.totalMove).toBeCloseTo(0.94 * 0.906 * (1 - (8e6 * 0.94 * 0.906) / 2e8) - 1, 9);
    // The first account lost 20 x 6%, a fifth of its equity more than it had; the second 1 - 8 (.06 + .94 x .094).
    expect(both.deficit).toBeCloseTo(0.2e6 + (8 * (0.06 + 0.94 * 0.094) - 1) * 1e6, 3);
    const insured = liquidationCascade({ accounts, shock: -0.06, depth: 2e8, insurance: 0.3e6, liquidationFee: 0.01 });
    expect(insured.fees).toBeCloseTo(0.01 * insured.liquidationVolume, 6);
    expect(insured.deficit).toBeGreaterThan(both.deficit);
    expect(insured.insuranceShortfall).toBeCloseTo(insured.deficit - 0.3e6, 6);
  });

  it('keeps what is bought and sold in balance with the price, and grows with shock and falls with depth', () => {
    const accounts = fc.array(
      fc.record<LeveragedAccount>({
        id: fc.string(),
        equity: fc.constant(1e6),
        exposure: fc.double({ min: 1e6, max: 2e7, noNaN: true }),
        maintenanceRate: fc.constantFrom(0.005, 0.02, 0.05),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(accounts, fc.double({ min: 0.001, max: 0.3, noNaN: true }), (all, size) => {
        const of = (shock: number, depth: number): number =>
          liquidationCascade({ accounts: all, shock, depth }).totalMove;
        expect(of(-size, 1e9)).toBeLessThanOrEqual(-size + 1e-12);
        expect(of(-size, 1e9)).toBeGreaterThanOrEqual(of(-1.1 * size, 1e9) - 1e-12);
        expect(of(-size, 1e9)).toBeGreaterThanOrEqual(of(-size, 5e8) - 1e-12);
      }),
      { numRuns: 100 },
    );
  });

  it('refuses what cannot be', () => {
    const bad: Partial<CascadeInput>[] = [
      { shock: -1 },
      { depth: 0 },
      { maximumRounds: 0 },
      { liquidationFee: -1 },
      { accounts: [holder(2, { target: { leverage: -2 } })] },
      { accounts: [holder(2, { target: { leverage: 2, tolerance: 0.5 } })] },
      { accounts: [holder(NaN)] },
    ];
    for (const part of bad) {
      expect(() => liquidationCascade({ accounts: [holder(2)], shock: -0.1, depth: 1e8, ...part })).toThrow(InputError);
    }
  });
});
