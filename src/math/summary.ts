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

/** The same of the first n of \`values\`, which it reorders; none of them may be NaN. Selection without sorting (Hoare 1961). */
export function medianInPlace(values: Float64Array, n: number): number {
  if (n === 0) return NaN;
  const middle = n >> 1;
  let low = 0;
  let high = n - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swap = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swap;
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else break;
  }
  const upper = values[middle]!;
  if (n % 2 === 1) return upper;
  let lower = values[0]!;
  for (let i = 1; i < middle; i++) if (values[i]! > lower) lower = values[i]!;
  return 0.5 * (lower + upper);
}
