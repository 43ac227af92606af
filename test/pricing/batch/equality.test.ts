/** One result whatever computes it: kernel, twin, chain, any length, any place; and that of the scalar models to a few ulp. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { exp } from '../../../src/math/exponential.js';
import { bachelier } from '../../../src/pricing/bachelier.js';
import { black76 } from '../../../src/pricing/black76.js';
import { blackScholes } from '../../../src/pricing/black-scholes.js';
import {
  batchStatus,
  createBatch,
  createChainBatch,
  type Batch,
  type BatchModel,
} from '../../../src/pricing/batch/index.js';
import type { GreekName, Greeks } from '../../../src/pricing/greeks.js';
import type { ImpliedVolatility } from '../../../src/pricing/implied-volatility.js';
import { inverse } from '../../../src/pricing/inverse.js';
import { seededRandom } from '../../math/accuracy.js';
import { edgeRow, GREEK_NAMES, MODELS, randomRow, readGreeks, writeRow, type TestRow } from './rows.js';

const OUTPUTS = [...GREEK_NAMES, 'impliedVolatility'] as const;

function computeAll(batch: Pick<Batch, 'greeks' | 'impliedVolatility' | 'status'>): {
  afterGreeks: Uint8Array;
  afterVolatility: Uint8Array;
} {
  batch.greeks(GREEK_NAMES);
  const afterGreeks = batch.status.slice();
  batch.impliedVolatility();
  return { afterGreeks, afterVolatility: batch.status.slice() };
}

function expectSame(a: Pick<Batch, 'out'>, b: Pick<Batch, 'out'>, from = 0): void {
  for (const name of OUTPUTS) {
    const [left, right] = [a.out[name]!, b.out[name]!];
    for (let i = 0; i < left.length; i++) {
      if (!Object.is(left[i], right[from + i]) && left[i] !== right[from + i]) {
        throw new Error(`${name} of row ${i}: ${left[i]} and ${right[from + i]}`);
      }
    }
  }
}

function fill(batch: Batch, rows: readonly TestRow[]): Batch {
  rows.forEach((row, i) => {
    writeRow(batch, i, row);
  });
  return batch;
}

/** Rows whose market prices are their own values, now and then moved off. */
function pricedRows(count: number, model: BatchModel, seed: number): TestRow[] {
  const random = seededRandom(seed);
  const rows = Array.from({ length: count }, () => randomRow(random, model));
  const batch = fill(createBatch(count, { model, backend: 'scalar' }), rows);
  batch.price();
  return rows.map((row, i) => {
    const scale = random() < 0.8 ? 1 : 2 * random();
    return { ...row, marketPrice: batch.out.price![i]! * scale };
  });
}

