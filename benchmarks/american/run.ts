/**
 * American puts: error and CPU microseconds of each preset for a price and for an implied volatility, beside QuantLib's QdFp engine
 * where it is installed.
 *
 *   npx tsc -p benchmarks/tsconfig.json && node dist/benchmarks/benchmarks/american/run.js [options]
 *
 *   --cases 400         puts
 *   --docs 2026-01-31   also writes docs/benchmarks-american.md, dated so
 *
 * Everything is measured in one run, so ratios mean more than figures. The loaders that run TypeScript directly are slower than the
 * compiled files.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { american, type Accuracy } from '../../src/pricing/american.js';
import { blackScholes } from '../../src/pricing/black-scholes.js';
import { mean, microsecondsOfEach, quantile } from '../calibration/measure.js';
import { americanCases, type Case } from './cases.js';
import { buildQuantLib, type Scheme } from './quantlib.js';

const { values } = parseArgs({ options: { cases: { type: 'string', default: '400' }, docs: { type: 'string' } } });
const cases = americanCases(Number(values.cases));

interface Row {
  name: string;
  error: readonly number[];
  microseconds: readonly number[];
}

function rootMeanSquare(errors: readonly number[]): number {
  return Math.sqrt(mean(errors.map((e) => e * e)));
}

function cells({ name, error, microseconds }: Row): string[] {
  const shown = (x: number): string => x.toExponential(1);
  const time = (x: number): string => (x >= 100 ? x.toFixed(0) : x.toFixed(1));
  return [
    name,
    time(quantile(microseconds, 0.5)),
    time(mean(microseconds)),
    shown(quantile(error, 0.5)),
    shown(rootMeanSquare(error)),
    shown(Math.max(...error)),
  ];
}

const text: string[] = [];

function table(title: string, rows: readonly Row[]): void {
  const lines = [
    `## ${title}`,
    '',
    '| | median µs | mean µs | median error | rms error | largest error |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${cells(row).join(' | ')} |`),
    '',
  ];
  text.push(...lines);
  console.log(lines.join('\n'));
}

function say(line: string): void {
  text.push(line);
  console.log(line);
}

const ACCURACIES: readonly Accuracy[] = ['fast', 'default', 'accurate'];
const SCHEMES: readonly Scheme[] = ['fast', 'accurate', 'high'];

/** Never the volatility of the call before: its edges of exercise are kept. The price is the same to 1e-10. */
let calls = 0;
function fresh(c: Case): Case {
  calls = (calls + 1) % 100;
  return { ...c, volatility: c.volatility * (1 + 1e-12 * calls) };
}

function ours(accuracy: Accuracy): Row {
  const option = (c: Case) => ({ type: 'put' as const, ...c });
  return {
    name: `zomma, ${accuracy}`,
    error: cases.map((c) => Math.abs(american.price(option(c), accuracy) - c.reference) / c.strike),
    microseconds: microsecondsOfEach(
      cases,
      (c) => american.price(option(fresh(c)), accuracy),
      accuracy === 'accurate' ? 4 : 20,
    ),
  };
}

/** A volatility says something where vega is more than a hundredth of the strike. */
const telling = cases.filter(
  (c) =>
    blackScholes.greeks({ type: 'put', ...c }).vega > 0.01 * c.strike &&
    c.reference - Math.max(c.strike - c.spot, 0) > 1e-3 * c.strike,
);

function oursImplied(accuracy: Accuracy): Row {
  const solve = (c: Case): number => {
    const found = american.impliedVolatility({ type: 'put', ...c }, c.reference, accuracy);
    return found.ok ? found.volatility : NaN;
  };
  return {
    name: `zomma, ${accuracy}`,
    error: telling.map((c) => Math.abs(solve(c) - c.volatility)),
    microseconds: microsecondsOfEach(telling, solve, accuracy === 'accurate' ? 2 : 5),
  };
}

const prices = ACCURACIES.map(ours);
const volatilities = ACCURACIES.map(oursImplied);
const peer = buildQuantLib();
const peerPrices: Row[] = [];
const peerVolatilities: Row[] = [];
if (typeof peer === 'string') say(`${peer}.`);
else {
  for (const scheme of SCHEMES) {
    const found = peer.run(cases, scheme, 'price');
    const kept = found.map(({ value }, i) => Math.abs(value - cases[i]!.reference) / cases[i]!.strike);
    peerPrices.push({
      name: `QuantLib QdFp, ${scheme}`,
      error: kept.filter((e) => !Number.isNaN(e)),
      microseconds: found.map(({ microseconds }) => microseconds),
    });
    const failed = kept.filter(Number.isNaN).length;
    if (failed > 0) say(`QuantLib's ${scheme} scheme threw on ${failed} of ${cases.length} puts.`);
    if (scheme === 'high') continue;
    const implied = peer.run(telling, scheme, 'volatility');
    peerVolatilities.push({
      name: `QuantLib QdFp, ${scheme}, Brent`,
      error: implied.map(({ value }, i) => Math.abs(value - telling[i]!.volatility)).filter((e) => !Number.isNaN(e)),
      microseconds: implied.map(({ microseconds }) => microseconds),
    });
  }
}
table('Price', [...prices, ...peerPrices]);
table('Implied volatility', [...volatilities, ...peerVolatilities]);

