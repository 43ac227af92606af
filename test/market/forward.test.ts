import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { impliedForward } from '../../src/market/forward.js';
import type { ImpliedForward, ParityPair } from '../../src/market/forward.js';
import { seeded } from './support.js';

type Estimate = Extract<ImpliedForward, { ok: true }>;

function estimated(result: ImpliedForward): Estimate {
  if (!result.ok) throw new Error(`${result.reason}: ${result.message}`);
  return result;
}

const strikes = Array.from({ length: 25 }, (_, i) => 70 + 2.5 * i);

/** Both legs with so much time value that every strike is near the money, and the given half-spread. */
function pairAt(strike: number, difference: number, half: number): ParityPair {
  const call = Math.max(difference, 0) + 4 * half + 20;
  const put = call - difference;
  return { strike, callBid: call - half, callAsk: call + half, putBid: put - half, putAsk: put + half };
}

const linearPairs = (forward: number, discount: number, half: number, at = strikes): ParityPair[] =>
  at.map((strike) => pairAt(strike, discount * (forward - strike), half));

const relative = (value: number, reference: number): number => Math.abs(value / reference - 1);

describe('exact parity gives back its forward and discount factor', () => {
  it('linear, with spreads and without', () => {
    for (const half of [0, 0.01, 0.25]) {
      const f = estimated(impliedForward(linearPairs(101.3, 0.967, half), { timeToExpiry: 0.7, settlement: 'linear' }));
      expect(relative(f.forward, 101.3)).toBeLessThan(1e-13);
      expect(relative(f.discountFactor, 0.967)).toBeLessThan(1e-12);
      expect(f.pairsUsed).toBe(strikes.length);
      expect(f.source).toBe('parity');
      expect(f.flags).toEqual([]);
      expect(f.rejected).toEqual([]);
      expect(f.interval[0]).toBeLessThanOrEqual(f.forward * (1 + 1e-13));
      expect(f.interval[1]).toBeGreaterThanOrEqual(f.forward * (1 - 1e-13));
    }
  });

  it('inverse: c - p = DF_c (1 - K / F)', () => {
    for (const discount of [1, 0.98]) {
      const at = Array.from({ length: 21 }, (_, i) => 50_000 + 2_000 * i);
      const pairs = at.map((strike) => {
        const difference = discount * (1 - strike / 68_123.5);
        const put = 0.05 + Math.max(0, -difference);
        return { strike, callBid: put + difference, callAsk: put + difference, putBid: put, putAsk: put };
      });
      const f = estimated(impliedForward(pairs, { timeToExpiry: 0.25, settlement: 'inverse' }));
      expect(relative(f.forward, 68_123.5)).toBeLessThan(1e-13);
      expect(relative(f.discountFactor, discount)).toBeLessThan(1e-12);
    }
  });

  it('any forward, discount factor and unit of price', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 75, max: 125, noNaN: true }),
        fc.double({ min: 0.7, max: 1.05, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (forward, discount, unit) => {
          const pairs = linearPairs(
            forward * unit,
            discount,
            1e-3 * unit,
            strikes.map((k) => k * unit),
          );
          const f = estimated(impliedForward(pairs, { timeToExpiry: 1, settlement: 'linear' }));
          expect(relative(f.forward, forward * unit)).toBeLessThan(1e-12);
          expect(relative(f.discountFactor, discount)).toBeLessThan(1e-11);
        },
      ),
    );
  });
});

