/**
 * The fair strike of continuously monitored variance, by the log contract in the variable z = -d2(k):
 *
 *   E[-2 ln(S_T/F)] = integral of w(k) n(d2(k)) d(-d2(k)),   d2 = -k/sqrt(w) - sqrt(w)/2
 *
 * Gatheral, "The Volatility Surface" (2006), chapter 11; equal to the replication by out-of-the-money options.
 */
import { InputError } from '../../errors.js';
import { normalPdf } from '../../math/normal.js';
import { integrate } from '../../math/quadrature.js';
import { isSvi } from '../smile/smile.js';
import type { TotalVariance } from '../smile/total-variance.js';
import type { SurfaceData } from './surface-data.js';

/** n(z) is below 1e-20 beyond. */
const farthest = 9.6;

type Smile = (k: number) => Pick<TotalVariance, 'w' | 'dw'>;

/**
 * Expected total variance, to about 1e-13 relative, of a smile whose wings grow slower than 2 |k|; undefined where d2 does not
 * fall from one tail of the normal law to the other, so that there is no distribution to take the expectation of.
 */
export function expectedTotalVariance(smileAt: Smile, breaks: readonly number[] = []): number | undefined {
  if ([-1, 0, 1].every((k) => smileAt(k).w === 0)) return 0;
  return againstDensity(smileAt, breaks, 1e-13, (k) => {
    const { w, dw } = smileAt(k);
    const root = Math.sqrt(w);
    return w * (1 / root - (k * dw) / (2 * w * root) + dw / (4 * root));
  });
}

/**
 * Its derivative when the total variance at every k moves by change(k): the options of the replication move by their vega,
 *
 *   dE = integral of change(k) n(d2) / sqrt(w) dk
 */
export function expectedVarianceChange(
  smileAt: Smile,
  change: (k: number) => number,
  breaks: readonly number[] = [],
): number | undefined {
  return againstDensity(smileAt, breaks, 1e-9, (k) => change(k) / Math.sqrt(smileAt(k).w));
}

/** The integral of f(k) n(d2(k)) over all k where n(d2) is something. */
function againstDensity(
  smileAt: Smile,
  breaks: readonly number[],
  tolerance: number,
  f: (k: number) => number,
): number | undefined {
  const scale = Math.sqrt(smileAt(0).w);
  const lower = tail(smileAt, -scale);
  const upper = tail(smileAt, scale);
  if (lower === undefined || upper === undefined) return undefined;
  const integrand = (k: number): number => {
    const root = Math.sqrt(smileAt(k).w);
    return normalPdf(-k / root - 0.5 * root) * f(k);
  };
  return integrate(integrand, lower, upper, tolerance, [0, ...breaks]).value;
}

/** Fair volatility of a swap on the smile's variance. Throws InputError where a wing has arbitrage. */
export function swapStrike(smileAt: Smile, centres: readonly number[], timeToExpiry: number): number {
  const variance = expectedTotalVariance(smileAt, centres);
  if (variance === undefined) {
    throw new InputError('timeToExpiry', timeToExpiry, 'a time at which the wings of the smile are free of arbitrage');
  }
  return Math.sqrt(variance / timeToExpiry);
}

/** Where the slices of a surface bend most. */
export function smileCentres({ slices }: SurfaceData): number[] {
  return slices.flatMap(({ parameters }) => (isSvi(parameters) ? [parameters.m] : []));
}

/**
 * The first of the points k, 1.5 k, .. where n(d2) is nothing any more; undefined where d2 turns back before, or d1 there, as
 * it does in a right wing so steep that calls of any strike keep a value.
 */
function tail(smileAt: Smile, from: number): number | undefined {
  const side = Math.sign(from);
  let before = -Infinity;
  let innerBefore = -Infinity;
  for (let k = from; Math.abs(k) < 1e12; k *= 1.5) {
    const root = Math.sqrt(smileAt(k).w);
    const reach = side * (k / root + 0.5 * root);
    const inner = Math.abs(k) / root - 0.5 * root;
    if (reach >= farthest) return inner > innerBefore ? k : undefined;
    if (!(reach > before)) return undefined;
    before = reach;
    innerBefore = inner;
  }
  return undefined;
}
