/** American options by columns: the scalar engine's figures, the same bytes wherever and however they are cut. */
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { seededRandom } from '../../src/math/random.js';
import { americanColumns } from '../../src/parallel/american-columns.js';
import type { AmericanColumns } from '../../src/parallel/american-columns.js';
import { inline } from '../../src/parallel/inline.js';
import { threads } from '../../src/parallel/threads.js';
import { american } from '../../src/pricing/american.js';
import type { AmericanOption } from '../../src/pricing/american.js';
import { AMERICAN_GREEKS } from '../../src/pricing/american/rows.js';
import { batchStatus, reasonStatus } from '../../src/pricing/batch/status.js';

const pool = await threads({ threads: 2 });
afterAll(() => pool.close());

/** Every fourth row the spot ladder of the one before, rates of both signs, some of nothing. */
function columns(length: number, seed: number): AmericanColumns {
  const random = seededRandom(seed);
  const filled = (value: (i: number) => number) => Float64Array.from({ length }, (_, i) => value(i));
  const held = (value: () => number) => {
    let last = 0;
    return filled((i) => (i % 4 === 0 ? (last = value()) : last));
  };
  return {
    isCall: Uint8Array.from(
      held(() => random.index(2)),
      Number,
    ),
    spot: filled(() => 70 + 60 * random.uniform()),
    strike: filled(() => 80 + 40 * random.uniform()),
    timeToExpiry: held(() => 2 * random.uniform()),
    volatility: held(() => 0.1 + 0.5 * random.uniform()),
    rate: held(() => 0.1 * random.uniform() - 0.02),
    dividendYield: held(() => 0.1 * random.uniform() - 0.02),
    marketPrice: filled(() => 30 * random.uniform()),
  };
}

function optionOf(input: AmericanColumns, i: number): AmericanOption {
  return {
    type: input.isCall[i] === 0 ? 'put' : 'call',
    spot: input.spot[i]!,
    strike: input.strike[i]!,
    timeToExpiry: input.timeToExpiry[i]!,
    volatility: input.volatility![i]!,
    rate: input.rate![i]!,
    dividendYield: input.dividendYield![i]!,
  };
}

