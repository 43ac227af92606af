/**
 * Prices, Greeks and implied volatilities: what a row costs, engine beside engine in one run, and how wrong the results are.
 *
 *   npm run bench [-- --rows 20000 --rounds 9 --date 2026-01-31]
 *
 * Engines take turns in every round; figures are medians over the rounds, with the quartiles. Writes benchmarks/results/pricing.json
 * where a date is given.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createBatch } from '../../src/pricing/batch/index.js';
import { bytesPerRow } from '../../src/pricing/batch/columns.js';
import { ulp } from '../../src/math/ulp.js';
import { otmBlackValue } from '../../test/reference/values.js';
import { real, type Real } from '../../test/reference/real.js';
import { quantile } from '../calibration/measure.js';
import { cpuNanoseconds, randomRows, TASKS, type Engine, type Rows, type Task } from './cases.js';
import { nativeKernel } from './native-kernel.js';
import { npmEngines } from './npm-peers.js';
import { buildQuantLib } from './quantlib.js';
import { batchEngine, chainEngine, scalarEngine } from './zomma.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '9' },
    date: { type: 'string' },
  },
});

const WARM_UP = 20;

interface Timing {
  engine: string;
  task: Task;
  median: number;
  quartiles: [number, number];
}

function timings(engines: readonly Engine[], rounds: number): Timing[] {
  for (const engine of engines) {
    if (!engine.name.startsWith('zomma')) continue;
    for (const task of TASKS) for (let i = 0; i < WARM_UP; i++) engine.run(task);
  }
  const times = engines.map(() => TASKS.map((): number[] => []));
  for (let round = 0; round < rounds; round++) {
    TASKS.forEach((task, t) => {
      engines.forEach((engine, e) => {
        const time = engine.run(task);
        if (time !== undefined) times[e]![t]!.push(time);
      });
    });
  }
  return engines.flatMap(({ name }, e) =>
    TASKS.flatMap((task, t) => {
      const list = times[e]![t]!;
      if (list.length === 0) return [];
      return [
        {
          engine: name,
          task,
          median: quantile(list, 0.5),
          quartiles: [quantile(list, 0.25), quantile(list, 0.75)] as [number, number],
        },
      ];
    }),
  );
}

interface Accuracy {
  engine: string;
  /** Worst relative error of out-of-the-money values above 1e-280. */
  price: number;
  /** Worst relative error of the volatility of rows it solved whose price determines it to 1e-13, and of those out of the money. */
  impliedVolatility: number;
  outOfTheMoney: number;
  /** Worst distance to the exact volatility of the price as given, in units of what half an ulp of that price says, and an ulp of the result. */
  resolutions: number;
  /** Out-of-the-money values of at least a millionth of the forward that are off by more than 1e-6 of themselves. */
  wrongPrices: number;
  judgedPrices: number;
  /** Rows solved wrongly, by more than 1e-6, or not at all, of those. */
  wrong: number;
  judged: number;
}

const known = new Map<number, [Real, Real]>();

/** The out-of-the-money value of a row and the intrinsic value of the other, discounted. */
function exactValues({ forward, strike, timeToExpiry, volatility, rate }: Rows, i: number): [Real, Real] {
  const found = known.get(i);
  if (found !== undefined) return found;
  const [F, K, T] = [forward[i]!, strike[i]!, timeToExpiry[i]!];
  const discountFactor = real(rate[i]!).mul(real(T)).neg().exp();
  const values: [Real, Real] = [
    otmBlackValue(F, K, volatility[i]!, T).mul(discountFactor),
    real(F).sub(real(K)).abs().mul(discountFactor),
  ];
  known.set(i, values);
  return values;
}

/** Against 80 digits, on the first rows. */
function accuracy(engine: Engine, rows: Rows, count: number): Accuracy {
  const prices = engine.results('price');
  const volatilities = engine.results('implied');
  const result = {
    engine: engine.name,
    price: 0,
    wrongPrices: 0,
    judgedPrices: 0,
    impliedVolatility: 0,
    outOfTheMoney: 0,
    resolutions: 0,
    wrong: 0,
    judged: 0,
  };
  for (let i = 0; i < count; i++) {
    const [F, K, T, sigma, r] = [
      rows.forward[i]!,
      rows.strike[i]!,
      rows.timeToExpiry[i]!,
      rows.volatility[i]!,
      rows.rate[i]!,
    ];
    const isOut = F < K === (rows.isCall[i] === 1);
    const [exact, intrinsic] = exactValues(rows, i);
    if (isOut && exact.gt('1e-280')) {
      const error = Math.abs(real(prices[i]!).div(exact).sub(1).toNumber());
      result.price = Math.max(result.price, error);
      if (exact.gt(1e-6 * F)) {
        result.judgedPrices++;
        if (!(error <= 1e-6)) result.wrongPrices++;
      }
    }
    const s = sigma * Math.sqrt(T);
    const d1 = Math.log(F / K) / s + s / 2;
    const vega = F * Math.exp(-r * T - 0.5 * d1 * d1) * Math.sqrt(T / (2 * Math.PI));
    const price = rows.price[i]!;
    const halfUlp = (0.5 * ulp(price)) / vega;
    if (!(halfUlp / sigma < 5e-14)) continue;
    result.judged++;
    const error = Math.abs(volatilities[i]! / sigma - 1);
    if (!(error < 1e-6)) {
      result.wrong++;
      continue;
    }
    const value = isOut ? exact : exact.add(intrinsic);
    // The price was rounded: its own volatility is this much above the one it was made from.
    const moved = real(price).sub(value).toNumber() / vega;
    const off = Math.abs(volatilities[i]! - sigma - moved) / (halfUlp + ulp(sigma));
    result.impliedVolatility = Math.max(result.impliedVolatility, error);
    if (isOut) result.outOfTheMoney = Math.max(result.outOfTheMoney, error);
    result.resolutions = Math.max(result.resolutions, off);
  }
  return result;
}

