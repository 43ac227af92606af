import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executableArbitrage } from '../../src/market/executable-arbitrage.js';
import type { OptionChain } from '../../src/market/chain.js';
import { BLEND_SEPARATOR, sliceInputs } from '../../src/market/slice-inputs.js';
import type { SliceInput } from '../../src/market/slice.js';
import { callValue } from './call-quotes.js';
import { syntheticChain } from './support.js';

/** The chain with both prices of one quote times a factor. */
function scaled(chain: OptionChain, instrument: string, factor: number): OptionChain {
  expect(chain.quotes.some((quote) => quote.instrument === instrument)).toBe(true);
  return {
    ...chain,
    quotes: chain.quotes.map((quote) =>
      quote.instrument === instrument ? { ...quote, bid: quote.bid! * factor, ask: quote.ask! * factor } : quote,
    ),
  };
}

/** Portfolios that collect between the points of a slice, priced from their volatilities. */
function collecting({ logMoneyness, volatilityBid, volatilityAsk, timeToExpiry }: SliceInput): number {
  const price = (k: number, volatility: number): number =>
    callValue(Math.exp(k), volatility * volatility * timeToExpiry);
  return executableArbitrage({
    expiry: logMoneyness.map(() => 1),
    strike: logMoneyness.map(Math.exp),
    bid: logMoneyness.map((k, i) => price(k, volatilityBid[i]!) - 1e-9),
    ask: logMoneyness.map((k, i) => (volatilityAsk[i]! < Infinity ? price(k, volatilityAsk[i]!) : Infinity) + 1e-9),
  }).length;
}

const repair = { repair: true };

describe.each(['inverse', 'linear'] as const)('repair of a %s chain', (settlement) => {
  const chain = syntheticChain({ settlement, days: [30, 90] });

  it('changes nothing where nothing can be collected', () => {
    expect(sliceInputs(chain, repair)).toEqual(sliceInputs(chain));
    expect(sliceInputs(chain, repair).repaired).toEqual([]);
  });

  it('lowers the bid of a quote that is too dear, and nothing else', () => {
    const dear = scaled(chain, 'X-90-80000-P', 1.2);
    const plain = sliceInputs(dear);
    const fixed = sliceInputs(dear, repair);
    expect(collecting(plain.slices[1]!)).toBeGreaterThan(0);
    expect(collecting(fixed.slices[1]!)).toBe(0);
    expect(fixed.slices[0]).toEqual(plain.slices[0]);
    expect(fixed.rejected).toEqual(plain.rejected);
    expect(fixed.forwards).toEqual(plain.forwards);

    const [move, ...others] = fixed.repaired;
    expect(others).toEqual([]);
    expect(move).toMatchObject({ id: 'X-90-80000-P', side: 'bid' });
    expect(dear.quotes[move!.index]!.instrument).toBe('X-90-80000-P');
    const [before, after] = [plain.slices[1]!, fixed.slices[1]!];
    const at = after.instrument.indexOf('X-90-80000-P');
    expect(move!.from).toBe(before.volatilityBid[at]);
    expect(move!.to).toBe(after.volatilityBid[at]);
    expect(move!.to).toBeLessThan(move!.from);
    expect(after.volatility[at]).toBe(move!.to);
    expect(after.volatilityAsk[at]).toBe(before.volatilityAsk[at]);
    expect(after.standardDeviation[at]).toBeGreaterThan(before.standardDeviation[at]!);
    after.instrument.forEach((name, i) => {
      if (name !== 'X-90-80000-P') expect(after.volatility[i]).toBe(before.volatility[i]);
    });
  });

  it('raises the ask of a quote that is too cheap', () => {
    const { repaired, slices } = sliceInputs(scaled(chain, 'X-30-110000-C', 0.8), repair);
    expect(repaired.some(({ id, side, from, to }) => id === 'X-30-110000-C' && side === 'ask' && to > from)).toBe(true);
    expect(collecting(slices[0]!)).toBe(0);
  });

  it('any wrong prices: nothing is left to collect, each move is reported once and is the only change', () => {
    const names = sliceInputs(chain).slices.flatMap(({ instrument }) =>
      instrument.flatMap((name) => name.split(BLEND_SEPARATOR)),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...names), fc.double({ min: 0.8, max: 1.25, noNaN: true })), {
          minLength: 1,
          maxLength: 5,
        }),
        (changes) => {
          const wrong = changes.reduce((result, [name, factor]) => scaled(result, name, factor), chain);
          const plain = sliceInputs(wrong);
          const fixed = sliceInputs(wrong, repair);
          expect(fixed.slices.map(collecting)).toEqual(fixed.slices.map(() => 0));
          const moved = fixed.repaired.map(({ id }) => id);
          expect(new Set(moved).size).toBe(moved.length);
          fixed.slices.forEach((slice, s) => {
            slice.instrument.forEach((name, i) => {
              const j = plain.slices[s]!.instrument.indexOf(name);
              if (name.split(BLEND_SEPARATOR).some((part) => moved.includes(part))) return;
              expect(slice.volatility[i]).toBe(plain.slices[s]!.volatility[j]);
            });
          });
        },
      ),
      { numRuns: 40 },
    );
  });
});

it('repair of a chain quoted in volatility', () => {
  const chain = syntheticChain({ days: [90], published: () => 100_000 });
  const quotes = chain.quotes.map((quote) => {
    const volatility = quote.strike === 80_000 ? 0.7 : 0.5;
    return {
      ...quote,
      bid: undefined,
      ask: undefined,
      bidVolatility: volatility - 0.01,
      askVolatility: volatility + 0.01,
    };
  });
  const { repaired, slices } = sliceInputs({ ...chain, quotes }, repair);
  expect(repaired.map(({ id, side }) => [id, side])).toContainEqual(['X-90-80000-P', 'bid']);
  expect(collecting(slices[0]!)).toBe(0);
});
