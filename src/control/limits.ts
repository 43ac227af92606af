/**
 * Limits on the figures of a report: each is a path to a number, a side, a level that warns and a level that must hold. A check says
 * how far the number is from the hard level and, where a delta is the trouble, the smallest trades of delta that bring it back there.
 *
 *   net delta of one underlying        the distance to the level, over the price of a unit
 *   sum |D_u S_u|, or over equity      the excess, taken from the largest deltas first: no smaller notional will do
 *   sum D_u S_u over equity            the excess, in the underlying with the most delta of that sign
 *
 * A perpetual costs nothing to enter and adds its delta alone, which is why the rest of the report stays as it is.
 */
import { requireArray, requireObject, requireOneOf, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import type { Exposure } from '../portfolio/exposure.js';

const OPERATORS = ['<=', '>=', 'abs<='] as const;

export interface Limit {
  /** Names of the fields down to a number, 'byUnderlying.BTC.deltaNotional'; an array where a name holds a dot. */
  metric: string | readonly string[];
  /** What the number must be against its level; 'abs<=' is its size. */
  op: (typeof OPERATORS)[number];
  /** Between this and `hard` the limit warns. */
  warn: number;
  hard: number;
  /** A number that is not there is a mistake ('error', where missing) or stands for nothing held ('zero'). */
  absent?: 'error' | 'zero' | undefined;
}

/** Delta of the underlying to buy, negative to sell: units at the price of the report, and what a contract in another quote is sized by. */
export interface DeltaTrade {
  underlying: string;
  units: number;
  /** In the numeraire, signed. */
  notional: number;
}

export interface LimitCheck {
  metric: string;
  value: number;
  status: 'ok' | 'warn' | 'breach';
  /** Distance to the hard level and to the one that warns, in the unit of the metric; negative beyond. */
  headroom: number;
  headroomToWarn: number;
  /** Of a breach of a limit on delta, where trades of delta can cure it. */
  cure?: DeltaTrade[] | undefined;
}

export interface LimitOptions {
  /** Least trade by underlying: cures are rounded up to whole lots. Any size where missing. */
  lots?: Readonly<Record<string, number>> | undefined;
}

/**
 * Checks in the order of the limits. A report is an exposure or any record that holds one's fields; numbers beyond all bounds may be
 * written as the strings 'Infinity' and '-Infinity'. Throws InputError for a metric that is not a number of the report, or a level that
 * warns later than it is hard.
 */
export function checkLimits(
  report: Readonly<object>,
  limits: readonly Limit[],
  { lots = {} }: LimitOptions = {},
): LimitCheck[] {
  requireObject('report', report);
  requireArray('limits', limits);
  return limits.map((limit, i) => {
    requireOneOf(`limits[${i}].op`, limit.op, OPERATORS);
    for (const level of ['warn', 'hard'] as const) {
      if (typeof limit[level] !== 'number' || Number.isNaN(limit[level])) {
        throw new InputError(`limits[${i}].${level}`, limit[level], 'a number');
      }
    }
    const side = limit.op === '>=' ? -1 : 1;
    if (side * limit.warn > side * limit.hard) {
      throw new InputError(`limits[${i}].warn`, limit.warn, `on the safe side of hard, ${limit.hard}`);
    }
    const path = typeof limit.metric === 'string' ? limit.metric.split('.') : limit.metric;
    const value = numberAt(report, path, limit.absent === 'zero', `limits[${i}].metric`);
    const measured = limit.op === 'abs<=' ? Math.abs(value) : value;
    const headroom = distance(side * limit.hard, side * measured);
    const headroomToWarn = distance(side * limit.warn, side * measured);
    const status = headroom < 0 ? 'breach' : headroomToWarn < 0 ? 'warn' : 'ok';
    const cure = status === 'breach' ? cureOf(report, path, limit, value, lots) : undefined;
    return { metric: path.join('.'), value, status, headroom, headroomToWarn, ...(cure && { cure }) };
  });
}

/** level - value, 0 where both are the same infinity. */
function distance(level: number, value: number): number {
  return level === value ? 0 : level - value;
}

function numberAt(report: object, path: readonly string[], zero: boolean, field: string): number {
  let found: unknown = report;
  for (const name of path) {
    const held = typeof found === 'object' && found !== null && Object.hasOwn(found, name);
    found = held ? (found as Record<string, unknown>)[name] : undefined;
  }
  if (found === undefined && zero) return 0;
  if (found === 'Infinity') return Infinity;
  if (found === '-Infinity') return -Infinity;
  if (typeof found !== 'number' || Number.isNaN(found)) {
    throw new InputError(field, path.join('.'), 'the path of a number in the report');
  }
  return found;
}

type Deltas = Pick<Exposure, 'byUnderlying' | 'equity'>;

function cureOf(
  report: object,
  path: readonly string[],
  { op, hard }: Limit,
  value: number,
  lots: Readonly<Record<string, number>>,
): DeltaTrade[] | undefined {
  if (!holdsDeltas(report) || !Number.isFinite(value)) return undefined;
  // Where the number has to go: the nearest that is allowed.
  const goal = op === 'abs<=' ? Math.sign(value) * hard : hard;
  const change = goal - value;
  if (!Number.isFinite(change) || (op === 'abs<=' && hard < 0)) return undefined;
  const [first = '', name = '', field = ''] = path;
  const leverage = report.equity > 0 ? report.equity : NaN;
  let trades: [underlying: string, notional: number][] | undefined;
  if (path.length === 3 && first === 'byUnderlying' && (field === 'units' || field === 'deltaNotional')) {
    const price = priceOf(report, name);
    trades = [[name, field === 'units' ? change * price : change]];
  } else if (path.length === 1 && (first === 'netDeltaNotional' || first === 'deltaLeverage')) {
    trades = lessDelta(report, first === 'deltaLeverage' ? change * leverage : change);
  } else if (path.length === 1 && first === 'effectiveLeverage') {
    const from = largest(report, -Math.sign(change));
    trades = from === undefined ? undefined : [[from, change * leverage]];
  }
  const rounded = trades?.map(([underlying, notional]) => inLots(report, underlying, notional, lots[underlying]));
  return rounded?.every(({ units }) => Number.isFinite(units)) === true ? rounded : undefined;
}

function holdsDeltas(report: object): report is Deltas {
  const { byUnderlying, equity } = report as Partial<Deltas>;
  return typeof byUnderlying === 'object' && typeof equity === 'number';
}

/** NaN where nothing is held: there is no price to read. */
function priceOf({ byUnderlying }: Deltas, name: string): number {
  const row = byUnderlying[name];
  return row === undefined || row.units === 0 ? NaN : row.deltaNotional / row.units;
}

/** The underlying with the most delta notional of a sign. */
function largest({ byUnderlying }: Deltas, sign: number): string | undefined {
  const rows = Object.entries(byUnderlying).filter(([, { deltaNotional }]) => sign * deltaNotional > 0);
  return rows.sort(([, a], [, b]) => sign * (b.deltaNotional - a.deltaNotional))[0]?.[0];
}

/** Takes `change`, below 0, off the sum of sizes, from the largest on. */
function lessDelta({ byUnderlying }: Deltas, change: number): [string, number][] | undefined {
  if (!(change < 0)) return undefined;
  let left = -change;
  const trades: [string, number][] = [];
  const rows = Object.entries(byUnderlying).sort(
    ([, a], [, b]) => Math.abs(b.deltaNotional) - Math.abs(a.deltaNotional),
  );
  for (const [name, { deltaNotional }] of rows) {
    if (left <= 0) break;
    const taken = Math.min(left, Math.abs(deltaNotional));
    trades.push([name, -Math.sign(deltaNotional) * taken]);
    left -= taken;
  }
  // What is left beyond rounding asks for less than no delta.
  return left > 1e-9 * -change ? undefined : trades;
}

function inLots(report: Deltas, underlying: string, notional: number, lot: number | undefined): DeltaTrade {
  const price = priceOf(report, underlying);
  const exact = notional / price;
  if (lot === undefined) return { underlying, units: exact, notional };
  const size = requirePositive(`lots.${underlying}`, lot);
  const units = Math.sign(exact) * Math.ceil(Math.abs(exact) / size - 1e-9) * size;
  return { underlying, units, notional: units * price };
}
