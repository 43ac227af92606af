/**
 * Variance from the open, high, low and close of each period: several times sharper than from closes alone. Logarithms, one period:
 *
 *   u = ln(H/O),  d = ln(L/O),  c = ln(C/O),  o = ln(O / previous C)
 *   Parkinson        (u - d)^2 / (4 ln 2)                           no drift, no gaps
 *   Garman-Klass     (u - d)^2 / 2 - (2 ln 2 - 1) c^2               no drift, no gaps
 *   Rogers-Satchell  u (u - c) + d (d - c)                          any drift, no gaps
 *   Yang-Zhang       var(o) + k var(c) + (1 - k) Rogers-Satchell,   k = 0.34/(1.34 + (n+1)/(n-1)); any drift, gaps
 *
 * Prices watched now and then miss the extremes, which makes all of them too low. Parkinson (1980), Garman and Klass (1980), Rogers
 * and Satchell (1991), Yang and Zhang (2000).
 */
import { requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { logRatio } from '../../math/logarithm.js';
import { compensatedSum } from '../../math/sum.js';

export interface OhlcBar {
  open: number;
  high: number;
  low: number;
  close: number;
}

const LN2 = 0.6931471805599453;

/** Mean variance of one period. Throws InputError on no bars, a price not above 0 or a high or low inside open and close. */
export function parkinsonVariance(bars: readonly OhlcBar[]): number {
  return meanOf(bars, ({ high, low }) => {
    const range = logRatio(high, low);
    return (range * range) / (4 * LN2);
  });
}

/** Mean variance of one period. Throws as {@link parkinsonVariance}. */
export function garmanKlassVariance(bars: readonly OhlcBar[]): number {
  return meanOf(bars, ({ open, high, low, close }) => {
    const range = logRatio(high, low);
    const move = logRatio(close, open);
    return 0.5 * range * range - (2 * LN2 - 1) * move * move;
  });
}

/** Mean variance of one period. Throws as {@link parkinsonVariance}. */
export function rogersSatchellVariance(bars: readonly OhlcBar[]): number {
  return meanOf(bars, rogersSatchell);
}

/**
 * Variance of one period from close to close, gaps included. The first bar gives only its close. Throws as {@link parkinsonVariance},
 * and below three bars.
 */
export function yangZhangVariance(bars: readonly OhlcBar[]): number {
  if (bars.length < 3) throw new InputError('bars.length', bars.length, '3 or more');
  bars.forEach(requireBar);
  const days = bars.slice(1);
  const n = days.length;
  const k = 0.34 / (1.34 + (n + 1) / (n - 1));
  const overnight = days.map(({ open }, i) => logRatio(open, bars[i]!.close));
  const session = days.map(({ open, close }) => logRatio(close, open));
  return sampleVariance(overnight) + k * sampleVariance(session) + (1 - k) * meanOf(days, rogersSatchell);
}

function rogersSatchell({ open, high, low, close }: OhlcBar): number {
  return logRatio(high, close) * logRatio(high, open) + logRatio(low, close) * logRatio(low, open);
}

function sampleVariance(values: readonly number[]): number {
  const mean = compensatedSum(values) / values.length;
  return compensatedSum(values.map((value) => (value - mean) * (value - mean))) / (values.length - 1);
}

function meanOf(bars: readonly OhlcBar[], variance: (bar: OhlcBar) => number): number {
  if (bars.length === 0) throw new InputError('bars.length', 0, 'above 0');
  bars.forEach(requireBar);
  return compensatedSum(bars.map(variance)) / bars.length;
}

function requireBar({ open, high, low, close }: OhlcBar, i: number): void {
  requirePositive(`bars[${i}].open`, open);
  requirePositive(`bars[${i}].close`, close);
  requirePositive(`bars[${i}].low`, low);
  requirePositive(`bars[${i}].high`, high);
  const [least, most] = [Math.min(open, close), Math.max(open, close)];
  if (high < most) throw new InputError(`bars[${i}].high`, high, `${most}, the higher of open and close, or more`);
  if (low > least) throw new InputError(`bars[${i}].low`, low, `${least}, the lower of open and close, or less`);
}
