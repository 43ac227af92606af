/**
 * A synthetic daily price series in the shape of a coin's, with funding and a volatility index. It is not market data.
 *
 * Volatility is stochastic, d ln s = k (ln m - ln s) dt + v dW', correlated with the price's own moves, and about three times a year
 * the price jumps. A day is 48 steps, whose extremes are its high and low. Funding follows the return of the last 30 days; the volatility
 * index is the month's expected volatility with a premium and an error. The same seed gives the same series, to the byte.
 */
import { exp } from '../../src/math/exponential.js';
import { log } from '../../src/math/logarithm.js';
import { seededRandom } from '../../src/math/random.js';

const DAY = 86_400_000;
const STEPS = 48;
const STEP_YEARS = 1 / (365 * STEPS);
const FIRST = Date.UTC(2023, 0, 1);
const DAYS = 1096;
const START = 20_000;
const DRIFT = 0.35;
const MEAN_VOLATILITY = 0.55;
const REVERSION = 6;
const VOLATILITY_OF_VOLATILITY = 1.4;
const CORRELATION = -0.3;
const JUMPS_A_YEAR = 3;
const JUMP_SIZE = 0.07;

/** CSV: time, open, high, low, close, funding a day, implied volatility. */
export function syntheticSeriesText(seed = 20_230_101): string {
  const random = seededRandom(seed);
  const lines = ['time,open,high,low,close,funding,volatility'];
  const closes: number[] = [];
  let logPrice = log(START);
  let logVolatility = log(MEAN_VOLATILITY);
  const root = Math.sqrt(STEP_YEARS);
  for (let day = 0; day < DAYS; day++) {
    const open = exp(logPrice);
    let [high, low] = [open, open];
    for (let step = 0; step < STEPS; step++) {
      const volatility = exp(logVolatility);
      const own = random.normal();
      const other = CORRELATION * own + Math.sqrt(1 - CORRELATION * CORRELATION) * random.normal();
      const jump = random.uniform() < JUMPS_A_YEAR * STEP_YEARS ? JUMP_SIZE * random.normal() - 0.02 : 0;
      logPrice += (DRIFT - 0.5 * volatility * volatility) * STEP_YEARS + volatility * root * own + jump;
      logVolatility +=
        REVERSION * (log(MEAN_VOLATILITY) - logVolatility) * STEP_YEARS + VOLATILITY_OF_VOLATILITY * root * other;
      const price = exp(logPrice);
      high = Math.max(high, price);
      low = Math.min(low, price);
    }
    const close = exp(logPrice);
    closes.push(close);
    const month = log(close / closes[Math.max(closes.length - 31, 0)]!);
    const funding = 0.0002 + 0.0012 * month;
    // Of the month ahead, in which the gap to the mean closes by e^(-reversion t).
    const expected = exp(log(MEAN_VOLATILITY) + (logVolatility - log(MEAN_VOLATILITY)) * exp(-REVERSION / 24));
    const index = expected * (1.1 + 0.03 * random.normal());
    const day8601 = new Date(FIRST + day * DAY).toISOString().slice(0, 10);
    const prices = [open, high, low, close].map((price) => price.toFixed(2));
    lines.push([day8601, ...prices, funding.toFixed(6), index.toFixed(4)].join(','));
  }
  return `${lines.join('\n')}\n`;
}
