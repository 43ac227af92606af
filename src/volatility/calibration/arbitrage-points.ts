/**
 * Where slices are nearest to arbitrage: the local minima of G of one slice (svi-vertex.ts) and of the difference of two, looked for on
 * a net that follows the smiles and then where the slope changes sign. It tells a search where to look; it proves nothing.
 */
import { turningPoint } from '../arbitrage/turning-point.js';
import { vertexDensity, vertexDensitySlope, vertexSlope, vertexVariance } from './svi-vertex.js';
import type { Vertex } from './svi-vertex.js';

const HALF_NET = 40;
const NEAR_MONEY = 12;
/** How far out the net goes, in lengths of the slice. */
const FARTHEST = 1e4;

/** Writes log-moneynesses even in asinh(u / sigma), the vertex in the middle, far beyond all quotes. */
function writeNet({ m, sigma }: Vertex, span: number, net: Float64Array): void {
  const half = (net.length - 1) / 2;
  const last = Math.asinh((FARTHEST * Math.max(span, sigma, Math.abs(m))) / sigma);
  const stepUp = Math.exp(last / half);
  let up = 1;
  for (let i = 0; i <= half; i++) {
    const distance = 0.5 * sigma * (up - 1 / up);
    net[half + i] = m + distance;
    net[half - i] = m - distance;
    up *= stepUp;
  }
}

/**
 * Log-moneyness of the local minima of G below `limit`; `span` is the length of the quoted interval, `fineness` multiplies the
 * points of the net.
 */
export function lowDensities(slice: Vertex, span: number, limit: number, fineness = 1): number[] {
  const around = 2 * HALF_NET * fineness + 1;
  const near = NEAR_MONEY * fineness;
  const points = new Float64Array(around + 2 * near + 1);
  writeNet(slice, span, points.subarray(0, around));
  // Near the money G turns on the scale of the quotes, whatever the vertex.
  for (let i = 0; i <= 2 * near; i++) points[around + i] = (1.25 * span * (i - near)) / near;
  points.sort();
  return minima(
    points,
    (k) => vertexDensity(slice, k),
    (k) => vertexDensitySlope(slice, k),
    limit,
  );
}

/** Log-moneyness of the local minima of the relative gap (w_2 - w_1) / (w_1 + w_2) below `limit`. */
export function lowGaps(earlier: Vertex, later: Vertex, span: number, limit: number, fineness = 1): number[] {
  const around = 2 * HALF_NET * fineness + 1;
  const points = new Float64Array(2 * around);
  writeNet(earlier, span, points.subarray(0, around));
  writeNet(later, span, points.subarray(around));
  points.sort();
  return minima(
    points,
    (k) => relativeGap(earlier, later, k),
    (k) => vertexSlope(later, k) * vertexVariance(earlier, k) - vertexSlope(earlier, k) * vertexVariance(later, k),
    limit,
  );
}

function relativeGap(earlier: Vertex, later: Vertex, k: number): number {
  const w1 = vertexVariance(earlier, k);
  const w2 = vertexVariance(later, k);
  return (w2 - w1) / (w2 + w1);
}

function minima(
  points: Float64Array,
  value: (k: number) => number,
  slope: (k: number) => number,
  limit: number,
): number[] {
  const found: number[] = [];
  let before = Infinity;
  let here = value(points[0]!);
  for (let i = 0; i < points.length; i++) {
    const after = i + 1 < points.length ? value(points[i + 1]!) : Infinity;
    if (here <= before && here < after) {
      const turn = turningPoint(slope, points[Math.max(0, i - 1)]!, points[Math.min(points.length - 1, i + 1)]!);
      const refined = turn === undefined ? Infinity : value(turn);
      if (Math.min(refined, here) < limit) found.push(refined < here ? turn! : points[i]!);
    }
    before = here;
    here = after;
  }
  return found;
}