describe('the order of the pairs and a fifth of them being wrong do not matter', () => {
  it('the same bits in any order', () => {
    const random = seeded(7);
    const pairs = strikes.map((strike) =>
      pairAt(strike, 0.98 * (99 - strike) + 0.3 * (random() - 0.5), 0.05 + 0.2 * random()),
    );
    const options = { timeToExpiry: 0.5, settlement: 'linear' as const };
    const reference = estimated(impliedForward(pairs, options));
    fc.assert(
      fc.property(fc.shuffledSubarray(pairs, { minLength: pairs.length }), (shuffled) => {
        const f = estimated(impliedForward(shuffled, options));
        expect(f.forward).toBe(reference.forward);
        expect(f.discountFactor).toBe(reference.discountFactor);
        expect(f.covariance).toEqual(reference.covariance);
        expect(f.chiSquare).toBe(reference.chiSquare);
        for (const { index, id } of f.rejected) expect(String(shuffled[index]!.strike)).toBe(id);
      }),
      { numRuns: 40 },
    );
  });

  it('a fifth of the pairs wrong by any amount beyond their own error changes nothing', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(strikes.length - 1), { minLength: 1, maxLength: 5 }),
        fc.array(fc.double({ min: 1, max: 40, noNaN: true }), { minLength: 5, maxLength: 5 }),
        fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        fc.boolean(),
        (bad, sizes, signs, oneSign) => {
          const pairs = linearPairs(98.6, 0.97, 0.05);
          bad.forEach((i, n) => {
            const shift = oneSign || signs[n] ? sizes[n]! : -sizes[n]!;
            pairs[i] = pairAt(strikes[i]!, 0.97 * (98.6 - strikes[i]!) + shift, 0.05);
          });
          const f = estimated(impliedForward(pairs, { timeToExpiry: 0.5, settlement: 'linear' }));
          expect(relative(f.forward, 98.6)).toBeLessThan(1e-12);
          expect(relative(f.discountFactor, 0.97)).toBeLessThan(1e-11);
          expect(new Set(f.rejected.map((r) => r.index))).toEqual(new Set(bad));
          for (const r of f.rejected) {
            expect(r.reason).toBe('outlier');
            expect(r.value).toBeGreaterThan(r.limit);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a locked pair at a wrong price does not win by its precision', () => {
    const pairs = linearPairs(98.6, 0.97, 0.3);
    pairs[12] = pairAt(strikes[12]!, 0.97 * (98.6 - strikes[12]!) + 5, 0);
    const f = estimated(impliedForward(pairs, { timeToExpiry: 0.5, settlement: 'linear' }));
    expect(relative(f.forward, 98.6)).toBeLessThan(1e-12);
    expect(f.rejected.map((r) => r.index)).toEqual([12]);
  });

  it('precise pairs at the money hold against wide pairs that all lean the same way', () => {
    // Deep legs quoted low on the bid only: each wide pair is off by less than its own half-width, all in one direction.
    const pairs = strikes.map((strike) => {
      const near = Math.abs(strike - 100) < 4;
      const half = near ? 0.05 : 4;
      return pairAt(strike, 0.97 * (98.6 - strike) + (near ? 0 : 2), half);
    });
    const f = estimated(impliedForward(pairs, { timeToExpiry: 0.5, settlement: 'linear' }));
    expect(Math.abs(f.forward - 98.6)).toBeLessThan(0.05);
  });
});

