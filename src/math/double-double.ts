/**
 * Numbers of 106 bits as unevaluated sums of two doubles, for the few differences that a double cannot hold.
 *
 *   a + b = s + e,  a b = p + e  exactly (Knuth; Dekker 1971, A floating-point technique for extending the available precision)
 *   e^y - 1 = z + z^2/2 + z^3 P(z) at z = y / 2^k, |z| <= 1/64, then k times u -> 2 u + u^2
 *
 * Only z^3 P(z) is rounded as a double, so that e^y keeps seven bits more than one.
 */

/** high + low, |low| at most half an ulp of high. */
export interface DoubleDouble {
  high: number;
  low: number;
}

const SPLITTER = 2 ** 27 + 1;
/** The largest |z|. */
const NARROW = 1 / 64;

/** a + b exactly. */
export function exactSum(a: number, b: number): DoubleDouble {
  const high = a + b;
  const part = high - a;
  return { high, low: a - (high - part) + (b - part) };
}

/** a b exactly; neither beyond 2^990 in size, and the product not near underflow. */
export function exactProduct(a: number, b: number): DoubleDouble {
  const high = a * b;
  const aSplit = SPLITTER * a;
  const aHigh = aSplit - (aSplit - a);
  const aLow = a - aHigh;
  const bSplit = SPLITTER * b;
  const bHigh = bSplit - (bSplit - b);
  const bLow = b - bHigh;
  return { high, low: aHigh * bHigh - high + aHigh * bLow + aLow * bHigh + aLow * bLow };
}

/** a + b to some 2^-104 of the larger. */
export function addPairs(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const sum = exactSum(a.high, b.high);
  return exactSum(sum.high, sum.low + (a.low + b.low));
}

/** a factor to some 2^-104. */
export function scalePair(a: DoubleDouble, factor: number): DoubleDouble {
  const product = exactProduct(a.high, factor);
  return exactSum(product.high, product.low + a.low * factor);
}

/** a / divisor to some 2^-104. */
export function dividePair(a: DoubleDouble, divisor: number): DoubleDouble {
  const quotient = a.high / divisor;
  const product = exactProduct(quotient, divisor);
  return exactSum(quotient, (a.high - product.high - product.low + a.low) / divisor);
}

/** (e^z - 1 - z - z^2/2) / z^3 for |z| <= 1/64. */
function tailOf(z: number): number {
  let sum = 1 / 10;
  for (let n = 9; n > 3; n--) sum = (1 + z * sum) / n;
  return (1 + z * sum) / 6;
}

/** e^(rate time) - 1 to 2^-60 of e^(rate time) or, near 0, of itself, for |rate time| <= 50. */
export function expm1OfProduct(rate: number, time: number): DoubleDouble {
  if (rate === 0 || time === 0) return { high: 0, low: 0 };
  const y = exactProduct(rate, time);
  let scale = 1;
  let doublings = 0;
  while (Math.abs(y.high) * scale > NARROW) {
    scale *= 0.5;
    doublings++;
  }
  const z = { high: y.high * scale, low: y.low * scale };
  const square = exactProduct(z.high, z.high);
  const z3 = square.high * z.high;
  const rest = 0.5 * square.low + z.high * z.low + z3 * tailOf(z.high);
  let u = addPairs(z, exactSum(0.5 * square.high, rest));
  for (let i = 0; i < doublings; i++) {
    const u2 = exactProduct(u.high, u.high);
    u = addPairs({ high: 2 * u.high, low: 2 * u.low }, { high: u2.high, low: u2.low + 2 * u.high * u.low });
  }
  return u;
}
