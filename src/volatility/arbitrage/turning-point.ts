/** The lowest point of a smooth function, from its slope. Illinois: Dowell and Jarratt, BIT 11 (1971). */

/** Where a slope turns from falling to rising, if it does: the Illinois variant of false position. */
export function turningPoint(slope: (k: number) => number, from: number, to: number): number | undefined {
  let [lower, upper] = [from, to];
  let [below, above] = [slope(lower), slope(upper)];
  if (!(below < 0 && above > 0)) return undefined;
  for (let i = 0; i < 60; i++) {
    const middle = (lower * above - upper * below) / (above - below);
    if (!(middle > lower && middle < upper)) break;
    const value = slope(middle);
    if (value < 0) {
      [lower, below] = [middle, value];
      above *= 0.5;
    } else if (value > 0) {
      [upper, above] = [middle, value];
      below *= 0.5;
    } else return middle;
  }
  return 0.5 * (lower + upper);
}
