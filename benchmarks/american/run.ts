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

function ours(accuracy: Accuracy): Row {
  const option = (c: Case) => ({ type: 'put' as const, ...c });
  return {
    name: `zomma, ${accuracy}`,
    error: cases.map((c) => Math.abs(american.price(option(c), accuracy) - c.reference) / c.strike),
    microseconds: microsecondsOfEach(
      cases,
      (c) => american.price(option(c), accuracy),
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
  peer.close();
}
table('Price', [...prices, ...peerPrices]);
table('Implied volatility', [...volatilities, ...peerVolatilities]);

/** The fastest of ours that is no less accurate by root mean square, against each of theirs. */
function compare(what: string, mine: readonly Row[], theirs: readonly Row[]): void {
  for (const row of theirs) {
    const best = mine.find(({ error }) => rootMeanSquare(error) <= rootMeanSquare(row.error));
    if (best === undefined) {
      say(`- ${what}: none of ours reaches the error of ${row.name}.`);
      continue;
    }
    const ratio = quantile(row.microseconds, 0.5) / quantile(best.microseconds, 0.5);
    const verdict = ratio >= 5 ? 'target of 5 met' : 'target of 5 missed';
    say(
      `- ${what}: ${best.name} is ${ratio.toFixed(1)} times as fast as ${row.name}, with no larger error: ${verdict}.`,
    );
  }
}
compare('Price', prices, peerPrices);
compare('Implied volatility', volatilities, peerVolatilities);

if (values.docs !== undefined) {
  const machine = `${cpus()[0]?.model ?? 'an unknown processor'}, Node ${process.versions.node}`;
  writeFileSync(
    'docs/benchmarks-american.md',
    `# American options: error and speed

${values.docs}, ${machine}${typeof peer === 'string' ? '' : `, ${peer.version}`}, one thread, other work on the machine. Written by

    npx tsc -p benchmarks/tsconfig.json && node dist/benchmarks/benchmarks/american/run.js --docs ${values.docs}

${cases.length} puts from a seeded generator: rates 0.5% to 12%, dividend yields from none to three times the rate, volatilities 8% to 80%, a
week to three years, spots within two standard deviations, all worth holding. Price errors are in units of the strike against a collocation
of 44 points; errors of volatility are in absolute volatility, over the ${telling.length} puts whose price says something about it. Times are CPU
microseconds of a call of the public function, checks and records included; of QuantLib its engine's inner routine is timed, without option, curves
or dates. Its implied volatility is Brent's method around that routine to 1e-9.

${text.join('\n')}
`,
  );
}