describe('covariance', () => {
  it('covers the errors of the estimates, uniform across the spread', () => {
    for (const settlement of ['linear', 'inverse'] as const) {
      const random = seeded(20_250_614);
      const forward = settlement === 'linear' ? 100 : 101;
      const discount = settlement === 'linear' ? 0.96 : 1;
      const perUnit = settlement === 'linear' ? 1 : 1 / forward;
      const trials = 1500;
      let squares = 0;
      let inside = 0;
      let discountSquares = 0;
      for (let trial = 0; trial < trials; trial++) {
        const pairs = strikes.map((strike) => {
          const half = (0.05 + 0.003 * Math.abs(strike - 100)) * perUnit;
          const noise = (): number => half * (2 * random() - 1);
          const difference = discount * (forward - strike) * perUnit;
          const put = (20 + Math.max(0, strike - forward)) * perUnit + noise();
          const call = (20 + Math.max(0, strike - forward)) * perUnit + difference + noise();
          return { strike, callBid: call - half, callAsk: call + half, putBid: put - half, putAsk: put + half };
        });
        const f = estimated(impliedForward(pairs, { timeToExpiry: 2, settlement }));
        const z = (f.forward - forward) / Math.sqrt(f.covariance[0]![0]!);
        squares += z * z;
        if (Math.abs(z) < 1.96) inside++;
        discountSquares += (f.discountFactor - discount) ** 2 / f.covariance[1]![1]!;
      }
      // Never narrower than the truth; Huber's efficiency and the floor on the scatter make it a little wider.
      expect(Math.sqrt(squares / trials)).toBeGreaterThan(0.8);
      expect(Math.sqrt(squares / trials)).toBeLessThan(1.05);
      expect(Math.sqrt(discountSquares / trials)).toBeGreaterThan(0.7);
      expect(Math.sqrt(discountSquares / trials)).toBeLessThan(1.05);
      expect(inside / trials).toBeGreaterThan(0.93);
    }
  });

  it('grows with the real scatter where the pairs miss parity by more than they state', () => {
    const random = seeded(3);
    const noise = strikes.map(() => random() - 0.5);
    const at = (size: number): Estimate =>
      estimated(
        impliedForward(
          strikes.map((strike, i) => pairAt(strike, 0.97 * (99 - strike) + size * noise[i]!, 0.1)),
          { timeToExpiry: 0.5, settlement: 'linear' },
        ),
      );
    expect(at(0.8).covariance[0]![0]!).toBeGreaterThan(4 * at(0.1).covariance[0]![0]!);
    expect(at(0.8).chiSquare / at(0.8).degreesOfFreedom).toBeGreaterThan(4);
  });
});

describe('discount factor', () => {
  it('comes from the prior where the pairs say less, and says so', () => {
    const options = { timeToExpiry: 2 / 365, settlement: 'linear' as const };
    const f = estimated(impliedForward(linearPairs(100, 0.9999, 0.5, [98, 99, 100, 101, 102]), options));
    expect(f.flags).toContain('discount-from-prior');
    expect(Math.abs(f.discountFactor - 1)).toBeLessThan(0.05 * options.timeToExpiry);
    const told = estimated(
      impliedForward(linearPairs(100, 0.9999, 0.5, [98, 99, 100, 101, 102]), {
        ...options,
        discountPrior: { mean: 0.9997, standardDeviation: 1e-6 },
      }),
    );
    expect(told.discountFactor).toBeCloseTo(0.9997, 6);
    expect(told.flags).toContain('discount-from-prior');
  });

  it('one strike with a prior still has a forward', () => {
    const pairs = [pairAt(100, 1.96, 0.05), pairAt(100, 1.96, 0.05)];
    const f = estimated(
      impliedForward(pairs, {
        timeToExpiry: 0.5,
        settlement: 'linear',
        discountPrior: { mean: 0.98, standardDeviation: 1e-4 },
      }),
    );
    expect(f.forward).toBeCloseTo(102, 8);
    expect(f.discountFactor).toBeCloseTo(0.98, 10);
  });

  it('a stated prior pulls in proportion to its precision', () => {
    const pull = (standardDeviation: number): number =>
      estimated(
        impliedForward(linearPairs(100, 0.97, 0.05), {
          timeToExpiry: 0.5,
          settlement: 'linear',
          discountPrior: { mean: 0.972, standardDeviation },
        }),
      ).discountFactor - 0.97;
    expect(pull(1e-6)).toBeCloseTo(0.002, 5);
    expect(pull(1)).toBeLessThan(1e-5);
    expect(pull(1e-4)).toBeLessThan(pull(1e-5));
  });
});