describe.each(MODELS)('%s', (model) => {
  it('has the same bits from the kernel and from its twin, on random and on odd rows', () => {
    const rows = pricedRows(20_001, model, 21);
    const odd = fc.sample(edgeRow, { numRuns: 3000, seed: 22 });
    const all = [...rows, ...odd, ...rows.slice(0, 2)];
    const simd = fill(createBatch(all.length, { model, backend: 'simd' }), all);
    const scalar = fill(createBatch(all.length, { model, backend: 'scalar' }), all);
    expect(simd.backend).toBe('simd');
    expect(scalar.backend).toBe('scalar');
    const a = computeAll(simd);
    const b = computeAll(scalar);
    expectSame(simd, scalar);
    expect(a).toEqual(b);
    expect(new Set(a.afterGreeks)).toContain(batchStatus.invalidInput);
  });

  it('does not depend on length, on place, on what else is asked, nor on memory being shared', () => {
    const rows = pricedRows(67, model, 23);
    const whole = fill(createBatch(67, { model, backend: 'simd', shared: true }), rows);
    computeAll(whole);
    expect(whole.strike.buffer).toBeInstanceOf(SharedArrayBuffer);
    for (const [from, length] of [
      [0, 1],
      [1, 1],
      [5, 2],
      [7, 3],
      [2, 4],
      [3, 5],
      [13, 54],
    ] as const) {
      for (const backend of ['simd', 'scalar', 'auto'] as const) {
        const part = fill(createBatch(length, { model, backend }), rows.slice(from, from + length));
        computeAll(part);
        expectSame(part, whole, from);
        const alone = fill(createBatch(length, { model, backend }), rows.slice(from, from + length));
        for (const name of GREEK_NAMES) {
          alone.greeks([name]);
          expect(alone.out[name]).toEqual(part.out[name]);
        }
        alone.price();
        expect(alone.out.price).toEqual(part.out.price);
      }
    }
  });

  it('has the same bits in a chain', () => {
    const random = seededRandom(24);
    for (const backend of ['simd', 'scalar'] as const) {
      const common = { ...randomRow(random, model), spot: 100, timeToExpiry: 0.7 };
      const rows = Array.from({ length: 131 }, () => {
        const { type, volatility } = randomRow(random, model);
        const sigma = model === 'bachelier' ? 20 * random() + 1 : volatility;
        return {
          ...common,
          type,
          volatility: sigma,
          strike: 40 + 160 * random(),
          marketPrice: 30 * random() * (model === 'inverse' ? 0.01 : 1),
        };
      });
      const batch = fill(createBatch(rows.length, { model, backend }), rows);
      const chain = createChainBatch(rows.length, { model, backend });
      chain.spot = common.spot;
      chain.timeToExpiry = common.timeToExpiry;
      chain.rate = common.rate;
      chain.dividendYield = common.dividendYield;
      rows.forEach((row, i) => {
        chain.isCall[i] = row.type === 'call' ? 1 : 0;
        chain.strike[i] = row.strike;
        chain.volatility[i] = row.volatility;
        chain.marketPrice[i] = row.marketPrice;
      });
      expect(computeAll(chain)).toEqual(computeAll(batch));
      expectSame(chain, batch);
    }
  });

  /** The scalar API of a row, undefined where it throws. */
  const scalar = <Result>(compute: () => Result): Result | undefined => {
    try {
      return compute();
    } catch (error) {
      if (error instanceof InputError) return undefined;
      throw error;
    }
  };
  const forward = ({ spot, rate, timeToExpiry, ...row }: TestRow) => ({
    ...row,
    forward: spot,
    timeToExpiry,
    discountFactor: exp(-rate * timeToExpiry),
  });
  const greeksOf = (row: TestRow): Greeks | undefined =>
    scalar(() => {
      if (model === 'black-scholes') return blackScholes.greeks(row);
      if (model === 'bachelier') return bachelier.greeks(forward(row));
      return model === 'inverse' ? inverse.greeks(forward(row)).coin : black76.greeks(forward(row));
    });
  const volatilityOf = (row: TestRow): ImpliedVolatility | undefined =>
    scalar(() => {
      if (model === 'black-scholes') return blackScholes.impliedVolatility(row, row.marketPrice);
      if (model === 'bachelier') return bachelier.impliedVolatility(forward(row), row.marketPrice);
      return (model === 'inverse' ? inverse : black76).impliedVolatility(forward(row), row.marketPrice);
    });

  it('agrees with the scalar model', () => {
    const rows = pricedRows(4000, model, 25);
    const batch = fill(createBatch(rows.length, { model }), rows);
    batch.greeks(GREEK_NAMES);
    rows.forEach((row, i) => {
      const expected = greeksOf(row)!;
      const found = readGreeks(batch, i);
      const d = Math.log(row.spot / row.strike) / row.volatility / Math.sqrt(row.timeToExpiry);
      const h =
        model === 'bachelier'
          ? 0
          : Math.abs(d) +
            ((Math.abs(row.rate) + Math.abs(row.dividendYield)) * Math.sqrt(row.timeToExpiry)) / row.volatility;
      // Gamma in coin is a difference, which the accuracy test judges by its terms.
      const names = ['price', 'delta', 'vega', 'dualDelta', 'dualGamma', ...(model === 'inverse' ? [] : ['gamma'])];
      for (const name of names as GreekName[]) {
        const difference = Math.abs(found[name] - expected[name]);
        // Bachelier's d may be large in these rows.
        const condition =
          1 + h * h + (model === 'bachelier' ? ((row.spot - row.strike) / row.volatility) ** 2 / row.timeToExpiry : 0);
        expect(difference, `${name} ${JSON.stringify(row)}`).toBeLessThanOrEqual(
          64 * 2 ** -53 * condition * Math.abs(expected[name]) + 1e-300,
        );
      }
    });
    batch.impliedVolatility();
    rows.forEach((row, i) => {
      const expected = volatilityOf(row);
      const found = batch.out.impliedVolatility![i]!;
      if (expected?.ok === true) {
        if (batch.status[i] !== batchStatus.ok) return;
        const slack =
          1e-14 * found * (1 + Math.abs((row.marketPrice * expected.dVolatilityDPrice) / found)) +
          16 * expected.resolution +
          // The scalar model rounds the forward, which the intrinsic value feels.
          (model === 'black-scholes' ? 8 * 2 ** -53 * row.spot * expected.dVolatilityDPrice : 0);
        expect(Math.abs(found - expected.volatility), JSON.stringify(row)).toBeLessThanOrEqual(slack);
      }
    });
  });

  it('gives limits, refusals and reasons as the scalar model does', () => {
    fc.assert(
      fc.property(edgeRow, (row) => {
        const batch = fill(createBatch(1, { model, backend: 'simd' }), [row]);
        batch.greeks(GREEK_NAMES);
        const expected = greeksOf(row);
        const isValid = expected !== undefined;
        expect(batch.status[0] !== batchStatus.invalidInput).toBe(isValid);
        const missing = GREEK_NAMES.filter((name) => Number.isNaN(batch.out[name]![0]));
        if (batch.status[0] === batchStatus.ok) expect(missing).toEqual([]);
        else if (isValid) expect(missing.length).toBeGreaterThan(0);
        else expect(missing).toEqual(GREEK_NAMES);
        if (isValid && batch.out.price![0] !== expected.price)
          expect(Math.abs(batch.out.price![0]! - expected.price)).toBeLessThanOrEqual(
            1e-11 * (Math.abs(expected.price) + row.spot),
          );
        batch.price();
        expect(batch.status[0]).toBe(isValid ? batchStatus.ok : batchStatus.invalidInput);
        expect(Number.isNaN(batch.out.price![0])).toBe(!isValid);
        batch.impliedVolatility();
        expect(Number.isNaN(batch.out.impliedVolatility![0])).toBe(batch.status[0] !== batchStatus.ok);
      }),
      { numRuns: 500, seed: 26 },
    );
  });
});

describe('status', () => {
  it.each([
    [25, 'ok'],
    [19.9, 'belowIntrinsic'],
    [-1, 'belowIntrinsic'],
    [20, 'atIntrinsic'],
    [120, 'aboveMaximum'],
    [121, 'aboveMaximum'],
    [119.99999999999999, 'beyondPrecision'],
    [NaN, 'invalidInput'],
    [Infinity, 'invalidInput'],
  ] as const)('of a price of %d for a call of 120 on 100', (marketPrice, status) => {
    for (const backend of ['simd', 'scalar'] as const) {
      const batch = fill(createBatch(1, { backend }), [
        {
          type: 'call',
          spot: 120,
          strike: 100,
          timeToExpiry: 1,
          volatility: 0,
          rate: 0,
          dividendYield: 0,
          marketPrice,
        },
      ]);
      batch.impliedVolatility();
      expect(batch.status[0]).toBe(batchStatus[status]);
      batch.timeToExpiry[0] = 0;
      batch.impliedVolatility();
      expect(batch.status[0]).toBe(status === 'invalidInput' ? batchStatus.invalidInput : batchStatus.expired);
    }
  });
});
