/**
 * How the smile of a surface at one maturity moves with the parameters of its slices, at fixed k: the rules of interpolation.ts,
 * differentiated.
 *
 *   total-variance   dw = (1 - s) dw_1 + s dw_2
 *   before, after    dw = (tau / tau_1) dw_1;   dw_n(k) + (tau - tau_n) (dw_n(0) - dw_(n-1)(0)) / (tau_n - tau_(n-1))
 *   price            c'(w) dw = alpha c'(w_1) dw_1 + (1 - alpha) c'(w_2) dw_2 + (c_1 - c_2) dalpha,   c'(w) = n(d_1) / (2 sqrt(w))
 *   essvi            through (theta, theta phi, rho theta phi), which are linear in tau
 */
import { InputError } from '../../errors.js';
import { eventVariance, millisecondsPerYear } from '../../market/clock.js';
import { exp } from '../../math/exponential.js';
import { normalPdf } from '../../math/normal.js';
import { outOfTheMoneyFraction } from '../../pricing/black.js';
import type { SsviSlice } from '../smile/parameters.js';
import { totalVarianceGradient } from '../smile/smile-gradient.js';
import { smileParameterNames } from '../smile/smile-jet.js';
import { isSsvi, smileDerivatives } from '../smile/smile.js';
import { smileAtMaturity, varianceTimeAt } from './interpolation.js';
import type { SurfaceData, SurfaceSlice } from './surface-data.js';

/** The part of one slice in the smile of a maturity. */
export interface SliceGradient {
  /** Its place in the surface. */
  slice: number;
  /** Of its parameters, in the order of smileParameterNames. */
  gradient: Float64Array;
}

/**
 * The slices whose parameters a maturity depends on, each with its share of the maturity in variance time (the shares add up to 1), and
 * dw/dparameters at a k. Throws InputError for a surface that has been shifted.
 */
export function parameterGradients(
  data: SurfaceData,
  timeToExpiry: number,
): { shares: { slice: number; share: number }[]; at: (k: number) => SliceGradient[] } {
  if (data.shift !== undefined) throw new InputError('surface.shift', data.shift, 'none');
  const { slices, interpolation } = data;
  const tau = varianceTimeAt(data, timeToExpiry);
  const last = slices.length - 1;
  const later = slices.findIndex((slice) => slice.timeToExpiry >= timeToExpiry);
  if (later < 0) {
    const shares = [{ slice: last, share: 1 }];
    const end = slices[last]!.varianceTime;
    const before = slices[last - 1];
    const step = end - (before?.varianceTime ?? 0);
    const growth = flowing(data, slices[last]) - flowing(data, before);
    const reach = growth > 0 ? (tau - end) / step : 0;
    const places = last > 0 ? [last - 1, last] : [last];
    if (interpolation === 'essvi') {
      const [from, to] = [coordinates(before), coordinates(slices[last])];
      const theta = to.theta + reach * growth;
      const mix = { ...to, theta };
      const at = (k: number): SliceGradient[] => {
        const [byTheta, byPsi, bySkew] = coordinateGradient(mix, k);
        const own = { theta: (1 + reach) * byTheta, psi: byPsi, skew: bySkew };
        const other = { theta: -reach * byTheta, psi: 0, skew: 0 };
        return places.map((slice) => ({
          slice,
          gradient: slice === last ? inParameters(to, own) : inParameters(from, other),
        }));
      };
      return { shares, at };
    }
    const at = (k: number): SliceGradient[] =>
      places.map((slice) => ({
        slice,
        gradient:
          slice === last
            ? combined(slices[last]!, [
                [1, k],
                [reach, 0],
              ])
            : combined(slices[slice]!, [[-reach, 0]]),
      }));
    return { shares, at };
  }
  const end = slices[later]!.varianceTime;
  if (later === 0 || slices[later]!.timeToExpiry === timeToExpiry) {
    const scale = later === 0 ? tau / end : 1;
    const at = (k: number): SliceGradient[] => [{ slice: later, gradient: combined(slices[later]!, [[scale, k]]) }];
    return { shares: [{ slice: later, share: 1 }], at };
  }
  const begin = slices[later - 1]!.varianceTime;
  const share = (tau - begin) / (end - begin);
  const shares = [
    { slice: later - 1, share: 1 - share },
    { slice: later, share },
  ];
  const pair = [slices[later - 1]!, slices[later]!] as const;
  const smile = interpolation === 'price' ? smileAtMaturity(data, timeToExpiry) : undefined;
  const at = (k: number): SliceGradient[] => {
    const [first, second] =
      interpolation === 'essvi'
        ? essviGradients(pair, share, k)
        : smile === undefined
          ? [combined(pair[0], [[1 - share, k]]), combined(pair[1], [[share, k]])]
          : priceGradients(pair, share, k, smile(k).w);
    return [
      { slice: later - 1, gradient: first },
      { slice: later, gradient: second },
    ];
  };
  return { shares, at };
}

