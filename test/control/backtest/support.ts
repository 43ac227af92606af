/** Histories the backtests run on. */
import type { Bar } from '../../../src/control/backtest/backtest-input.js';
import { seededRandom } from '../../../src/math/random.js';

export const DAY = 86_400_000;

/** Daily bars of a geometric Brownian motion, closed at every price: no range beyond open and close. */
export function brownianBars(count: number, volatility: number, seed: number, drift = 0): Bar[] {
  const random = seededRandom(seed);
  const step = volatility / Math.sqrt(365);
  let close = 100;
  return Array.from({ length: count }, (_, i) => {
    const open = close;
    close = open * Math.exp(drift / 365 - 0.5 * step * step + step * random.normal());
    return { at: i * DAY, open, close, high: Math.max(open, close), low: Math.min(open, close) };
  });
}
