/** Powers of two by table: a multiplication puts an exponent in place faster than the bits of a double can be written and read. */

/** 2^(i - 1023) for i = 1 .. 2046: every power of two that is a normal double. */
export const POWERS_OF_TWO = powersOfTwo();

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(2047);
  let power = 2 ** -1022;
  for (let i = 1; i < 2047; i++) {
    powers[i] = power;
    power *= 2;
  }
  return powers;
}
