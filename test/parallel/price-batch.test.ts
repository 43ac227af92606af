import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { seededRandom } from '../../src/math/random.js';
import type { Executor } from '../../src/parallel/executor.js';
import { inline } from '../../src/parallel/inline.js';
import { priceBatch } from '../../src/parallel/price-batch.js';
import { threads } from '../../src/parallel/threads.js';
import { GREEK_NAMES } from '../../src/pricing/batch/columns.js';
import { createBatch, createChainBatch, type Batch, type BatchModel } from '../../src/pricing/batch/index.js';

const pool = await threads({ threads: 3 });
afterAll(() => pool.close());

/** Options with extremes and bad rows among them, a price for each. */
function fill(batch: Batch, seed: number): Batch {
  const random = seededRandom(seed);
  for (let i = 0; i < batch.length; i++) {
    batch.isCall[i] = random.index(2);
    batch.spot[i] = 50 + 100 * random.uniform();
    batch.strike[i] = random.uniform() < 0.02 ? 0 : 50 + 100 * random.uniform();
    batch.timeToExpiry[i] = random.uniform() < 0.02 ? 0 : 2 * random.uniform();
    batch.volatility[i] = random.uniform() - 0.01;
    batch.rate[i] = 0.05 * random.uniform();
    batch.dividendYield[i] = 0.05 * random.uniform();
    batch.marketPrice[i] = 20 * random.uniform();
  }
  return batch;
}

describe.each(['simd', 'scalar'] as const)('a shared batch, %s', (backend) => {
  it.each<BatchModel>(['black-scholes', 'black76', 'displaced', 'bachelier', 'inverse'])(
    'is computed where it lies to the bytes of one thread, %s',
    async (model) => {
      const shift = model === 'displaced' ? 3 : undefined;
      for (const length of [0, 1, 63, 64, 65, 5003]) {
        const batch = fill(createBatch(length, { model, backend, shift, shared: true }), 1 + length);
        const alone = fill(createBatch(length, { model, backend, shift }), 1 + length);
        const executors: [Executor, number][] = [
          [inline(), 1000],
          [pool, 300],
          [pool, 1],
        ];
        for (const [executor, chunk] of executors) {
          if (chunk === 1 && length > 65) continue;
          for (const request of [['price'], GREEK_NAMES] as const) {
            await priceBatch(batch, request, { executor, chunk });
            alone.greeks(request);
            for (const name of request) expect(batch.out[name]).toEqual(alone.out[name]);
            expect(batch.status).toEqual(alone.status);
          }
          await priceBatch(batch, 'impliedVolatility', { executor, chunk });
          alone.impliedVolatility();
          expect(batch.out.impliedVolatility).toEqual(alone.out.impliedVolatility);
          expect(batch.status).toEqual(alone.status);
          for (const name of GREEK_NAMES) batch.out[name]!.fill(0);
          batch.out.impliedVolatility!.fill(0);
        }
      }
    },
  );
});

describe('priceBatch', () => {
  it('shows only what was asked for, in the columns of the batch', async () => {
    const batch = fill(createBatch(200, { shared: true }), 2);
    await priceBatch(batch, ['delta'], { executor: pool });
    expect(Object.keys(batch.out)).toEqual(['delta']);
    expect(batch.out.delta!.buffer).toBe(batch.strike.buffer);
  });

  it('works again and again on one batch, from several threads at once', async () => {
    const batch = fill(createBatch(4000, { shared: true }), 3);
    const alone = fill(createBatch(4000), 3);
    alone.impliedVolatility();
    for (let i = 0; i < 20; i++) await priceBatch(batch, 'impliedVolatility', { executor: pool, chunk: 64 });
    expect(batch.out.impliedVolatility).toEqual(alone.out.impliedVolatility);
  });

  it('tells how far it is and stops where it is told to', async () => {
    for (const executor of [inline(), pool]) {
      const batch = fill(createBatch(1000, { shared: true }), 4);
      const seen: [number, number][] = [];
      const onProgress = (done: number, total: number): void => {
        seen.push([done, total]);
      };
      await priceBatch(batch, ['price'], { executor, chunk: 250, onProgress });
      expect(seen).toEqual([1, 2, 3, 4].map((done) => [done, 4]));
      const controller = new AbortController();
      const run = priceBatch(batch, ['vega'], {
        executor,
        chunk: 64,
        signal: controller.signal,
        onProgress: () => {
          controller.abort(new Error('enough'));
        },
      });
      await expect(run).rejects.toThrow('enough');
      expect(batch.out.vega).toBeUndefined();
    }
  });

  it('refuses what cannot be shared', async () => {
    const batch = createBatch(100, { shared: true });
    await expect(priceBatch(createBatch(100), ['price'])).rejects.toMatchObject({ field: 'shared' });
    const chain = createChainBatch(10) as unknown as Batch;
    await expect(priceBatch(chain, ['price'])).rejects.toMatchObject({ field: 'batch' });
    await expect(priceBatch(batch, [])).rejects.toMatchObject({ field: 'request' });
    await expect(priceBatch(batch, ['beauty'] as unknown as ['price'])).rejects.toBeInstanceOf(InputError);
    await expect(priceBatch(batch, ['price'], { chunk: 0 })).rejects.toMatchObject({ field: 'chunk' });
    const queue: Executor = { ...inline(), kind: 'queue' };
    await expect(priceBatch(batch, ['price'], { executor: queue })).rejects.toMatchObject({ field: 'executor' });
    const run = priceBatch(batch, ['price'], { executor: pool });
    batch.resize(200);
    await expect(run).rejects.toMatchObject({ field: 'length' });
    batch.dispose();
    await expect(priceBatch(batch, ['price'])).rejects.toMatchObject({ field: 'batch' });
  });
});
