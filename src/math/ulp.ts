/**
 * The spacing of doubles, read from the bits of the exponent.
 */

const float64 = new Float64Array(1);
const uint32 = new Uint32Array(float64.buffer);
/** Which half of a double holds its exponent: 1 on little-endian machines. */
const HIGH_WORD = ((): number => {
  float64[0] = 1;
  return uint32[1] === 0 ? 0 : 1;
})();

/** The distance from |x| to the next larger double: 2^-52 at 1, 2^-1074 at 0. NaN and Infinity give NaN. */
export function ulp(x: number): number {
  if (!Number.isFinite(x)) return NaN;
  float64[0] = x;
  const exponent = (uint32[HIGH_WORD]! >>> 20) & 0x7ff;
  if (exponent <= 52) return exponent === 0 ? Number.MIN_VALUE : Number.MIN_VALUE * 2 ** (exponent - 1);
  uint32[HIGH_WORD] = (exponent - 52) << 20;
  uint32[1 - HIGH_WORD] = 0;
  return float64[0];
}
