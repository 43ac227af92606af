/** The cells of a book's ladder summed along one of its axes. */
import type { LadderRow } from './exposure-figures.js';

/** One row an underlying and step of the axis: underlyings as they come, steps rising, what has none last. The other axis is the first summed cell's. */
export function ladderBy(ladder: readonly LadderRow[], axis: 'expiry' | 'delta'): LadderRow[] {
  const sums = new Map<string, LadderRow>();
  for (const row of ladder) {
    const key = `${row.underlying}\n${row[axis]}`;
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? { ...row } : added(sum, row));
  }
  const names = [...new Set(ladder.map(({ underlying }) => underlying))];
  const rank = (row: LadderRow): number => names.indexOf(row.underlying) * 1e6 + step(row[axis]);
  return [...sums.values()].sort((one, other) => rank(one) - rank(other));
}

function added(sum: LadderRow, row: LadderRow): LadderRow {
  return {
    ...sum,
    cashDelta: sum.cashDelta + row.cashDelta,
    gammaPerPercent: sum.gammaPerPercent + row.gammaPerPercent,
    vegaPerPoint: sum.vegaPerPoint + row.vegaPerPoint,
    thetaPerDay: sum.thetaPerDay + row.thetaPerDay,
  };
}

/** The number a step's name begins with: 'up to 7 days' just before '7 to 30 days', 'none' last. */
function step(name: string): number {
  const [, first = '', number = 'Infinity'] = /^(\D*)([\d.]+)/.exec(name) ?? [];
  const open = first.startsWith('up') || first.startsWith('below') ? -1e-6 : first === '' ? 0 : 1e-6;
  return Math.min(Number(number) + open, 1e5);
}
