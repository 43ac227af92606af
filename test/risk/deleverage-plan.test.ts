import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { deleveragePlan } from '../../src/risk/deleverage-plan.js';
import type { DeleverageProblem, ReduciblePosition } from '../../src/risk/deleverage-plan.js';

const position = (id: string, quantity: number, cost: number, profits: number[], more = {}): ReduciblePosition => {
  return { id, quantity, cost, profits, ...more };
};

describe('deleveragePlan', () => {
  it('does nothing where the ratio holds', () => {
    const plan = deleveragePlan({ equity: 200, target: 1.2, positions: [position('a', 10, 1, [-10, 10])] });
    expect(plan).toMatchObject({ ok: true, steps: [], cost: 0, maintenance: 100, equityRatio: 2 });
  });

  it('closes one future as far as arithmetic says', () => {
    // 1.5 x 10 (10 - d) = 100 - d.
    const plan = deleveragePlan({ equity: 100, target: 1.5, positions: [position('a', 10, 1, [-10, 10])] });
    if (!plan.ok) throw new Error(plan.message);
    const closed = 50 / 14;
    expect(plan.steps).toHaveLength(1);
    expect(plan.steps[0]!.trades[0]!.quantity).toBeCloseTo(-closed, 9);
    expect(plan.cost).toBeCloseTo(closed, 9);
    expect(plan.equityRatio).toBeCloseTo(1.5, 9);
  });

  it('prefers what relieves most for its cost, and leaves hedges', () => {
    const positions = [
      position('dear', 10, 3, [-10, 10]),
      position('cheap', 10, 1, [-10, 10]),
      position('hedge', -5, 0.1, [-10, 10]),
    ];
    const plan = deleveragePlan({ equity: 150, target: 1.5, positions });
    if (!plan.ok) throw new Error(plan.message);
    expect(plan.steps.flatMap(({ trades }) => trades.map(({ id }) => id))).toEqual(['cheap']);
  });

  it('keeps to an order of classes as long as it can', () => {
    const positions = [
      position('future', 2, 2, [-10, 10], { order: 0 }),
      position('option', -10, 0.1, [-9, 1], { order: 1 }),
      position('long', 10, 0.1, [-10, 1], { order: 1 }),
    ];
    const soft = deleveragePlan({ equity: 30, target: 2, positions });
    expect(soft.ok && soft.steps.map(({ trades }) => trades[0]!.id)).toEqual(['future']);
    const hard = deleveragePlan({ equity: 12, target: 3, positions });
    expect(hard.ok && hard.steps[0]!.trades[0]!.id).toBe('future');
    expect(hard.ok && hard.steps.length).toBeGreaterThan(1);
  });

  it('closes whole lots, and no fewer than needed', () => {
    const positions = [position('a', 10, 1, [-10, 10], { lot: 1 })];
    const plan = deleveragePlan({ equity: 100, target: 1.5, positions });
    expect(plan.ok && plan.steps[0]!.trades[0]!.quantity).toBe(-4);
    expect(plan.ok && plan.equityRatio).toBeGreaterThanOrEqual(1.5);
  });

  it('says where closing everything costs more than there is', () => {
    const positions = [position('a', 10, 20, [-10, 10])];
    expect(deleveragePlan({ equity: 50, target: 1.5, positions })).toMatchObject({ ok: false, reason: 'infeasible' });
    expect(deleveragePlan({ equity: -1, target: 1.5, positions })).toMatchObject({ ok: false, reason: 'infeasible' });
  });

  it('restores the ratio, lowering the margin at every step, for no more than closing everything costs', () => {
    const books = fc.array(
      fc.record({
        quantity: fc.integer({ min: -20, max: 20 }),
        cost: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        profits: fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 6, maxLength: 6 }),
        order: fc.constantFrom(0, 1),
      }),
      { minLength: 1, maxLength: 7 },
    );
    fc.assert(
      fc.property(books, fc.double({ min: 20, max: 400, noNaN: true }), fc.boolean(), (rows, equity, charged) => {
        const positions = rows.map((row, i) => ({ id: String(i), ...row }));
        const charges = charged ? [{ rate: 0.5, exposures: positions.map((_, i) => 1 + i) }] : undefined;
        const problem: DeleverageProblem = { equity, target: 1.5, positions, charges, maintenanceFraction: 0.8 };
        const plan = deleveragePlan(problem);
        const everything = positions.reduce((sum, { quantity, cost }) => sum + Math.abs(quantity) * cost, 0);
        if (!plan.ok) {
          // Closing earlier classes as far as they go may leave a position whose cost is more than there is.
          expect(plan.reason).toBe('infeasible');
          if (positions.every(({ order }) => order === 0)) expect(everything).toBeGreaterThan(equity - 1e-6);
          return;
        }
        expect(plan.equityRatio).toBeGreaterThanOrEqual(1.5 * (1 - 1e-6));
        expect(plan.cost).toBeLessThanOrEqual(everything + 1e-6);
        let last = plan.maintenanceBefore;
        for (const { maintenance, trades } of plan.steps) {
          expect(maintenance).toBeLessThan(last + 1e-9);
          last = maintenance;
          for (const { id, quantity } of trades) {
            const held = positions[Number(id)]!.quantity;
            expect(quantity * held).toBeLessThanOrEqual(0);
            expect(Math.abs(quantity)).toBeLessThanOrEqual(Math.abs(held));
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('refuses what does not fit together', () => {
    const fine: DeleverageProblem = { equity: 1, target: 1, positions: [position('a', 1, 1, [-1, 1])] };
    const bad: Partial<DeleverageProblem>[] = [
      { target: 0 },
      { weights: [1] },
      { weights: [1, -1] },
      { charges: [{ rate: 1, exposures: [] }] },
      { positions: [position('a', 1, -1, [1])] },
      { positions: [position('a', 1, 1, [1]), position('b', 1, 1, [])] },
      { positions: [position('a', 1, 1, [1], { lot: 0 })] },
    ];
    for (const part of bad) expect(() => deleveragePlan({ ...fine, ...part })).toThrow(InputError);
  });
});