describe('American columns', () => {
  it('are the scalar figures to the last bit, in any order of rows', async () => {
    const input = columns(200, 3);
    const output = await americanColumns(input, AMERICAN_GREEKS, { accuracy: 'fast' });
    const { price } = await americanColumns(input, ['price'], { accuracy: 'fast' });
    const { impliedVolatility, status } = await americanColumns(input, 'impliedVolatility', { accuracy: 'fast' });
    // Another option in between: nothing kept may change a figure.
    const other = { ...optionOf(input, 0), volatility: 0.77 };
    for (let k = 0; k < 200; k++) {
      const i = (k * 77) % 200;
      const option = optionOf(input, i);
      american.price(other, 'fast');
      expect(price![i]).toBe(american.price(option, 'fast'));
      const greeks = american.greeks(option, 'fast');
      for (const name of AMERICAN_GREEKS) expect(output[name]![i]).toBe(greeks[name]);
      const found = american.impliedVolatility(option, input.marketPrice![i]!, 'fast');
      expect(status[i]).toBe(found.ok ? batchStatus.ok : reasonStatus[found.reason]);
      expect(impliedVolatility![i]).toBe(found.ok ? found.volatility : NaN);
    }
    expect([...new Set(status)].sort()).toEqual([batchStatus.ok, batchStatus.belowIntrinsic]);
  });

  it.each([1, 63, 500])('%i rows are the same bytes inline and in threads, however they are cut', async (length) => {
    const input = columns(length, length);
    for (const request of [['price'], ['price', 'delta', 'theta'], 'impliedVolatility'] as const) {
      const here = await americanColumns(input, request, { accuracy: 'fast', chunk: 1000 });
      const there = await americanColumns(input, request, { accuracy: 'fast', executor: pool, chunk: 37 });
      for (const name of Object.keys(here) as (keyof typeof here)[]) {
        expect([...there[name]!]).toEqual([...here[name]!]);
      }
    }
  });

  it('are written where they are on shared memory', async () => {
    const length = 8;
    const input = columns(length, 1);
    const spot = new Float64Array(new SharedArrayBuffer(8 * length) as unknown as ArrayBuffer);
    spot.set(input.spot);
    const { price } = await americanColumns({ ...input, spot }, ['price'], { executor: pool });
    expect(price!.buffer as unknown).toBeInstanceOf(SharedArrayBuffer);
    expect([...price!]).toEqual([...(await americanColumns(input, ['price'])).price!]);
  });

  it('say what is wrong with a row, and go on', async () => {
    const input = columns(9, 5);
    const bad: [keyof AmericanColumns, number][] = [
      ['spot', 0],
      ['strike', -1],
      ['timeToExpiry', NaN],
      ['volatility', -0.1],
      ['rate', Infinity],
      ['dividendYield', NaN],
    ];
    bad.forEach(([name, value], i) => (input[name]![i] = value));
    input.timeToExpiry[6] = 0;
    const { price, vega, status } = await americanColumns(input, ['price', 'vega']);
    expect([...status]).toEqual([6, 6, 6, 6, 6, 6, 0, 0, 0]);
    bad.forEach((_, i) => {
      expect(price![i]).toBeNaN();
      expect(vega![i]).toBeNaN();
      expect(() => american.price(optionOf(input, i))).toThrow(InputError);
    });
    for (const i of [6, 7, 8]) expect(price![i]).toBe(american.greeks(optionOf(input, i)).price);
    input.marketPrice![7] = NaN;
    const implied = await americanColumns(input, 'impliedVolatility');
    expect(implied.status[6]).toBe(batchStatus.expired);
    expect(implied.status[7]).toBe(batchStatus.invalidInput);
    expect(implied.impliedVolatility![7]).toBeNaN();
  });

  it('tell how far they are, and stop where they are told to', async () => {
    for (const executor of [inline(), pool]) {
      const seen: number[] = [];
      const input = columns(100, 1);
      await americanColumns(input, ['price'], { executor, chunk: 25, onProgress: (done) => seen.push(done) });
      expect(seen).toEqual([1, 2, 3, 4]);
      const controller = new AbortController();
      const run = americanColumns(input, ['price'], {
        executor,
        chunk: 1,
        signal: controller.signal,
        onProgress: (done) => {
          if (done === 3) controller.abort(new Error('enough'));
        },
      });
      await expect(run).rejects.toThrow('enough');
      expect((await americanColumns(input, ['price'], { executor })).price).toHaveLength(100);
    }
  });

  it('take rates as 0 where there is no column of them', async () => {
    const input = { ...columns(20, 9), rate: undefined, dividendYield: undefined };
    const { price } = await americanColumns(input, ['price']);
    const option = { ...optionOf(columns(20, 9), 3), rate: 0, dividendYield: 0 };
    expect(price![3]).toBe(american.price(option));
  });

  it('refuse columns that cannot be', async () => {
    const good = columns(3, 1);
    const refused: [string, Promise<unknown>][] = [
      ['strike.length', americanColumns({ ...good, strike: new Float64Array(2) }, ['price'])],
      ['volatility', americanColumns({ ...good, volatility: undefined }, ['price'])],
      ['marketPrice', americanColumns({ ...good, marketPrice: undefined }, 'impliedVolatility')],
      ['request', americanColumns(good, ['vanna'] as unknown as ['price'])],
      ['request', americanColumns(good, [])],
      ['chunk', americanColumns(good, ['price'], { chunk: 0 })],
      ['accuracy', americanColumns(good, ['price'], { accuracy: 'exact' as 'fast' })],
      ['executor', americanColumns(good, ['price'], { executor: { ...inline(), kind: 'queue' } })],
    ];
    for (const [field, run] of refused) await expect(run).rejects.toMatchObject({ field });
  });
});
