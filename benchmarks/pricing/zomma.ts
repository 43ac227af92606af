/** Our own engines: the kernel, its scalar twin, the chain form, and the scalar API called option by option. */
import { GREEK_NAMES } from '../../src/pricing/batch/columns.js';
import { createBatch, createChainBatch, type Batch } from '../../src/pricing/batch/index.js';
import { black76 } from '../../src/pricing/black76.js';
import { cpuNanoseconds, type Engine, type Rows, type Task } from './cases.js';

/** Calls per pass are such that a pass takes well over the clock's microsecond. */
const LEAST_ROWS = 40_000;
const PASSES = 5;

function best(count: number, compute: () => void): number {
  const calls = Math.ceil(LEAST_ROWS / count);
  let least = Infinity;
  for (let pass = 0; pass < PASSES; pass++) {
    const begin = cpuNanoseconds();
    for (let call = 0; call < calls; call++) compute();
    least = Math.min(least, (cpuNanoseconds() - begin) / calls / count);
  }
  return least;
}

function table(name: string, batch: Pick<Batch, 'price' | 'greeks' | 'impliedVolatility' | 'out' | 'length'>): Engine {
  const tasks: Record<Task, () => void> = {
    price() {
      batch.price();
    },
    greeks() {
      batch.greeks(['price', 'delta', 'gamma', 'vega', 'theta', 'rho']);
    },
    all() {
      batch.greeks(GREEK_NAMES);
    },
    implied() {
      batch.impliedVolatility();
    },
  };
  return {
    name,
    run: (task) => best(batch.length, tasks[task]),
    results: (task) => batch.out[task === 'price' ? 'price' : 'impliedVolatility']!,
    close() {
      // The batch goes with the engine.
    },
  };
}

/** A batch of the rows. */
export function batchEngine(rows: Rows, backend: 'simd' | 'scalar'): Engine {
  const batch = createBatch(rows.strike.length, { model: 'black76', backend });
  batch.isCall.set(rows.isCall);
  batch.spot.set(rows.forward);
  batch.strike.set(rows.strike);
  batch.timeToExpiry.set(rows.timeToExpiry);
  batch.volatility.set(rows.volatility);
  batch.rate.set(rows.rate);
  batch.marketPrice.set(rows.price);
  return table(`zomma batch, ${batch.backend}`, batch);
}

/** The rows' strikes and volatilities on one forward at one expiry of half a year, whatever theirs: compare its time, not its results. */
export function chainEngine(rows: Rows): Engine {
  const chain = createChainBatch(rows.strike.length, { model: 'black76', backend: 'simd' });
  chain.isCall.set(rows.isCall);
  chain.strike.set(rows.strike);
  chain.volatility.set(rows.volatility);
  [chain.spot, chain.timeToExpiry, chain.rate, chain.dividendYield] = [100, 0.5, 0.05, 0.05];
  chain.price();
  chain.marketPrice.set(chain.out.price!);
  return table('zomma chain, simd', chain);
}

/** One object an option, as an application would call it. */
export function scalarEngine(rows: Rows): Engine {
  const { length } = rows.strike;
  const options = Array.from({ length }, (_, i) => ({
    type: rows.isCall[i] === 1 ? ('call' as const) : ('put' as const),
    forward: rows.forward[i]!,
    strike: rows.strike[i]!,
    timeToExpiry: rows.timeToExpiry[i]!,
    volatility: rows.volatility[i]!,
    discountFactor: Math.exp(-rows.rate[i]! * rows.timeToExpiry[i]!),
  }));
  const prices = new Float64Array(length);
  const volatilities = new Float64Array(length);
  /** Keeps the Greeks from being optimised away. */
  const sink = new Float64Array(length);
  const tasks: Record<Task, () => void> = {
    price() {
      for (let i = 0; i < length; i++) prices[i] = black76.price(options[i]!);
    },
    greeks() {
      for (let i = 0; i < length; i++) sink[i] = black76.greeks(options[i]!).theta;
    },
    all() {
      for (let i = 0; i < length; i++) sink[i] = black76.greeks(options[i]!).ultima;
    },
    implied() {
      for (let i = 0; i < length; i++) {
        const result = black76.impliedVolatility(options[i]!, rows.price[i]!);
        volatilities[i] = result.ok ? result.volatility : NaN;
      }
    },
  };
  return {
    name: 'zomma, one option at a time',
    run: (task) => best(length, tasks[task]),
    results: (task) => (task === 'price' ? prices : volatilities),
    close() {
      // Nothing is held.
    },
  };
}
