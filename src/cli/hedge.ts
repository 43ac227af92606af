/** `zomma hedge`: the cheapest trades that bring Greeks within their tolerances, and the price of each Greek. */
import { requireArray, requireFinite, requireObject, requireText } from '../check.js';
import { hedgeInteger } from '../control/hedge/hedge-integer.js';
import { hedgeLp } from '../control/hedge/hedge-lp.js';
import type { HedgeProblem } from '../control/hedge/problem.js';
import { textTable } from '../report/text-table.js';
import { CommandError } from './command-error.js';
import { explain, readText, writeText } from './files.js';
import type { HedgeArguments } from './grammar/hedge.js';
import type { Streams } from './streams.js';

interface Named {
  problem: HedgeProblem;
  greeks: string[];
  instruments: string[];
  lots?: number[] | undefined;
}

/** True where there is a hedge. Throws CommandError or InputError on what cannot be read. */
export async function hedge(args: HedgeArguments, streams: Streams): Promise<boolean> {
  const { problem, greeks, instruments, lots } = explain(args.file, () => readProblem(readText(args.file)));
  const answer = lots === undefined ? await hedgeLp(problem) : hedgeInteger({ ...problem, lots });
  if (args.json !== undefined) {
    const record = { schema: 1, greeks, instruments, ...answer };
    writeText('--json', args.json, `${JSON.stringify(record, null, 2)}\n`);
  }
  if (!answer.ok) {
    const short = answer.relaxations.map(({ row, by }) => `${greeks[row] ?? row} stays outside by ${String(by)}`);
    streams.stderr.write(`zomma: no hedge: ${[answer.message, ...short].join('; ')}\n`);
    return false;
  }
  const column = (header: string) => ({ header: [header], align: 'right' as const });
  const trades = instruments.map((name, j) => [name, figure(answer.trades[j]!), figure(problem.cost[j]!)]);
  streams.stdout.write(`cost ${figure(answer.cost)}${lots === undefined ? '' : ', in whole lots'}\n\n`);
  streams.stdout.write(
    `${textTable([{ header: ['instrument'], align: 'left' }, column('units'), column('cost per unit')], trades)}\n\n`,
  );
  const duals = 'duals' in answer ? answer.duals : undefined;
  const rows = greeks.map((name, i) => [
    name,
    figure(problem.current[i]!),
    figure(problem.target[i]! + answer.residual[i]!),
    duals === undefined ? '' : figure(duals[i]!),
  ]);
  const header = [{ header: ['Greek'], align: 'left' as const }, column('before'), column('after'), column('price')];
  streams.stdout.write(`${textTable(duals === undefined ? header.slice(0, 3) : header, rows)}\n`);
  return true;
}

function readProblem(text: string): Named {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CommandError('not JSON');
  }
  const file = requireObject('the file', json);
  const greeks = requireArray('greeks', file['greeks']).map((row, i) => requireObject(`greeks[${i}]`, row));
  const instruments = requireArray('instruments', file['instruments']).map((row, i) =>
    requireObject(`instruments[${i}]`, row),
  );
  const number = (field: string, value: unknown, usual: number): number =>
    value === undefined ? usual : requireFinite(field, value);
  const perUnit = instruments.map((row, j) => requireArray(`instruments[${j}].greeks`, row['greeks']));
  const whole = instruments.length > 0 && instruments.every((row) => row['lot'] !== undefined);
  return {
    greeks: greeks.map((row, i) => requireText(`greeks[${i}].name`, row['name'])),
    instruments: instruments.map((row, j) => requireText(`instruments[${j}].name`, row['name'])),
    lots: whole ? instruments.map((row, j) => requireFinite(`instruments[${j}].lot`, row['lot'])) : undefined,
    problem: {
      greeks: greeks.map((_, i) => perUnit.map((row, j) => requireFinite(`instruments[${j}].greeks[${i}]`, row[i]))),
      current: greeks.map((row, i) => requireFinite(`greeks[${i}].current`, row['current'])),
      target: greeks.map((row, i) => number(`greeks[${i}].target`, row['target'], 0)),
      tolerance: greeks.map((row, i) => number(`greeks[${i}].tolerance`, row['tolerance'], 0)),
      cost: instruments.map((row, j) => requireFinite(`instruments[${j}].cost`, row['cost'])),
      lower: instruments.map((row, j) => number(`instruments[${j}].lower`, row['lower'], -Infinity)),
      upper: instruments.map((row, j) => number(`instruments[${j}].upper`, row['upper'], Infinity)),
    },
  };
}

/** Six digits, without trailing zeros. */
function figure(value: number): string {
  return String(Number(value.toPrecision(6)));
}
