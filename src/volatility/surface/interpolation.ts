/**
 * The smile of a surface at any maturity, at fixed k, in variance time tau. Between two slices by one of three rules:
 *
 *   total-variance   w linear in tau: slices in order of total variance stay in order, so no calendar arbitrage is added
 *   essvi            theta, theta phi and rho theta phi linear in tau: stays inside the no-arbitrage conditions of its slices
 *   price            undiscounted prices mixed: a convex combination of smiles free of arbitrage is free of it
 *
 * Before the first slice w is scaled down by tau / tau_1, which keeps a slice free of butterfly arbitrage. After the last one the
 * last at-the-money forward variance per year is added: constant in k, or for 'essvi' to theta at frozen rho and theta phi.
 *
 * The variance of the clock's scheduled events is taken off the slices first and added back for every event before T; only the
 * rule 'total-variance' takes events.
 */
import { eventVariance, millisecondsPerYear, varianceTimeAfter } from '../../market/clock.js';
import { smileDerivatives } from '../smile/smile.js';
import type { TotalVariance } from '../smile/total-variance.js';
import { essviAfter, essviBetween } from './essvi-interpolation.js';
import { priceBetween } from './price-interpolation.js';
import type { SmileAt } from './smile-at.js';
import type { SurfaceData } from './surface-data.js';
import { movedSmile } from './surface-shift.js';

/** Years of variance time from asOf over timeToExpiry years; exact at the slices. */
export function varianceTimeAt(data: SurfaceData, timeToExpiry: number): number {
  const slice = data.slices.find((other) => other.timeToExpiry === timeToExpiry);
  if (slice !== undefined) return slice.varianceTime;
  return varianceTimeAfter(data.clock, data.asOf, timeToExpiry);
}

/** The smile timeToExpiry years from asOf. */
export function smileAtMaturity(data: SurfaceData, timeToExpiry: number): SmileAt {
  const smile = calibratedSmile(data, timeToExpiry);
  return data.shift === undefined ? smile : movedSmile(data, timeToExpiry, smile);
}

/** The smile the slices give, whatever was done to the surface since. */
export function calibratedSmile(data: SurfaceData, timeToExpiry: number): SmileAt {
  const { slices, interpolation } = data;
  const tau = varianceTimeAt(data, timeToExpiry);
  const eventsUntil = (years: number): number =>
    eventVariance(data.clock, data.asOf, data.asOf + years * millisecondsPerYear);
  const events = eventsUntil(timeToExpiry);
  const flowing = slices.map((slice) => {
    const inSlice = eventsUntil(slice.timeToExpiry);
    return (k: number): TotalVariance => {
      const v = smileDerivatives(slice.parameters, k);
      return { ...v, w: v.w - inSlice };
    };
  });
  const last = slices.length - 1;
  const later = slices.findIndex((slice) => slice.timeToExpiry >= timeToExpiry);
  if (later < 0) {
    const end = slices[last]!.varianceTime;
    const begin = slices[last - 1]?.varianceTime ?? 0;
    const before = flowing[last - 1]?.(0).w ?? 0;
    const rate = Math.max(0, (flowing[last]!(0).w - before) / (end - begin));
    if (interpolation === 'essvi') return essviAfter(slices[last]!, rate, tau - end);
    return shifted(flowing[last]!, rate, rate * (tau - end) + events);
  }
  const to = flowing[later]!;
  const end = slices[later]!.varianceTime;
  if (later === 0) return scaled(to, tau / end, 1 / end, events);
  const begin = slices[later - 1]!.varianceTime;
  const share = (tau - begin) / (end - begin);
  const perTau = 1 / (end - begin);
  if (interpolation === 'essvi') return essviBetween(slices[later - 1]!, slices[later]!, share, perTau);
  if (interpolation === 'price') return priceBetween(flowing[later - 1]!, to, share, perTau);
  return linear(flowing[later - 1]!, to, share, perTau, events);
}

type Smile = (k: number) => TotalVariance;

function scaled(smile: Smile, share: number, perTau: number, events: number): SmileAt {
  return (k) => {
    const v = smile(k);
    return { w: share * v.w + events, dw: share * v.dw, d2w: share * v.d2w, dTau: v.w * perTau };
  };
}

function shifted(smile: Smile, rate: number, extra: number): SmileAt {
  return (k) => {
    const { w, dw, d2w } = smile(k);
    return { w: w + extra, dw, d2w, dTau: rate };
  };
}

function linear(from: Smile, to: Smile, share: number, perTau: number, events: number): SmileAt {
  return (k) => {
    const earlier = from(k);
    const later = to(k);
    return {
      w: earlier.w + share * (later.w - earlier.w) + events,
      dw: earlier.dw + share * (later.dw - earlier.dw),
      d2w: earlier.d2w + share * (later.d2w - earlier.d2w),
      dTau: (later.w - earlier.w) * perTau,
    };
  };
}
