/**
 * What is proved between the slices of a surface. Between two slices the rule of the surface is certified for every k and every time
 * (between.ts); a scheduled event between them adds variance that is constant in k, of which nothing is claimed, nor of a surface
 * moved since it was calibrated. Before the first slice
 * its total variance is scaled down, which keeps a proved slice free. After the last one a slice has to be certified for itself.
 */
import { eventVariance, millisecondsPerYear } from '../../market/clock.js';
import { certifyBetween } from '../arbitrage/between.js';
import type { Certificate } from '../arbitrage/certificate.js';
import type { SurfaceData } from './surface-data.js';

/** One certificate for each pair of neighbouring slices, in order of time; about 5 ms a pair. */
export function certifyInterpolation(data: SurfaceData): Certificate[] {
  const { slices, interpolation, clock, asOf, shift } = data;
  const eventsUntil = (years: number): number => eventVariance(clock, asOf, asOf + years * millisecondsPerYear);
  return slices.slice(1).map((later, i) => {
    const earlier = slices[i]!;
    const certificate = certifyBetween(earlier.parameters, later.parameters, interpolation);
    const hasEvent = eventsUntil(later.timeToExpiry) !== eventsUntil(earlier.timeToExpiry);
    return hasEvent || shift !== undefined ? { ...certificate, verdict: 'undecided' } : certificate;
  });
}
