/** The table itself: lengths, memory, columns, refusals. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { bytesPerRow, maximumLength } from '../../../src/pricing/batch/columns.js';
import { createBatch, createChainBatch, type BatchModel } from '../../../src/pricing/batch/index.js';
import { blackScholes } from '../../../src/pricing/black-scholes.js';
import { displaced } from '../../../src/pricing/displaced.js';
import { BACKENDS, GREEK_NAMES, writeRow, type TestRow } from './rows.js';

const row: TestRow = {
  type: 'call',
  spot: 100,
  strike: 110,
  timeToExpiry: 0.5,
  volatility: 0.3,
  rate: 0.04,
  dividendYield: 0.01,
  marketPrice: 5,
};

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('worked figures', () => {
  // Hull, Options, Futures and Other Derivatives: S 42, K 40, r 10%, sigma 20%, half a year: 4.76 and 0.81.
  it.each(BACKENDS)('of a textbook (%s)', (backend) => {
    const batch = createBatch(2, { backend });
    const hull = { ...row, spot: 42, strike: 40, volatility: 0.2, rate: 0.1, dividendYield: 0 };
    writeRow(batch, 0, hull);
    writeRow(batch, 1, { ...hull, type: 'put' });
    batch.price();
    expect(batch.out.price![0]).toBeCloseTo(4.759422392871532, 13);
    expect(batch.out.price![1]).toBeCloseTo(0.8085993729000922, 13);
    expect([...batch.status]).toEqual([0, 0]);
  });

  it('of displaced options, shifted here or before', () => {
    const option = {
      type: 'put',
      forward: -0.002,
      strike: 0.001,
      timeToExpiry: 2,
      volatility: 0.25,
      shift: 0.03,
    } as const;
    const shiftedHere = createBatch(1, { model: 'displaced', shift: 0.03 });
    const shiftedBefore = createBatch(1, { model: 'displaced' });
    writeRow(shiftedHere, 0, { ...row, ...option, spot: option.forward, rate: 0, dividendYield: 0 });
    writeRow(shiftedBefore, 0, { ...row, ...option, spot: 0.028, strike: 0.031, rate: 0, dividendYield: 0 });
    const expected = displaced.greeks(option);
    for (const batch of [shiftedHere, shiftedBefore]) {
      batch.greeks(['price', 'delta']);
      expect(Math.abs(batch.out.price![0]! / expected.price - 1)).toBeLessThan(3e-15);
      expect(Math.abs(batch.out.delta![0]! / expected.delta - 1)).toBeLessThan(3e-15);
    }
  });
});

describe('columns', () => {
  it('start at 0, stay the same views, and outputs appear when they are computed', () => {
    const batch = createBatch(100);
    expect(batch.length).toBe(100);
    expect(batch.backend).toBe('simd');
    expect(batch.spot).toHaveLength(100);
    expect(batch.spot).toBe(batch.spot);
    expect(batch.strike.every((value) => value === 0)).toBe(true);
    expect(batch.out).toEqual({});
    writeRow(batch, 0, row);
    batch.greeks(['vega', 'gamma']);
    expect(Object.keys(batch.out).sort()).toEqual(['gamma', 'vega']);
    const { gamma } = batch.out;
    batch.greeks(['gamma']);
    batch.price();
    expect(batch.out.gamma).toBe(gamma);
    expect(Object.keys(batch.out).sort()).toEqual(['gamma', 'price', 'vega']);
    // All other rows are options on nothing.
    expect(batch.status[0]).toBe(0);
    expect(batch.status[1]).toBe(6);
    expect(batch.out.gamma![1]).toBeNaN();
  });

  it('are not touched unless asked for', () => {
    const batch = createBatch(100);
    writeRow(batch, 0, row);
    batch.greeks(GREEK_NAMES);
    const delta = batch.out.delta!;
    delta.fill(7);
    batch.greeks(['gamma']);
    batch.impliedVolatility();
    expect(delta.every((value) => value === 7)).toBe(true);
  });

  it('stay where they are while other batches come, grow and go', () => {
    const batch = createBatch(64);
    const { spot } = batch;
    const other = createBatch(64);
    other.resize(100_000);
    other.dispose();
    expect(batch.spot).toBe(spot);
    expect(spot).toHaveLength(64);
  });

  it('keep their rows as the length changes', () => {
    for (const backend of BACKENDS) {
      const batch = createBatch(3, { backend });
      for (let i = 0; i < 3; i++) writeRow(batch, i, { ...row, strike: 90 + 10 * i });
      batch.greeks(['price', 'vega']);
      batch.impliedVolatility();
      const before = { price: [...batch.out.price!], strike: [...batch.strike] };
      batch.resize(1001);
      expect(batch.length).toBe(1001);
      expect([...batch.strike.subarray(0, 4)]).toEqual([...before.strike, 0]);
      expect([...batch.isCall.subarray(0, 4)]).toEqual([1, 1, 1, 0]);
      expect([...batch.out.price!.subarray(0, 3)]).toEqual(before.price);
      expect(Object.keys(batch.out).sort()).toEqual(['impliedVolatility', 'price', 'vega']);
      batch.price();
      expect([...batch.out.price!.subarray(0, 3)]).toEqual(before.price);
      batch.resize(2);
      expect(batch.out.price).toHaveLength(2);
      expect([...batch.strike]).toEqual(before.strike.slice(0, 2));
      batch.resize(0);
      batch.price();
      expect(batch.out.price).toHaveLength(0);
    }
  });

  it('are of any length from 0, and of a chain with its four numbers', () => {
    for (const length of [0, 1, 2, 3, 4, 5, 63, 64, 511, 512, 513, 1025]) {
      for (const backend of BACKENDS) {
        const chain = createChainBatch(length, { backend });
        [chain.spot, chain.timeToExpiry, chain.rate, chain.dividendYield] = [100, 0.5, 0.04, 0.01];
        expect([chain.spot, chain.timeToExpiry, chain.rate, chain.dividendYield]).toEqual([100, 0.5, 0.04, 0.01]);
        chain.strike.fill(110);
        chain.volatility.fill(0.3);
        chain.isCall.fill(255);
        chain.price();
        chain.marketPrice.set(chain.out.price!);
        chain.impliedVolatility();
        const { price, impliedVolatility } = chain.out;
        const expected = blackScholes.price(row);
        expect(price!.every((value) => Math.abs(value / expected - 1) < 3e-15)).toBe(true);
        expect(impliedVolatility!.every((value) => Math.abs(value / 0.3 - 1) < 3e-15)).toBe(true);
      }
    }
  });
});

describe('refusals', () => {
  const limit = maximumLength(false, false);
  it.each([-1, 1.5, NaN, Infinity, limit + 1, 2 ** 40])('of %d rows name the limit', (length) => {
    expect(() => createBatch(length)).toThrow(InputError);
    expect(() => createBatch(length)).toThrow(String(limit));
    const batch = createBatch(4);
    expect(() => {
      batch.resize(length);
    }).toThrow(InputError);
    expect(batch.length).toBe(4);
  });

  it('come at 4 GiB', () => {
    expect(limit * bytesPerRow(false)).toBeLessThan(2 ** 32);
    expect((limit + 400) * bytesPerRow(false)).toBeGreaterThan(2 ** 32);
    expect([bytesPerRow(false), bytesPerRow(true)]).toEqual([202, 170]);
  });

  it('of options that are none', () => {
    expect(() => createBatch(1, { model: 'heston' as BatchModel })).toThrow(/model/);
    expect(() => createBatch(1, { backend: 'gpu' as 'simd' })).toThrow(/backend/);
    expect(() => createBatch(1, { shift: 0.01 })).toThrow(/shift/);
    expect(() => createBatch(1, { model: 'displaced', shift: NaN })).toThrow(/shift/);
    expect(() => createBatch(1, 3 as never)).toThrow(/options/);
    const batch = createBatch(1);
    expect(() => {
      batch.greeks(['speeed' as 'speed']);
    }).toThrow(/names/);
    batch.greeks([]);
    expect(batch.out).toEqual({});
  });

  it('after the memory is gone', () => {
    const batch = createBatch(100);
    batch.price();
    batch.dispose();
    for (const use of [
      () => batch.spot,
      () => batch.out,
      () => batch.backend,
      () => {
        batch.price();
      },
      () => {
        batch.resize(1);
      },
    ]) {
      expect(use).toThrow(InputError);
    }
    expect(batch.length).toBe(0);
    batch.dispose();
  });
});

describe('an engine without WebAssembly', () => {
  it.each([
    ['none at all', undefined],
    [
      'one that refuses',
      {
        Module: function refuse() {
          throw new Error('refused by policy');
        },
      },
    ],
  ])('(%s) computes without it, and says so where it is insisted on', async (_, engine) => {
    vi.stubGlobal('WebAssembly', engine);
    vi.resetModules();
    const fresh = await import('../../../src/pricing/batch/index.js');
    const batch = fresh.createBatch(100);
    expect(batch.backend).toBe('scalar');
    writeRow(batch, 99, row);
    batch.price();
    expect(Math.abs(batch.out.price![99]! / blackScholes.price(row) - 1)).toBeLessThan(3e-15);
    expect(() => fresh.createBatch(100, { backend: 'simd' })).toThrow(/backend/);
  });
});
