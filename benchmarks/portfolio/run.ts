/**
 * What the exposure of a book costs, by its size, on 2,000 instruments.
 *
 *   npx tsc -p benchmarks/tsconfig.json && node dist/benchmarks/benchmarks/portfolio/run.js [--docs 2026-01-31]
 *
 * --docs writes benchmarks/portfolio/README.md, dated so.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { growth, INSTRUMENTS, measureBook } from './cases.js';

const { values } = parseArgs({ options: { docs: { type: 'string' } } });
const figures = ['greeks', 'exposure', 'ladder'] as const;

// Each once before any is timed, so that the first is not charged for compilation.
measureBook(10_000, 3);
const timings = [
  [1000, 20],
  [10_000, 10],
  [100_000, 3],
].map(([count = 0, repeats = 0]) => measureBook(count, repeats));

const rows = timings.map((timing) => {
  const cells = figures.flatMap((figure) => [
    (timing[figure] / 1000).toFixed(1),
    (timing[figure] / timing.positions).toFixed(2),
  ]);
  return `| ${[timing.positions.toLocaleString('en'), timing.instruments.toLocaleString('en'), ...cells].join(' | ')} |`;
});
const [, middle, large] = timings;
const slopes = figures.map((figure) => `${figure} ${growth(middle!, large!, figure).toFixed(2)}`).join(', ');
const table = `| positions | instruments | net Greeks, ms | us a position | exposure, ms | us a position | ladder, ms | us a position |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

Growth of the cost from 10,000 to 100,000 positions, as a power of their number: ${slopes}.`;
console.log(table);

if (values.docs !== undefined) {
  const machine = `${cpus()[0]?.model ?? 'an unknown processor'}, Node ${process.versions.node}`;
  writeFileSync(
    'benchmarks/portfolio/README.md',
    `# What the exposure of a book costs

${values.docs}, ${machine}, one thread, other work on the machine. Written by

    npx tsc -p benchmarks/tsconfig.json && node dist/benchmarks/benchmarks/portfolio/run.js --docs ${values.docs}

Books of positions on ${INSTRUMENTS.toLocaleString('en')} inverse options and futures of one coin (20 expiries with SVI smiles), from plain records to the figure: positions
are checked, each instrument is priced once with its seventeen Greeks, positions are summed. CPU time, median of five passes. An instrument
costs more than a position, so that the cost of a position falls until there are many more positions than instruments.

${table}
`,
  );
}
