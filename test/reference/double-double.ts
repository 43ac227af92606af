/**
 * Numbers of 106 bits as unevaluated sums of two doubles (Dekker 1971, Knuth), and the Black value in them: an oracle of about
 * 25 digits that is cheap enough for a million points. It shares nothing with the library; the reference reals supply its table and
 * check it.
 */
import { mills } from './normal.js';
import { PI, real, type Real } from './real.js';

/** high + low, |low| <= ulp(high) / 2. */
export type DoubleDouble = readonly [high: number, low: number];

const SPLITTER = 2 ** 27 + 1;

function quickSum(a: number, b: number): DoubleDouble {
  const sum = a + b;
  return [sum, b - (sum - a)];
}

function exactSum(a: number, b: number): DoubleDouble {
  const sum = a + b;
  const part = sum - a;
  return [sum, a - (sum - part) + (b - part)];
}

function exactProduct(a: number, b: number): DoubleDouble {
  const product = a * b;
  const aSplit = SPLITTER * a;
  const aHigh = aSplit - (aSplit - a);
  const aLow = a - aHigh;
  const bSplit = SPLITTER * b;
  const bHigh = bSplit - (bSplit - b);
  const bLow = b - bHigh;
  return [product, aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow];
}

export function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const [sum, error] = exactSum(a[0], b[0]);
  const [lowSum, lowError] = exactSum(a[1], b[1]);
  const [high, low] = quickSum(sum, error + lowSum);
  return quickSum(high, low + lowError);
}

export function negate(a: DoubleDouble): DoubleDouble {
  return [-a[0], -a[1]];
}

export function subtract(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  return add(a, negate(b));
}

export function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const [product, error] = exactProduct(a[0], b[0]);
  return quickSum(product, error + a[0] * b[1] + a[1] * b[0]);
}

export function divide(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const first = a[0] / b[0];
  const rest = subtract(a, multiply(b, [first, 0]));
  const second = rest[0] / b[0];
  const last = subtract(rest, multiply(b, [second, 0]));
  const [high, low] = quickSum(first, second);
  return add([high, low], [last[0] / b[0], 0]);
}

export function toDoubleDouble(value: Real): DoubleDouble {
  const high = value.toNumber();
  return [high, value.sub(real(high)).toNumber()];
}

const LN2 = toDoubleDouble(real(2).ln());
const INVERSE_SQRT_TWO_PI = toDoubleDouble(real(1).div(PI.mul(2).sqrt()));
const RECIPROCAL_FACTORIALS = Array.from({ length: 20 }, (_, n) => {
  let factorial = real(1);
  for (let i = 2; i <= n; i++) factorial = factorial.mul(i);
  return toDoubleDouble(real(1).div(factorial));
});

/** e^x for -700 < x < 700: x = n ln 2 + 2^8 r, the series of e^r - 1 doubled eight times. */
export function exponential(x: DoubleDouble): DoubleDouble {
  const n = Math.round(x[0] / Math.LN2);
  const r = multiply(subtract(x, multiply(LN2, [n, 0])), [2 ** -8, 0]);
  let sum: DoubleDouble = [0, 0];
  for (let i = 12; i > 0; i--) sum = multiply(add(sum, RECIPROCAL_FACTORIALS[i]!), r);
  // (1 + y)^2 - 1 = 2 y + y^2
  for (let i = 0; i < 8; i++) sum = add(multiply(sum, [2, 0]), multiply(sum, sum));
  const result = add(sum, [1, 0]);
  const half = 2 ** Math.trunc(n / 2);
  const rest = 2 ** (n - Math.trunc(n / 2));
  return [result[0] * half * rest, result[1] * half * rest];
}

// The integrals M_n(z) of u^n e^(-z u - u^2/2) over u > 0: M_0 = M and M_n = (-1)^n d^n M / dz^n.

const NODES_PER_UNIT = 16;
const LAST_NODE = 66;
const ORDERS = 18;
let table: DoubleDouble[][] | undefined;

