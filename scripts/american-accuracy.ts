/**
 * The figures of docs/american.md: error and time of the engines for American options on seeded sets.
 *
 *   npx tsx scripts/american-accuracy.ts
 */
import { seededRandom } from '../src/math/random.js';
import { american, type Accuracy, type AmericanOption } from '../src/pricing/american.js';
import { bjerksundStensland } from '../src/pricing/american/bjerksund-stensland.js';
import { canonicalPut } from '../src/pricing/american/canonical-put.js';
import { differencePrice } from '../src/pricing/american/finite-difference.js';
import { leisenReimer } from '../src/pricing/american/leisen-reimer.js';
import { differenceProblem, readTerms } from '../src/pricing/american/terms.js';

const NAMES = ['price', 'delta', 'gamma', 'vega', 'theta', 'rho', 'dividendRho'] as const;

function options(count: number, negative: boolean): AmericanOption[] {
  const random = seededRandom(negative ? 2 : 1);
  const between = (a: number, b: number): number => a + (b - a) * random.uniform();
  return Array.from({ length: count }, () => {
    const volatility = between(0.1, 0.7);
    const timeToExpiry = 0.05 * 60 ** random.uniform();
    const dividendYield = negative ? -between(0.005, 0.06) : between(-0.02, 0.12);
    return {
      type: 'put',
      spot: 100 * Math.exp(volatility * Math.sqrt(timeToExpiry) * between(-1, 1.5)),
      strike: 100,
      timeToExpiry,
      volatility,
      rate: negative ? dividendYield * between(0.05, 0.95) : between(0.002, 0.12),
      dividendYield,
    };
  });
}

function summary(errors: readonly number[]): string {
  const sorted = [...errors].sort((a, b) => a - b);
  const rms = Math.sqrt(sorted.reduce((sum, e) => sum + e * e, 0) / sorted.length);
  return `rms ${rms.toExponential(1)}, largest ${sorted[sorted.length - 1]!.toExponential(1)}`;
}

function microseconds(calls: readonly (() => unknown)[]): string {
  const begin = process.cpuUsage();
  for (const call of calls) call();
  const { user, system } = process.cpuUsage(begin);
  return `${((user + system) / calls.length).toFixed(0)} us`;
}

for (const negative of [false, true]) {
  const set = options(300, negative);
  console.log(negative ? 'q < r < 0, two edges' : 'r > 0, one edge', '(errors in units of the strike 100)');
  const truth = set.map((option) => american.greeks(option, 'accurate'));
  for (const accuracy of ['fast', 'default'] as const satisfies readonly Accuracy[]) {
    for (const name of NAMES) {
      const errors = set.map((option, i) => Math.abs(american.greeks(option, accuracy)[name] - truth[i]![name]) / 100);
      console.log(`  ${accuracy} ${name}: ${summary(errors)}`);
    }
  }
  for (const accuracy of ['fast', 'default', 'accurate'] as const) {
    const price = microseconds(set.map((option) => () => american.price(option, accuracy)));
    console.log(
      `  ${accuracy}: price ${price}, Greeks ${microseconds(set.map((option) => () => american.greeks(option, accuracy)))}`,
    );
  }
  const few = set.slice(0, 60);
  const exact = few.map((option) => american.price(option, 'accurate'));
  const problem = (option: AmericanOption) => differenceProblem(readTerms(option, option.volatility), 'american');
  for (const [points, steps] of [
    [200, 40],
    [600, 120],
    [1200, 240],
  ] as const) {
    const errors = few.map(
      (option, i) => Math.abs(differencePrice(problem(option), points, steps).price - exact[i]!) / 100,
    );
    const time = microseconds(few.map((option) => () => differencePrice(problem(option), points, steps)));
    console.log(`  differences ${points} x ${steps}: ${summary(errors)}, ${time}`);
  }
  for (const steps of [101, 501, 1001]) {
    const errors = few.map((option, i) => Math.abs(leisenReimer(problem(option), steps) - exact[i]!) / 100);
    console.log(
      `  tree ${steps}: ${summary(errors)}, ${microseconds(few.map((option) => () => leisenReimer(problem(option), steps)))}`,
    );
  }
  if (negative) continue;
  const canonical = ({ spot, strike, timeToExpiry, volatility, rate = 0, dividendYield = 0 }: AmericanOption) =>
    canonicalPut(false, spot, strike, timeToExpiry, volatility, rate, dividendYield);
  for (const limit of [0.02, 0.1, 0.5]) {
    const short = set.filter(({ volatility, timeToExpiry }) => volatility ** 2 * timeToExpiry < limit);
    const errors = short.map(
      (option) => american.price(option, 'accurate') / 100 - bjerksundStensland(canonical(option)),
    );
    console.log(`  Bjerksund-Stensland, sigma^2 T < ${limit}: ${summary(errors)}`);
  }
  console.log(
    `  Bjerksund-Stensland: ${microseconds(set.map((option) => () => bjerksundStensland(canonical(option))))}`,
  );
}
