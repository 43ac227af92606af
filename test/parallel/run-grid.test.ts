import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { inline } from '../../src/parallel/inline.js';
import { runGrid } from '../../src/parallel/run-grid.js';
import { threads } from '../../src/parallel/threads.js';
import type { Account } from '../../src/portfolio/account.js';
import { scenarioGrid, type GridSpec } from '../../src/risk/scenario.js';
import { coinMarket, option, position, randomBook, smileMarket } from '../portfolio/support.js';

const pool = await threads({ threads: 2 });
afterAll(() => pool.close());

const market = smileMarket();
const account: Account = {
  id: 'a',
  reportingCurrency: 'USD',
  cash: { USD: 50_000, BTC: 1 },
  positions: randomBook(3, 70, market),
};
const grid: GridSpec = {
  spot: [-0.3, 0, 0.1],
  volatility: [0, 0.5],
  horizonDays: [0, 10],
  volatilityKind: 'relative',
};

describe.each(['inline', 'threads'] as const)('runGrid, %s', (kind) => {
  const executor = kind === 'inline' ? inline() : pool;

  it('gives the tensor of scenarioGrid, with Greeks and margin, to the bit', async () => {
    const margin: GridSpec['margin'] = (_, { underlyings }) => {
      const { spot } = Object.values(underlyings)[0]!;
      return { initialMargin: 0.1 * spot, maintenanceMargin: 0.05 * spot };
    };
    for (const whole of [
      grid,
      { ...grid, greeks: true },
      { ...grid, dynamics: 'sticky-delta' as const },
      { ...grid, margin },
    ]) {
      expect(await runGrid(account, market, whole, { executor })).toEqual(scenarioGrid(account, market, whole));
    }
  });

  it('leaves out what scenarioGrid leaves out', async () => {
    const far = option({ id: 'elsewhere', underlying: 'SOL', settlement: 'SOL' });
    const book = { ...account, positions: [...account.positions, position(far, 1)] };
    for (const missing of ['exclude', 'intrinsic'] as const) {
      const expected = scenarioGrid(book, market, { ...grid, missing });
      expect(expected.excluded).toHaveLength(1);
      expect(await runGrid(book, market, { ...grid, missing }, { executor })).toEqual(expected);
    }
    await expect(runGrid(book, market, grid, { executor })).rejects.toBeInstanceOf(InputError);
  });

  it('takes an account without positions', async () => {
    const empty = { ...account, positions: [] };
    expect(await runGrid(empty, market, grid, { executor })).toEqual(scenarioGrid(empty, market, grid));
  });

  it('tells how far it is, and stops where it is told to', async () => {
    const seen: [number, number][] = [];
    await runGrid(account, market, { ...grid, greeks: true }, { executor, onProgress: (...at) => seen.push(at) });
    const total = seen.at(-1)![1];
    expect(total).toBeGreaterThan(grid.spot.length);
    expect(seen).toEqual(Array.from({ length: total }, (_, i) => [i + 1, total]));
    const controller = new AbortController();
    const run = runGrid(account, market, grid, {
      executor,
      signal: controller.signal,
      onProgress() {
        controller.abort(new Error('enough'));
      },
    });
    await expect(run).rejects.toThrow('enough');
  });

  it('refuses what scenarioGrid refuses', async () => {
    await expect(runGrid(account, market, { ...grid, spot: [] }, { executor })).rejects.toMatchObject({
      field: 'spot',
    });
    await expect(runGrid(account, coinMarket(), { ...grid, spot: [-1] }, { executor })).rejects.toMatchObject({
      field: 'spot[0]',
    });
  });
});
