/** The lowest point of a function with one valley between two points, by golden sections. Kiefer (1953). */

const GOLDEN = 0.6180339887498949;

/** A point within `tolerance` of the lowest one, or of an end; where there are several valleys, of one of them. */
export function goldenSection(f: (x: number) => number, lower: number, upper: number, tolerance: number): number {
  let [a, b] = [lower, upper];
  let x = b - GOLDEN * (b - a);
  let y = a + GOLDEN * (b - a);
  let fx = f(x);
  let fy = f(y);
  while (b - a > tolerance && x < y) {
    if (fx <= fy) {
      [b, y, fy] = [y, x, fx];
      x = b - GOLDEN * (b - a);
      fx = f(x);
    } else {
      [a, x, fx] = [x, y, fy];
      y = a + GOLDEN * (b - a);
      fy = f(y);
    }
  }
  return fx <= fy ? x : y;
}