type Pair = readonly [SurfaceSlice, SurfaceSlice];

function levelOf(slice: SurfaceSlice | undefined): number {
  return slice === undefined ? 0 : smileDerivatives(slice.parameters, 0).w;
}

/** What flows with the clock of the at-the-money variance: without the scheduled events. */
function flowing({ clock, asOf }: SurfaceData, slice: SurfaceSlice | undefined): number {
  if (slice === undefined) return 0;
  return levelOf(slice) - eventVariance(clock, asOf, asOf + slice.timeToExpiry * millisecondsPerYear);
}

/** Sum of factor times dw/dparameters at k. */
function combined(
  { parameters }: SurfaceSlice,
  terms: readonly (readonly [factor: number, k: number])[],
): Float64Array {
  const count = smileParameterNames(parameters).length;
  const sum = new Float64Array(count);
  const one = new Float64Array(count);
  for (const [factor, k] of terms) {
    if (factor === 0) continue;
    totalVarianceGradient(parameters, k, one);
    for (let a = 0; a < count; a++) sum[a]! += factor * one[a]!;
  }
  return sum;
}

function priceGradients(pair: Pair, share: number, k: number, w: number): [Float64Array, Float64Array] {
  const [w1, w2] = pair.map(({ parameters }) => smileDerivatives(parameters, k).w) as [number, number];
  const [r1, r2] = pair.map((slice) => Math.sqrt(levelOf(slice))) as [number, number];
  const r = Math.sqrt((1 - share) * r1 * r1 + share * r2 * r2);
  const gap = r2 - r1;
  const mixes = Math.abs(gap) > 1e-12 * r2;
  const alpha = mixes ? (r2 - r) / gap : 1 - share;
  const alphaByFirst = mixes ? (-(1 - share) / (2 * r) + alpha / (2 * r1)) / gap : 0;
  const alphaBySecond = mixes ? ((1 - alpha) / (2 * r2) - share / (2 * r)) / gap : 0;
  const price = (v: number): number => (k < 0 ? exp(k) : 1) * outOfTheMoneyFraction(Math.abs(k), Math.sqrt(v));
  const slope = (v: number): number => normalPdf(-k / Math.sqrt(v) + 0.5 * Math.sqrt(v)) / (2 * Math.sqrt(v));
  const difference = (price(w1) - price(w2)) / slope(w);
  return [
    combined(pair[0], [
      [(alpha * slope(w1)) / slope(w), k],
      [difference * alphaByFirst, 0],
    ]),
    combined(pair[1], [
      [((1 - alpha) * slope(w2)) / slope(w), k],
      [difference * alphaBySecond, 0],
    ]),
  ];
}

/** theta, theta phi, rho theta phi. */
interface Coordinates {
  theta: number;
  psi: number;
  skew: number;
}

function coordinates(slice: SurfaceSlice | undefined): Coordinates {
  if (slice === undefined) return { theta: 0, psi: 0, skew: 0 };
  const { parameters } = slice;
  if (!isSsvi(parameters))
    throw new InputError('interpolation', 'essvi', "'total-variance' or 'price' for other smiles");
  const psi = parameters.theta * parameters.phi;
  return { theta: parameters.theta, psi, skew: parameters.rho * psi };
}

/** dw/d(theta, psi, skew). */
function coordinateGradient({ theta, psi, skew }: Coordinates, k: number): [number, number, number] {
  const slice: SsviSlice = { theta, rho: skew / psi, phi: psi / theta };
  const gradient = new Float64Array(3);
  totalVarianceGradient(slice, k, gradient);
  const [byTheta, byRho, byPhi] = gradient as unknown as [number, number, number];
  return [byTheta - (byPhi * slice.phi) / theta, byPhi / theta - (byRho * slice.rho) / psi, byRho / psi];
}

/** From (theta, psi, skew) to (theta, rho, phi) of a slice there. */
function inParameters({ theta, psi, skew }: Coordinates, by: Coordinates): Float64Array {
  const phi = psi / theta;
  const rho = skew / psi;
  const along = by.psi + rho * by.skew;
  return Float64Array.of(by.theta + phi * along, psi * by.skew, theta * along);
}

function essviGradients(pair: Pair, share: number, k: number): [Float64Array, Float64Array] {
  const [a, b] = pair.map((slice) => coordinates(slice)) as [Coordinates, Coordinates];
  const mix = {
    theta: a.theta + share * (b.theta - a.theta),
    psi: a.psi + share * (b.psi - a.psi),
    skew: a.skew + share * (b.skew - a.skew),
  };
  const [theta, psi, skew] = coordinateGradient(mix, k);
  const part = (factor: number): Coordinates => ({ theta: factor * theta, psi: factor * psi, skew: factor * skew });
  return [inParameters(a, part(1 - share)), inParameters(b, part(share))];
}