describe('hard no-arbitrage interval', () => {
  it('is the tightest executable bound, both settlements', () => {
    const pairs = [
      { strike: 95, callBid: 7, callAsk: 7.4, putBid: 2, putAsk: 2.2 },
      { strike: 100, callBid: 4, callAsk: 4.3, putBid: 4, putAsk: 4.2 },
      { strike: 105, callBid: 2, callAsk: 2.1, putBid: 6.9, putAsk: 7.2 },
    ];
    const prior = { mean: 1, standardDeviation: 1e-9 };
    const linear = estimated(impliedForward(pairs, { timeToExpiry: 0.1, settlement: 'linear', discountPrior: prior }));
    expect(linear.interval[0]).toBeCloseTo(Math.max(95 + 7 - 2.2, 100 + 4 - 4.2, 105 + 2 - 7.2), 6);
    expect(linear.interval[1]).toBeCloseTo(Math.min(95 + 7.4 - 2, 100 + 4.3 - 4, 105 + 2.1 - 6.9), 6);
    const coin = pairs.map((p) => ({
      strike: p.strike,
      callBid: p.callBid / 100,
      callAsk: p.callAsk / 100,
      putBid: p.putBid / 100,
      putAsk: p.putAsk / 100,
    }));
    const inverse = estimated(impliedForward(coin, { timeToExpiry: 0.1, settlement: 'inverse', discountPrior: prior }));
    expect(inverse.interval[0]).toBeCloseTo(Math.max(95 / (1 - 0.048), 100 / (1 + 0.002), 105 / (1 + 0.052)), 6);
    expect(inverse.interval[1]).toBeCloseTo(Math.min(95 / (1 - 0.054), 100 / (1 - 0.003), 105 / (1 + 0.048)), 6);
  });

  it('empty: flagged, the bounds returned as they are', () => {
    const pairs = strikes.map((strike, i) =>
      pairAt(strike, 0.97 * (99 - strike) + [0.25, 0, 0, 0, -0.25][i % 5]!, 0.1),
    );
    const f = estimated(impliedForward(pairs, { timeToExpiry: 0.5, settlement: 'linear' }));
    expect(f.flags).toContain('parity-arbitrage');
    expect(f.flags).not.toContain('clipped');
    expect(f.interval[0]).toBeGreaterThan(f.interval[1]);
  });

  it('regression outside: moved to the end and flagged', () => {
    const pairs = [
      ...linearPairs(100, 1, 0.5, [90, 92, 94, 96, 98, 102, 104, 106, 108]),
      { strike: 100, callBid: 5.4, callAsk: 6.4, putBid: 4.9, putAsk: 5 },
    ];
    // One pair demands at least 100.4 and all others allow 99 to 101.
    const f = estimated(
      impliedForward(pairs, {
        timeToExpiry: 0.5,
        settlement: 'linear',
        discountPrior: { mean: 1, standardDeviation: 1e-9 },
      }),
    );
    expect(f.flags).toContain('clipped');
    expect(f.forward).toBeCloseTo(100.4, 6);
    expect(f.interval[0]).toBe(f.forward);
  });
});

