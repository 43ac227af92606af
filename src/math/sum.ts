/**
 * Sums whose last digits do not depend on the order of the terms: Neumaier's compensated summation, which carries the rounding
 * error of each addition beside the total. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen" (1974).
 */

/** The sum of `count` values from `from`, each `stride` after the last; zero of none. */
export function compensatedSum(values: ArrayLike<number>, from = 0, stride = 1, count = values.length): number {
  let total = 0;
  let carried = 0;
  for (let i = 0, at = from; i < count; i++, at += stride) {
    const value = values[at]!;
    const next = total + value;
    carried += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  // An infinite total leaves NaN in the carry.
  return Number.isFinite(total) ? total + carried : total;
}
