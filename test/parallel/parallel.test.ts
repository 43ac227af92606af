import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { deribit } from '../../src/market/venues/deribit.js';
import { seededRandom } from '../../src/math/random.js';
import { inline } from '../../src/parallel/inline.js';
import { mapChains } from '../../src/parallel/map-chains.js';
import { priceColumns } from '../../src/parallel/price-columns.js';
import type { OptionColumns } from '../../src/parallel/price-rows.js';
import { threads } from '../../src/parallel/threads.js';

const pool = await threads({ threads: 2 });
afterAll(() => pool.close());

const chain = deribit.parseBookSummary(readFileSync('docs/samples/synthetic-btc-chain.json', 'utf8'), {
  asOf: Date.UTC(2026, 0, 13, 12),
});
/** A chain of some expiries, to have several that differ. */
const expiries = [...new Set(chain.quotes.map(({ expiry }) => expiry))].sort((a, b) => a - b);
const parts = [0, 2, 4].map((from) => ({
  ...chain,
  quotes: chain.quotes.filter(({ expiry }) => expiries.slice(from, from + 2).includes(expiry)),
}));

function columns(length: number, seed: number): OptionColumns {
  const random = seededRandom(seed);
  const filled = (value: () => number) => Float64Array.from({ length }, value);
  return {
    isCall: Uint8Array.from({ length }, () => random.index(2)),
    spot: filled(() => 50 + 100 * random.uniform()),
    strike: filled(() => 50 + 100 * random.uniform()),
    timeToExpiry: filled(() => 2 * random.uniform()),
    // A negative one now and then, which is no volatility.
    volatility: filled(() => random.uniform() - 0.01),
    rate: filled(() => 0.05 * random.uniform()),
    dividendYield: filled(() => 0.05 * random.uniform()),
    marketPrice: filled(() => 20 * random.uniform()),
  };
}

describe('executors', () => {
  it('calibrate chains to the same bytes inline and in threads', async () => {
    const here = await mapChains(parts);
    const there = await mapChains(parts, {}, { executor: pool });
    expect(here.every(({ ok }) => ok)).toBe(true);
    const plain = (fits: typeof here) => JSON.stringify(fits.map((fit) => (fit.ok ? fit.surface.toJSON() : fit)));
    expect(plain(there)).toBe(plain(here));
    const first = there[0]!;
    if (!first.ok) throw new Error(first.message);
    expect(first.surface.volatility(100_000, 0.02)).toBeGreaterThan(0);
  });

  it.each([1, 63, 1000, 5000])('price %i rows to the same bytes, however they are cut', async (length) => {
    const input = columns(length, length);
    for (const request of [['price'], ['price', 'delta', 'vega'], 'impliedVolatility'] as const) {
      const here = await priceColumns(input, request);
      const there = await priceColumns(input, request, { executor: pool, chunk: 300 });
      for (const name of Object.keys(here) as (keyof typeof here)[]) {
        expect([...there[name]!]).toEqual([...here[name]!]);
      }
    }
  });

  it('price to the scalar figures, with a status for rows that are none', async () => {
    const input = columns(4, 2);
    input.volatility!.set([0.2, 0.3, -1, NaN]);
    const { price, status } = await priceColumns(input, ['price']);
    expect(status[2]).toBe(6);
    expect(price![3]).toBeNaN();
    expect(price![0]).toBeGreaterThanOrEqual(0);
    expect(status[0]).toBe(0);
  });

  it('tell how far they are', async () => {
    for (const executor of [inline(), pool]) {
      const seen: [number, number][] = [];
      await priceColumns(columns(1000, 1), ['price'], {
        executor,
        chunk: 250,
        onProgress: (done, total) => seen.push([done, total]),
      });
      expect(seen).toEqual([1, 2, 3, 4].map((done) => [done, 4]));
    }
  });

  it('stop where they are told to', async () => {
    for (const executor of [inline(), pool]) {
      const controller = new AbortController();
      const run = priceColumns(columns(10_000, 1), ['price'], {
        executor,
        chunk: 10,
        signal: controller.signal,
        onProgress: (done) => {
          if (done === 3) controller.abort(new Error('enough'));
        },
      });
      await expect(run).rejects.toThrow('enough');
      await expect(priceColumns(columns(9, 1), ['price'], { executor, signal: AbortSignal.abort() })).rejects.toThrow();
      // And work on afterwards.
      expect((await priceColumns(columns(9, 1), ['price'], { executor })).price).toHaveLength(9);
    }
  });

  it('bring an InputError back as one', async () => {
    for (const executor of [inline(), pool]) {
      const failing = mapChains(parts.slice(0, 1), { model: 'nonsense' as 'svi' }, { executor });
      await expect(failing).rejects.toBeInstanceOf(InputError);
      await expect(failing).rejects.toMatchObject({ field: 'model', value: 'nonsense' });
    }
  });

  it('refuse columns and pools that cannot be', async () => {
    const good = columns(3, 1);
    await expect(priceColumns({ ...good, strike: new Float64Array(2) }, ['price'])).rejects.toThrow(InputError);
    await expect(priceColumns({ ...good, volatility: undefined }, ['price'])).rejects.toThrow(InputError);
    await expect(priceColumns({ ...good, marketPrice: undefined }, 'impliedVolatility')).rejects.toThrow(InputError);
    await expect(priceColumns(good, ['beauty'] as unknown as ['price'])).rejects.toThrow(InputError);
    await expect(priceColumns(good, [])).rejects.toThrow(InputError);
    await expect(priceColumns(good, ['price'], { chunk: 0 })).rejects.toThrow(InputError);
    await expect(threads({ threads: 0 })).rejects.toThrow(InputError);
  });
});
