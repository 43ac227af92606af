/** The p-quantile of a sample, 0 <= p <= 1, linear between its values; NaN of none. Infinite values stay where they rank. */
export function quantile(sample: ArrayLike<number>, p: number): number {
  const sorted = Float64Array.from(sample).sort();
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  const below = sorted[low] ?? NaN;
  const above = sorted[low + 1] ?? below;
  return below === above || at === low ? below : below + (at - low) * (above - below);
}
