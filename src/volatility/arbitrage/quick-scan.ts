/**
 * A scan of g = (1 - k w'/(2w))^2 - (w'^2/4)(1/w + 1/4) + w''/2 on a grid, for any smile given by its derivatives. It can find
 * arbitrage and can never exclude it: what lies between the points or beyond them is not looked at, and so the result is no
 * certificate and has no verdict. certifyButterfly decides.
 */
import { requireFinite } from '../../check.js';
import { InputError } from '../../errors.js';
import type { TotalVariance } from '../smile/total-variance.js';
import { densityFactor } from './slice-density.js';

export interface QuickScan {
  label: 'grid-scan';
  /** Log-moneyness of the first and the last point, and how many points there were. */
  from: number;
  to: number;
  points: number;
  /** The lowest g seen and where. */
  lowest: { k: number; g: number };
  /** Points with w <= 0 or g < 0, and those where the smile gave no number. */
  violations: { k: number; g: number }[];
}

/**
 * Scans `points` (default 401) log-moneynesses from `from` to `to` (default -1.5 .. 1.5). Where w <= 0 g is reported as -Infinity.
 * Throws InputError unless from < to are finite and there are at least 2 points.
 */
export function quickScan(
  smile: (k: number) => TotalVariance,
  o: { from?: number | undefined; to?: number | undefined; points?: number | undefined } = {},
): QuickScan {
  const from = requireFinite('from', o.from ?? -1.5);
  const to = requireFinite('to', o.to ?? 1.5);
  const points = o.points ?? 401;
  if (!(from < to)) throw new InputError('to', to, 'above from');
  if (!(Number.isInteger(points) && points >= 2)) throw new InputError('points', points, 'an integer, 2 or more');
  const violations: QuickScan['violations'] = [];
  let lowest = { k: from, g: Infinity };
  for (let i = 0; i < points; i++) {
    const k = from + ((to - from) * i) / (points - 1);
    const { w, dw, d2w } = smile(k);
    const g = w > 0 ? densityFactor(k, w, dw, d2w) : -Infinity;
    if (!(g >= lowest.g)) lowest = { k, g };
    if (!(g >= 0)) violations.push({ k, g });
  }
  return { label: 'grid-scan', from, to, points, lowest, violations };
}
