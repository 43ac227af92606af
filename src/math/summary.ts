/** Small numbers about lists of numbers. */

/** x times x: the same bits in every engine, which the power operator does not promise. */
export function square(x: number): number {
  return x * x;
}

/** Middle value, or the mean of the two middle ones; NaN for an empty list. */
export function medianOf(values: ArrayLike<number>): number {
  const n = values.length;
  if (n === 0) return NaN;
  const ascending = new Float64Array(values).sort();
  const upper = ascending[n >> 1]!;
  return n % 2 === 1 ? upper : 0.5 * (ascending[(n >> 1) - 1]! + upper);
}
