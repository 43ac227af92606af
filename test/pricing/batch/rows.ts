/** Shared by the tests of batches: rows to fill them with, and a batch of one row that is called like a scalar model. */
import fc from 'fast-check';
import { createBatch, type Batch, type BatchModel } from '../../../src/pricing/batch/index.js';
import { GREEK_NAMES } from '../../../src/pricing/batch/columns.js';
import type { GreekName, Greeks } from '../../../src/pricing/greeks.js';
import type { ForwardOption, OptionType, SpotOption } from '../../../src/pricing/option.js';
import type { Random } from '../../math/accuracy.js';
import type { LognormalModels } from '../black-accuracy.js';

export const MODELS: readonly BatchModel[] = ['black-scholes', 'black76', 'bachelier', 'displaced', 'inverse'];
export const BACKENDS = ['simd', 'scalar'] as const;
export { GREEK_NAMES };

export interface TestRow {
  type: OptionType;
  spot: number;
  strike: number;
  timeToExpiry: number;
  volatility: number;
  rate: number;
  dividendYield: number;
  marketPrice: number;
}

/** Anything from a quiet index to the far wings of a coin; volatilities of Bachelier's model are in price units. */
export function randomRow(random: Random, model: BatchModel): TestRow {
  const spot = 10 ** (6 * random() - 2);
  const timeToExpiry = 10 ** (4 * random() - 3.5);
  const volatility = 10 ** (2.5 * random() - 1.7);
  const h = 9 * random() ** 2 * (random() < 0.5 ? -1 : 1);
  return {
    type: random() < 0.5 ? 'call' : 'put',
    spot,
    strike: spot * Math.exp(h * volatility * Math.sqrt(timeToExpiry)),
    timeToExpiry,
    volatility: model === 'bachelier' ? volatility * spot : volatility,
    rate: 0.3 * random() - 0.1,
    dividendYield: 0.3 * random() - 0.1,
    marketPrice: NaN,
  };
}

const edge = (...values: number[]): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(...values), fc.double({ noNaN: false }), fc.double({ min: 0, max: 3, noNaN: true }));

/** Rows of which most have something odd. */
export const edgeRow: fc.Arbitrary<TestRow> = fc.record({
  type: fc.constantFrom<OptionType>('call', 'put'),
  spot: edge(100, 1, 1e-30, 1e30, 1e-31, 1e31, 0, -1, 5e-324, Infinity),
  strike: edge(100, 1, 100.00000000000001, 1e-30, 1e30, 0, -1, 1e300, Infinity),
  timeToExpiry: edge(1, 0, 1e-9, 9e-10, 1e3, 1001, -1, 5e-324, Infinity),
  volatility: edge(0.2, 0, 1e-4, 9e-5, 100, 101, -1, 5e-324, Infinity),
  rate: edge(0, 0.05, -0.05, 50, 51, -50, 800, Infinity),
  dividendYield: edge(0, 0.05, -0.05, 50, 51, -50, 800, Infinity),
  marketPrice: edge(0, 1, 5, 50, 99.99999999999999, 100, 1e-290, 1e-301, -1, Infinity),
});

export function writeRow(batch: Batch, i: number, row: TestRow): void {
  batch.isCall[i] = row.type === 'call' ? 1 : 0;
  batch.spot[i] = row.spot;
  batch.strike[i] = row.strike;
  batch.timeToExpiry[i] = row.timeToExpiry;
  batch.volatility[i] = row.volatility;
  batch.rate[i] = row.rate;
  batch.dividendYield[i] = row.dividendYield;
  batch.marketPrice[i] = row.marketPrice;
}

export function readGreeks(batch: Batch, i: number): Greeks {
  return Object.fromEntries(GREEK_NAMES.map((name) => [name, batch.out[name]![i]])) as Record<GreekName, number>;
}

/** A batch of one row in the place of the scalar models. */
export function batchOfOne(backend: 'simd' | 'scalar'): LognormalModels {
  const open = (model: BatchModel) => {
    const batch = createBatch(1, { model, backend });
    const write = (option: SpotOption | ForwardOption): void => {
      const discountFactor = 'discountFactor' in option ? (option.discountFactor ?? 1) : 1;
      const rate = 'spot' in option ? (option.rate ?? 0) : 0;
      if (discountFactor !== 1) throw new Error('not undiscounted');
      writeRow(batch, 0, {
        ...option,
        spot: 'spot' in option ? option.spot : option.forward,
        rate,
        dividendYield: 'spot' in option ? (option.dividendYield ?? 0) : rate,
        marketPrice: 0,
      });
    };
    return {
      price(option: SpotOption | ForwardOption) {
        write(option);
        batch.price();
        return batch.out.price![0]!;
      },
      greeks(option: SpotOption | ForwardOption) {
        write(option);
        batch.greeks(GREEK_NAMES);
        return readGreeks(batch, 0);
      },
    };
  };
  return { blackScholes: open('black-scholes'), black76: open('black76') };
}