/** Sizes beside QuantLib's own three, from the roughest up: what its engine needs for an error is looked for among them. */
const SIZES: readonly Scheme[] = [
  ...(['5,1,4,15', '5,1,5,20', '7,1,6,24', '7,1,7,27', '7,2,6,20', '8,2,8,32', '9,3,9,32', '11,3,10,32'] as const),
  ...(['13,4,12,40', '16,4,14,48', '16,6,16,64', '20,6,16,64', '24,8,20,80', '32,10,24,100', '40,12,30,150'] as const),
];

/** Theirs, whole runs that threw on a put left out. */
const sized: Row[] = [...peerPrices];
const sizedVolatilities: Row[] = [...peerVolatilities];
if (typeof peer !== 'string') {
  for (const scheme of SIZES) {
    for (const [set, what, into] of [
      [cases, 'price', sized],
      [telling, 'volatility', sizedVolatilities],
    ] as const) {
      const found = peer.run(set, scheme, what);
      const error = found.map(({ value }, i) =>
        what === 'price' ? Math.abs(value - set[i]!.reference) / set[i]!.strike : Math.abs(value - set[i]!.volatility),
      );
      if (error.some(Number.isNaN)) continue;
      into.push({ name: `QuantLib QdFp, (${scheme})`, error, microseconds: found.map((one) => one.microseconds) });
    }
  }
  peer.close();
}

/** Of each of ours, the fastest of theirs that is no less accurate by root mean square. */
function compare(what: string, mine: readonly Row[], theirs: readonly Row[]): void {
  const shown = (error: readonly number[]): string => rootMeanSquare(error).toExponential(1);
  for (const row of mine) {
    const median = quantile(row.microseconds, 0.5);
    const equal = theirs
      .filter(({ error }) => rootMeanSquare(error) <= rootMeanSquare(row.error))
      .sort((a, b) => quantile(a.microseconds, 0.5) - quantile(b.microseconds, 0.5))[0];
    if (equal === undefined) {
      say(`- ${what}: none of theirs reaches the error of ${row.name}, ${shown(row.error)}.`);
      continue;
    }
    const time = quantile(equal.microseconds, 0.5);
    const verdict = time / median >= 5 ? 'target of 5 met' : 'target of 5 missed';
    say(
      `- ${what}: ${row.name} (${shown(row.error)}) is ${(time / median).toFixed(1)} times as fast as ${equal.name} (${shown(equal.error)}, ${time.toFixed(time < 100 ? 1 : 0)} µs), the fastest of theirs with no larger error: ${verdict}.`,
    );
  }
}
say(
  "QuantLib's own `fast` is a rougher scheme than any preset here; what its engine needs for the same error decides:\n",
);
compare('Price', prices, sized);
compare('Implied volatility', volatilities, sizedVolatilities);
say('');
const front = (rows: readonly Row[]): Row[] =>
  rows
    .filter((row) =>
      rows.every(
        (other) =>
          other === row ||
          rootMeanSquare(other.error) > rootMeanSquare(row.error) ||
          quantile(other.microseconds, 0.5) >= quantile(row.microseconds, 0.5),
      ),
    )
    .sort((a, b) => quantile(a.microseconds, 0.5) - quantile(b.microseconds, 0.5));
if (sized.length > 0) table('What their engine needs for an error: the sizes none beats', front(sized));

if (values.docs !== undefined) {
  const machine = `${cpus()[0]?.model ?? 'an unknown processor'}, Node ${process.versions.node}`;
  writeFileSync(
    'docs/benchmarks-american.md',
    `# American options: error and speed

${values.docs}, ${machine}${typeof peer === 'string' ? '' : `, ${peer.version}`}, one thread, other work on the machine. Written by

    npx tsc -p benchmarks/tsconfig.json && node dist/benchmarks/benchmarks/american/run.js --cases ${cases.length} --docs ${values.docs}

${cases.length} puts from a seeded generator: rates 0.5% to 12%, dividend yields from none to three times the rate, volatilities 8% to 80%, a
week to three years, spots within two standard deviations, all worth holding. Price errors are in units of the strike against a collocation
of 44 points; errors of volatility are in absolute volatility, over the ${telling.length} puts whose price says something about it. Times are CPU
microseconds of a call of the public function, checks and records included; of QuantLib its engine's inner routine is timed, without option, curves
or dates. Its implied volatility is Brent's method around that routine to 1e-9. Errors are compared by root mean square, over QuantLib's own
schemes and ${SIZES.length} other sizes of its Legendre scheme (nodes, steps, points of the boundary, nodes of the price).

${text.join('\n')}
`,
  );
}
