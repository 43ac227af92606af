/**
 * The quotes of a smile as series of a chart. All marks of a series are one path: a page of two thousand quotes has some dozens of
 * shapes, not thousands.
 */
import type { CustomSeriesOption } from 'echarts';

/** Corners in a square of side 4. */
type Polygon = readonly (readonly [number, number])[];

/** Of marks by place in a list; the first few are told apart by shape alone. */
export const polygons: readonly Polygon[] = [
  // A cross.
  [0, 0.6, 0.6, 0, 2, 1.4, 3.4, 0, 4, 0.6, 2.6, 2, 4, 3.4, 3.4, 4, 2, 2.6, 0.6, 4, 0, 3.4, 1.4, 2],
  // A diamond.
  [2, 0, 4, 2, 2, 4, 0, 2],
  // Triangles.
  [2, 0, 4, 4, 0, 4],
  [0, 0, 4, 0, 2, 4],
  // A plus.
  [1.5, 0, 2.5, 0, 2.5, 1.5, 4, 1.5, 4, 2.5, 2.5, 2.5, 2.5, 4, 1.5, 4, 1.5, 2.5, 0, 2.5, 0, 1.5, 1.5, 1.5],
  // A square.
  [0.4, 0.4, 3.6, 0.4, 3.6, 3.6, 0.4, 3.6],
  // A bar.
  [0, 1.3, 4, 1.3, 4, 2.7, 0, 2.7],
].map((numbers) => numbers.flatMap((x, i) => (i % 2 === 0 ? [[x, numbers[i + 1]!] as const] : [])));

/** A polygon as the icon of a legend. */
export function iconOf(polygon: Polygon): string {
  return `path://M${polygon.map((corner) => corner.join(' ')).join('L')}Z`;
}

/** Outlines a polygon of a size about a point. */
export function polygonAt(polygon: Polygon, size: number, [x, y]: readonly [number, number]): string {
  const corners = polygon.map(([u, v]) => `${round(x + (u / 4 - 0.5) * size)} ${round(y + (v / 4 - 0.5) * size)}`);
  return `M${corners.join('L')}Z`;
}

export interface Marks {
  name: string;
  color: string;
  panel: number;
  z: number;
  /** Each with one or two heights. */
  points: readonly (readonly [number, ...number[]])[];
  /** The path of one, from the pixels of its heights. */
  draw: (pixels: readonly (readonly [number, number])[]) => string;
  filled: boolean;
}

/** Nothing is drawn outside the panel. */
export function marksSeries({ name, color, panel, z, points, draw, filled }: Marks): CustomSeriesOption {
  const paint = filled ? { fill: color } : { fill: 'none', stroke: color, lineWidth: 1 };
  return {
    type: 'custom',
    name,
    color,
    xAxisIndex: panel,
    yAxisIndex: panel,
    silent: true,
    clip: true,
    z,
    // One item stands for all of them.
    data: points.length === 0 ? [] : [points[0]!.slice(0, 2)],
    renderItem: (_, api) => {
      const paths = points.map(([k, ...heights]) =>
        draw(heights.map((height) => api.coord([k, height]).map(round) as [number, number])),
      );
      return { type: 'path', shape: { pathData: paths.join('') }, style: paint };
    },
  };
}

function round(pixel: number): number {
  return Math.round(100 * pixel) / 100;
}
