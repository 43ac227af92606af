/** Random options of every sign of rates, with none, one and three cash dividends, and how far three engines are apart on one. */
import { seededRandom } from '../../src/math/random.js';
import { american, type AmericanOption } from '../../src/pricing/american.js';
import { differencePrice } from '../../src/pricing/american/finite-difference.js';
import { leisenReimer } from '../../src/pricing/american/leisen-reimer.js';
import { differenceProblem, readTerms } from '../../src/pricing/american/terms.js';

/** Ex-dates lie on fifteenths of the time to expiry, which trees of 15 (2k + 1) steps meet. */
export function engineCases(count: number, seed: number): AmericanOption[] {
  const random = seededRandom(seed);
  const between = (a: number, b: number): number => a + (b - a) * random.uniform();
  return Array.from({ length: count }, (_, i) => {
    const volatility = between(0.1, 0.6);
    const timeToExpiry = 0.1 * 20 ** random.uniform();
    const rate = i % 4 === 0 ? -between(0, 0.03) : between(0, 0.1);
    const dividendYield = i % 3 === 0 ? -between(0, 0.05) : between(0, 0.1);
    const cash = [0, 0, 1, 3][i % 4]!;
    const fifteenths = Array.from({ length: cash }, (__, k) => 1 + 5 * k + random.index(4));
    return {
      type: random.uniform() < 0.5 ? 'call' : 'put',
      spot: 100 * Math.exp(volatility * Math.sqrt(timeToExpiry) * between(-1.2, 1.2)),
      strike: 100,
      timeToExpiry,
      volatility,
      rate,
      dividendYield,
      ...(cash > 0
        ? {
            dividendModel: random.uniform() < 0.5 ? ('affine' as const) : ('escrowed' as const),
            dividends: fifteenths.map((n) => ({ timeToExDate: (n / 15) * timeToExpiry, amount: between(0.2, 3) })),
          }
        : {}),
    };
  });
}

export interface EnginePrices {
  /** Undefined with cash dividends. */
  collocation: number | undefined;
  differences: number;
  tree: number;
}

export function enginePrices(option: AmericanOption, steps: number): EnginePrices {
  const terms = readTerms(option, option.volatility);
  const problem = differenceProblem(terms, 'american');
  return {
    collocation: terms.dividends === undefined ? american.price(option, 'accurate') : undefined,
    differences: differencePrice(problem, 1000, 250).price,
    tree: leisenReimer(problem, steps),
  };
}

export function treePrice(option: AmericanOption, steps: number): number {
  return leisenReimer(differenceProblem(readTerms(option, option.volatility), 'american'), steps);
}

/** Finite differences at one and a half times the points and twice the steps. */
export function refinedPrice(option: AmericanOption): number {
  return differencePrice(differenceProblem(readTerms(option, option.volatility), 'american'), 1500, 500).price;
}