describe('pairs left out, each with the number that decided', () => {
  it('one-sided and crossed', () => {
    const pairs = linearPairs(100, 1, 0.1);
    pairs[3] = { ...pairs[3]!, putBid: 0 };
    pairs[4] = { ...pairs[4]!, callBid: pairs[4]!.callAsk + 1 };
    const f = estimated(impliedForward(pairs, { timeToExpiry: 0.5, settlement: 'linear' }));
    expect(f.rejected).toEqual([
      { index: 3, id: String(strikes[3]), reason: 'one-sided', value: 0, limit: 0 },
      { index: 4, id: String(strikes[4]), reason: 'crossed', value: pairs[4].callBid, limit: pairs[4].callAsk },
    ]);
    expect(f.pairsUsed + f.rejected.length).toBe(pairs.length);
  });

  it('far from the money, of the forward and of the spot', () => {
    const at = Array.from({ length: 60 }, (_, i) => 20 + 4 * i);
    const pairs = at.map((strike) => {
      // Time value of a 10% standard deviation, dead in the wings.
      const time = 4 * Math.exp(-0.5 * ((strike - 100) / 10) ** 2) + 0.02;
      const call = Math.max(0, 100 - strike) + time;
      const put = Math.max(0, strike - 100) + time;
      return { strike, callBid: call - 0.01, callAsk: call + 0.01, putBid: put - 0.01, putAsk: put + 0.01 };
    });
    const f = estimated(impliedForward(pairs, { timeToExpiry: 0.5, settlement: 'linear' }));
    expect(f.forward).toBeCloseTo(100, 8);
    const far = f.rejected.filter((r) => r.reason === 'far-from-money');
    expect(far.length).toBeGreaterThan(30);
    for (const r of far) {
      expect(r.value).toBeCloseTo(Math.abs(Math.log(Number(r.id) / 100)), 6);
      expect(r.value).toBeGreaterThan(r.limit);
    }
    const withSpot = estimated(impliedForward(pairs, { timeToExpiry: 0.5, settlement: 'linear', spot: 140 }));
    expect(withSpot.pairsUsed).toBeGreaterThan(f.pairsUsed);
  });
});

describe('no estimate', () => {
  it('too few two-sided pairs', () => {
    const pair = pairAt(100, 0, 0.1);
    expect(impliedForward([], { timeToExpiry: 1, settlement: 'linear' })).toMatchObject({
      ok: false,
      reason: 'too-few-pairs',
      value: 0,
      limit: 2,
    });
    expect(
      impliedForward([pair, { ...pair, strike: 101, callBid: 0 }], { timeToExpiry: 1, settlement: 'linear' }),
    ).toMatchObject({
      ok: false,
      reason: 'too-few-pairs',
      value: 1,
    });
  });

  it('pairs that rise with strike have no positive discount factor', () => {
    const pairs = strikes.map((strike) => pairAt(strike, strike - 100, 0.1));
    expect(impliedForward(pairs, { timeToExpiry: 1, settlement: 'linear' })).toMatchObject({
      ok: false,
      reason: 'no-feasible-forward',
    });
  });

  it('pairs of which most contradict any one forward', () => {
    const random = seeded(11);
    const pairs = strikes.map((strike) => pairAt(strike, 100 - strike + 20 * (random() - 0.5), 0.05));
    const result = impliedForward(pairs, { timeToExpiry: 1, settlement: 'linear' });
    expect(result).toMatchObject({ ok: false, reason: 'no-feasible-forward', limit: 0.5 });
    expect(!result.ok && result.value! > 0.5).toBe(true);
  });
});

describe("a caller's mistakes throw", () => {
  const good = linearPairs(100, 1, 0.1);
  const options = { timeToExpiry: 1, settlement: 'linear' as const };
  it.each([
    ['pairs[2].callBid', () => impliedForward(good.with(2, { ...good[2]!, callBid: NaN }), options)],
    ['pairs[0].putAsk', () => impliedForward(good.with(0, { ...good[0]!, putAsk: -1 }), options)],
    ['pairs[1].strike', () => impliedForward(good.with(1, { ...good[1]!, strike: 0 }), options)],
    ['timeToExpiry', () => impliedForward(good, { ...options, timeToExpiry: 0 })],
    ['settlement', () => impliedForward(good, { ...options, settlement: 'physical' as 'linear' })],
    ['spot', () => impliedForward(good, { ...options, spot: -1 })],
    [
      'discountPrior.mean',
      () => impliedForward(good, { ...options, discountPrior: { mean: 0, standardDeviation: 1 } }),
    ],
    [
      'discountPrior.standardDeviation',
      () => impliedForward(good, { ...options, discountPrior: { mean: 1, standardDeviation: NaN } }),
    ],
  ])('%s', (field, call) => {
    expect(call).toThrow(InputError);
    expect(call).toThrow(expect.objectContaining({ field }));
  });
});
