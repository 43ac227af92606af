/** The witness of a refuted slice: the worst point, the stretch around it where the condition fails, and the trade that collects. */
import { multiply, subtract, toNumber } from '../../math/dyadic.js';
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import type { Certificate } from './certificate.js';
import type { ExactHyperbola, HyperbolicSlice } from './hyperbola.js';
import {
  doubleHyperbola,
  exactHyperbola,
  minimumVariance,
  totalVarianceAt,
  totalVarianceSign,
  variableAt,
} from './hyperbola.js';
import type { Stretch } from './negative-density.js';
import { turningPoint } from './turning-point.js';
import { accurateDensity, densitySlope } from './slice-density.js';
import { butterflyTrade, largestLogStrike, noTrade, worthlessOptionTrade } from './trade.js';

export type Witness = NonNullable<Certificate['witness']>;

const SAMPLES = 16;

/**
 * The lowest g over the stretches: looked for on a net that follows the slice, then where the slope of g changes sign. Where no
 * stretch holds a double, the witness is the double next to one, with no trade.
 */
export function densityWitness(p: HyperbolicSlice, all: readonly Stretch[]): Witness {
  const stretches = all.filter(([lower, upper]) => lower <= upper);
  if (stretches.length === 0) {
    const [above, below] = all[0]!;
    return { k: below, value: 0, interval: [below, above], ...noTrade };
  }
  const density = accurateDensity(p);
  const slope = densitySlope(p);
  let best = { k: 0, value: Infinity };
  let around: Stretch = [0, 0];
  for (const stretch of stretches) {
    const net = sampleNet(p, stretch);
    let worst = SAMPLES / 2;
    let lowest = density(net[worst]!).g;
    net.forEach((k, i) => {
      const { g } = density(k, 1e-3 * Math.abs(lowest));
      if (g < lowest) [worst, lowest] = [i, g];
    });
    const turn = turningPoint(slope, net[Math.max(0, worst - 1)]!, net[Math.min(SAMPLES, worst + 1)]!);
    for (const k of turn === undefined ? [net[worst]!] : [net[worst]!, turn]) {
      const value = density(k).g;
      if (value < best.value) [best, around] = [{ k, value }, stretch];
    }
  }
  const { k, value } = best;
  const scale = 1e-3 * Math.abs(value);
  return { k, value, interval: [around[0], around[1]], ...butterflyTrade(around, k, (x) => density(x, scale)) };
}

/** Points of the stretch, even in ln t, which is how the slice bends; no farther out than strikes are looked at. */
function sampleNet(p: HyperbolicSlice, [lower, upper]: Stretch): number[] {
  const h = doubleHyperbola(p);
  const from = Math.max(lower, Math.min(upper, -largestLogStrike));
  const to = Math.min(upper, Math.max(lower, largestLogStrike));
  const first = log(variableAt(h, from));
  const last = log(variableAt(h, to));
  return Array.from({ length: SAMPLES + 1 }, (_, i) => {
    const t = exp(first + ((last - first) * i) / SAMPLES);
    const k = (0.5 * (t - (h.width / t) * h.width) - h.offset) / h.curvature;
    if (i === 0 || i === SAMPLES) return i === 0 ? from : to;
    return Number.isNaN(k) ? from + ((to - from) * i) / SAMPLES : Math.min(to, Math.max(from, k));
  });
}

/** For a slice whose smallest total variance is 0 or less. The value is that variance, the stretch is where w <= 0. */
export function varianceWitness(p: HyperbolicSlice): Witness {
  const exact = exactHyperbola(p);
  const h = doubleHyperbola(p);
  const { level, scale, plus, minus, squared } = exact;
  const k = (-(h.rho * h.width) / Math.sqrt((1 - h.rho) * (1 + h.rho)) - h.offset) / h.curvature;
  const value = minimumVariance(exact);
  const product = multiply(multiply(scale, scale), multiply(multiply(plus, minus), squared));
  const difference = toNumber(subtract(multiply(level, level), product));
  const root = Math.sqrt(Math.max(0, difference));
  // P(t) = B (1 + rho) t^2 + 2 A t + B (1 - rho) s, A < 0, has the roots (-A -+ sqrt(A^2 - r^2)) / (B (1 + rho)).
  const kOf = (t: number): number => ((t - (h.width * h.width) / t) / 2 - h.offset) / h.curvature;
  const left = kOf((h.scale * (1 - h.rho) * h.width * h.width) / (root - h.level));
  const right = kOf((root - h.level) / (h.scale * (1 + h.rho)));
  const zeros: [number, number] = [
    innermost(exact, left - padding(left), k),
    innermost(exact, right + padding(right), k),
  ];
  return { k, value, interval: zeros, ...worthlessOptionTrade(zeros, (x) => totalVarianceAt(h, x)) };
}

function padding(k: number): number {
  return 1e-12 * (1 + Math.abs(k));
}

/** The double nearest to `outer` on the way to `lowest` at which w <= 0 for sure, or `lowest` itself. */
function innermost(h: ExactHyperbola, outer: number, lowest: number): number {
  let outside = outer;
  let inside = lowest;
  for (;;) {
    const middle = 0.5 * (outside + inside);
    if (middle === outside || middle === inside) return inside;
    if (totalVarianceSign(h, middle) <= 0) inside = middle;
    else outside = middle;
  }
}

/** For a right wing of slope 2 exactly: d1 does not tend to -infinity, and calls keep a value at infinite strike. No finite trade. */
export function infiniteStrikeWitness(): Witness {
  return { k: largestLogStrike, value: 0, interval: [largestLogStrike, Number.MAX_VALUE], ...noTrade };
}

/** The part of a stretch within [from, to], if there is one. */
export function clip([lower, upper]: Stretch, [from, to]: readonly [number, number]): Stretch | undefined {
  const start = Math.max(lower, from);
  const end = Math.min(upper, to);
  return start <= end ? [start, end] : undefined;
}