/** M_n / n! for n < ORDERS at the nodes j / 16. */
function buildTable(): DoubleDouble[][] {
  return Array.from({ length: LAST_NODE * NODES_PER_UNIT + 1 }, (_, j) => {
    const z = real(j / NODES_PER_UNIT);
    const derivatives: Real[] = [mills(z)];
    derivatives.push(real(1).sub(z.mul(derivatives[0]!)));
    // M_(n+1) = n M_(n-1) - z M_n loses digits at large z; 80 of them are plenty.
    for (let n = 1; n + 1 < ORDERS; n++) {
      derivatives.push(derivatives[n - 1]!.mul(n).sub(z.mul(derivatives[n]!)));
    }
    let factorial = real(1);
    return derivatives.map((derivative, n) => {
      if (n > 0) factorial = factorial.mul(n);
      return toDoubleDouble(derivative.div(factorial));
    });
  });
}

function row(j: number): DoubleDouble[] {
  table ??= buildTable();
  return table[j]!;
}

/** M(z) for 0 <= z <= 66, by Taylor's series about the nearest node. */
export function millsRatio(z: DoubleDouble): DoubleDouble {
  const j = Math.round(z[0] * NODES_PER_UNIT);
  const step = negate(subtract(z, [j / NODES_PER_UNIT, 0]));
  const coefficients = row(j);
  let sum: DoubleDouble = [0, 0];
  for (let n = ORDERS - 1; n >= 0; n--) sum = add(multiply(sum, step), coefficients[n]!);
  return sum;
}

/** M(z - t) - M(z + t) for 0 <= t <= 1/32, both about the node nearest to z, so that nothing cancels. */
function millsDifference(z: DoubleDouble, t: DoubleDouble): DoubleDouble {
  const j = Math.round(z[0] * NODES_PER_UNIT);
  const step = negate(subtract(z, [j / NODES_PER_UNIT, 0]));
  const coefficients = row(j);
  // difference = (step + t)^n - (step - t)^n and sum likewise, each from the pair before.
  let difference: DoubleDouble = [0, 0];
  let sum: DoubleDouble = [2, 0];
  let total: DoubleDouble = [0, 0];
  for (let n = 1; n < ORDERS; n++) {
    const next = add(multiply(step, difference), multiply(t, sum));
    sum = add(multiply(step, sum), multiply(t, difference));
    difference = next;
    total = add(total, multiply(coefficients[n]!, difference));
  }
  return total;
}

export interface BlackAt {
  /** p(s), the out-of-the-money value over min(F, K). */
  value: DoubleDouble;
  /** dp/ds. */
  slope: DoubleDouble;
}

/** Black's out-of-the-money value per unit of min(F, K) at doubles x = |ln(F/K)| and s; for |h - t| <= 37.3 and h + t <= 66. */
export function blackAt(x: number, s: number): BlackAt {
  const h = divide([x, 0], [s, 0]);
  const t: DoubleDouble = [0.5 * s, 0];
  const low = subtract(h, t);
  const high = add(h, t);
  const slope = multiply(INVERSE_SQRT_TWO_PI, exponential(multiply(multiply(low, low), [-0.5, 0])));
  if (t[0] <= 1 / 32) return { value: multiply(slope, millsDifference(h, t)), slope };
  if (low[0] >= 0) return { value: multiply(slope, subtract(millsRatio(low), millsRatio(high))), slope };
  return { value: subtract([1, 0], multiply(slope, add(millsRatio(negate(low)), millsRatio(high)))), slope };
}

/**
 * (s - s*) / s, where s* is the exact solution of p(s*) = p and s is close to it: one Newton step, whose own error is of the order of
 * its square.
 */
export function impliedError(x: number, p: number, s: number): number {
  const { value, slope } = blackAt(x, s);
  return subtract(value, [p, 0])[0] / slope[0] / s;
}
