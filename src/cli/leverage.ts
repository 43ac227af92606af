/** `zomma leverage`: how much leverage the limits allow, and which of them binds. */
import { liquidationLeverageCap, maxLeverage, tightestCap } from '../control/max-leverage.js';
import type { LeverageCap } from '../control/max-leverage.js';
import { marginCallProbability } from '../risk/margin-call.js';
import { textTable } from '../report/text-table.js';
import { writeText } from './files.js';
import type { LeverageArguments } from './grammar/leverage.js';
import type { Streams } from './streams.js';

export function leverage(args: LeverageArguments, streams: Streams): void {
  const { side, volatility, days } = args;
  const { target, binding, caps: sorted } = tightestCap(capsOf(args));
  const rows = sorted.map(({ name, limit }) => ({
    name,
    limit,
    accountVolatility: limit * volatility,
    liquidationProbability: liquidationProbability(limit, args),
  }));
  streams.stdout.write(`leverage ${target.toFixed(2)}, ${side}: the ${binding} binds\n\n`);
  streams.stdout.write(
    `${textTable(
      [
        { header: ['limit'], align: 'left' },
        { header: ['leverage'], align: 'right' },
        { header: ['volatility', 'of the account'], align: 'right' },
        { header: ['liquidated', `within ${days} days`], align: 'right' },
      ],
      rows.map((row) => [
        row.name,
        row.limit.toFixed(2),
        `${(100 * row.accountVolatility).toFixed(1)}%`,
        `${(100 * row.liquidationProbability).toFixed(2)}%`,
      ]),
    )}\n`,
  );
  const moves = sensitivities(args);
  streams.stdout.write(
    `\n${textTable(
      [
        { header: ['leverage, where'], align: 'left' },
        { header: [`is ${100 * STEP}%`, 'smaller'], align: 'right' },
        { header: [`is ${100 * STEP}%`, 'larger'], align: 'right' },
      ],
      moves.map(({ name, smaller, larger }) => [name, shown(smaller, binding), shown(larger, binding)]),
    )}\n`,
  );
  const { json, ...inputs } = args;
  if (json !== undefined) {
    const record = { schema: 1, ...inputs, leverage: target, binding, caps: rows, sensitivities: moves };
    writeText('--json', json, `${JSON.stringify(record, null, 2)}\n`);
    streams.stdout.write(`\nlimits written to ${json}\n`);
  }
}

function capsOf(args: LeverageArguments): LeverageCap[] {
  const { side, volatility, maintenance: maintenanceRate, days } = args;
  const horizonYears = days / 365;
  const caps: LeverageCap[] = [];
  const add = (name: string, value: number | undefined, limit: (value: number) => number): void => {
    if (value !== undefined) caps.push({ name, limit: limit(value) });
  };
  add('volatility target', args.target, (target) => target / volatility);
  add('survival of the shock', args.shock, (shock) => maxLeverage({ shock, maintenanceRate, side }).target);
  add('liquidation probability', args.probability, (probability) =>
    liquidationLeverageCap({ probability, volatility, horizonYears, maintenanceRate, side }),
  );
  add('initial margin', args.initial, (initial) => 1 / initial);
  add('own maximum', args.maximum, (maximum) => maximum);
  return caps;
}

const STEP = 0.2;
const INPUTS = ['volatility', 'target', 'maintenance', 'shock', 'probability', 'days', 'initial', 'maximum'] as const;

interface Answer {
  leverage: number;
  binding: string;
}

/** The answer with one input at a time a fifth smaller and larger; none where that is beyond what the input can be. */
function sensitivities(args: LeverageArguments): { name: string; smaller?: Answer; larger?: Answer }[] {
  const at = (name: (typeof INPUTS)[number], factor: number): Answer | undefined => {
    const value = args[name]! * factor;
    const most =
      name === 'probability' || name === 'maintenance' || (name === 'shock' && args.side === 'long') ? 1 : Infinity;
    if (value >= most) return undefined;
    const { target, binding } = tightestCap(capsOf({ ...args, [name]: value }));
    return { leverage: target, binding };
  };
  return INPUTS.filter((name) => args[name] !== undefined && isUsed(name, args)).map((name) => {
    const [smaller, larger] = [at(name, 1 - STEP), at(name, 1 + STEP)];
    return { name, ...(smaller && { smaller }), ...(larger && { larger }) };
  });
}

/** Inputs that come with a default count only where a limit asks for them. */
function isUsed(name: (typeof INPUTS)[number], { target, shock, probability }: LeverageArguments): boolean {
  if (name === 'volatility') return target !== undefined || probability !== undefined;
  if (name === 'maintenance') return shock !== undefined || probability !== undefined;
  return name !== 'days' || probability !== undefined;
}

/** With what binds, where that is another limit than before. */
function shown(answer: Answer | undefined, binding: string): string {
  if (answer === undefined) return '';
  const other = answer.binding === binding ? '' : ` (${answer.binding})`;
  return answer.leverage.toFixed(2) + other;
}

/** Within the horizon, without drift, at a leverage. */
function liquidationProbability(size: number, args: LeverageArguments): number {
  const { side, volatility, maintenance, days } = args;
  const long = side === 'long';
  const barrier = long ? (size - 1) / (size * (1 - maintenance)) : (size + 1) / (size * (1 + maintenance));
  if (barrier <= 0) return 0;
  if (long ? barrier >= 1 : barrier <= 1) return 1;
  return marginCallProbability({
    ...{ spot: 1, barrier, volatility, horizonYears: days / 365, drift: 0 },
    side: long ? 'lower' : 'upper',
  }).path;
}
