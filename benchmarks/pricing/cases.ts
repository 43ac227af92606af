/**
 * What the pricing benchmark computes: random options on a forward, and four tasks. An engine is a peer under test behind one
 * thin adapter; it keeps the rows it was given, does a task over all of them and tells the CPU time of a row.
 */
import { randomStream } from '../calibration/random.js';

/** Options on forwards, by columns. */
export interface Rows {
  isCall: Uint8Array;
  forward: Float64Array;
  strike: Float64Array;
  timeToExpiry: Float64Array;
  volatility: Float64Array;
  rate: Float64Array;
  /** What implied volatility starts from. */
  price: Float64Array;
}

/** One value; value and five Greeks; all an engine has; the volatility of a price. */
export type Task = 'price' | 'greeks' | 'all' | 'implied';
export const TASKS: readonly Task[] = ['price', 'greeks', 'all', 'implied'];

export interface Engine {
  name: string;
  /** How many of the first rows it is given; all where undefined. */
  count?: number | undefined;
  /** CPU nanoseconds a row, the best of a few passes; undefined for a task it does not have. */
  run(task: Task): number | undefined;
  /** The prices, or the volatilities, that it last computed. */
  results(task: 'price' | 'implied'): Float64Array;
  close(): void;
}

/** Moneyness from 0.5 to 2, one day to three years, volatilities from 5% to 200%, rate 5%; prices are filled in by the caller. */
export function randomRows(count: number, seed: number): Rows {
  const random = randomStream(seed);
  const rows: Rows = {
    isCall: new Uint8Array(count),
    forward: new Float64Array(count).fill(100),
    strike: new Float64Array(count),
    timeToExpiry: new Float64Array(count),
    volatility: new Float64Array(count),
    rate: new Float64Array(count).fill(0.05),
    price: new Float64Array(count),
  };
  for (let i = 0; i < count; i++) {
    rows.isCall[i] = random.uniform(0, 1) < 0.5 ? 1 : 0;
    rows.strike[i] = random.uniform(50, 200);
    rows.timeToExpiry[i] = random.uniform(1 / 365, 3);
    rows.volatility[i] = random.uniform(0.05, 2);
  }
  return rows;
}

export function cpuNanoseconds(): number {
  const { user, system } = process.cpuUsage();
  return 1000 * (user + system);
}