/** What a price costs in batches of one row to ten million, both backends. */
function growth(): { rows: number; simd: number; scalar: number }[] {
  return [1, 4, 16, 64, 256, 1024, 1e4, 1e5, 1e6, 1e7].map((count) => {
    const [simd, scalar] = (['simd', 'scalar'] as const).map((backend) => {
      const batch = createBatch(count, { model: 'black76', backend });
      const few = randomRows(Math.min(count, 10_000), 3);
      for (let i = 0; i < count; i += few.strike.length) {
        const part = few.strike.subarray(0, Math.min(few.strike.length, count - i));
        batch.strike.set(part, i);
        batch.timeToExpiry.set(few.timeToExpiry.subarray(0, part.length), i);
        batch.volatility.set(few.volatility.subarray(0, part.length), i);
      }
      batch.spot.fill(100);
      batch.price();
      const calls = Math.max(1, Math.ceil(1e6 / count));
      const times = [1, 2, 3].map(() => {
        const begin = cpuNanoseconds();
        for (let call = 0; call < calls; call++) batch.price();
        return (cpuNanoseconds() - begin) / calls / count;
      });
      batch.dispose();
      return Math.min(...times);
    });
    return { rows: count, simd: simd!, scalar: scalar! };
  });
}

const rows = randomRows(Number(values.rows), 1);
const seed = batchEngine(rows, 'scalar');
seed.run('price');
rows.price.set(seed.results('price'));

const engines = [
  batchEngine(rows, 'simd'),
  batchEngine(rows, 'scalar'),
  chainEngine(rows),
  scalarEngine(rows),
  ...npmEngines(rows),
];
const quantLib = buildQuantLib(rows);
if (typeof quantLib === 'string') console.log(quantLib);
else {
  const flags = ['-O3', '-march=native'];
  engines.push(
    quantLib,
    nativeKernel(rows, "the kernel's operations, g++", [...flags, '-ffp-contract=off']),
    nativeKernel(rows, "the kernel's operations, g++ with FMA", [...flags, '-ffp-contract=fast']),
  );
}

const times = timings(engines, Number(values.rounds));
for (const { engine, task, median, quartiles } of times) {
  const peer = times.find((other) => other.engine.startsWith('QuantLib') && other.task === task);
  const ratio = peer === undefined ? '' : `  ${(peer.median / median).toFixed(2)} x`;
  console.log(
    `${engine.padEnd(46)} ${task.padEnd(8)} ${median.toFixed(1).padStart(8)} ns (${quartiles.map((q) => q.toFixed(1)).join(' to ')})${ratio}`,
  );
}
const errors = engines
  .filter(({ name }) => !name.startsWith('zomma chain'))
  .map((engine) => accuracy(engine, rows, Math.min(2000, engine.count ?? rows.strike.length)));
for (const { engine, price, wrongPrices, judgedPrices, wrong, judged, ...volatility } of errors) {
  console.log(
    `${engine.padEnd(46)} price ${price.toExponential(1)}, ${wrongPrices} of ${judgedPrices} wrong, implied volatility ${volatility.impliedVolatility.toExponential(1)}, out of the money ${volatility.outOfTheMoney.toExponential(1)}, ${volatility.resolutions.toFixed(1)} of what the price resolves, ${wrong} of ${judged} wrong`,
  );
}
const sizes = growth();
for (const { rows: count, simd, scalar } of sizes) {
  console.log(`${count} rows: ${simd.toFixed(1)} ns simd, ${scalar.toFixed(1)} ns scalar`);
}
console.log(`${bytesPerRow(false)} bytes a row in a batch, ${bytesPerRow(true)} in a chain`);
for (const engine of engines) engine.close();

if (values.date !== undefined) {
  const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.versions.node };
  mkdirSync('benchmarks/results', { recursive: true });
  writeFileSync(
    'benchmarks/results/pricing.json',
    `${JSON.stringify({ date: values.date, machine, command: 'npm run bench', rows: rows.strike.length, times, errors, sizes }, null, 2)}\n`,
  );
}
