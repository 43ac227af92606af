import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  divide,
  exp,
  expm1,
  hull,
  intersect,
  interval,
  log,
  multiply,
  negate,
  square,
  squareRoot,
  subtract,
  wholeLine,
  type Interval,
} from '../../src/math/interval.js';
import { real, type Real } from '../reference/real.js';

const end = fc.oneof(
  fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
  fc.constantFrom(0, -0, 1, -1, Number.MIN_VALUE, 1e-300),
);
const share = fc.double({ noNaN: true, min: 0, max: 1 });
/** An interval and a double in it. */
const member = fc.tuple(end, end, share).map(([x, y, s]) => {
  const [lower, upper] = x <= y ? [x, y] : [y, x];
  return { x: Math.min(upper, Math.max(lower, lower + s * (upper - lower))), of: interval(lower, upper) };
});

function holds({ lower, upper }: Interval, value: Real): boolean {
  return (lower === -Infinity || real(lower).lte(value)) && (upper === Infinity || real(upper).gte(value));
}

describe('every result holds the exact value at every member', () => {
  it('of two arguments', () => {
    fc.assert(
      fc.property(member, member, (p, q) => {
        const [x, y] = [real(p.x), real(q.x)];
        expect(holds(add(p.of, q.of), x.add(y))).toBe(true);
        expect(holds(subtract(p.of, q.of), x.sub(y))).toBe(true);
        expect(holds(multiply(p.of, q.of), x.mul(y))).toBe(true);
        if (q.x !== 0) expect(holds(divide(p.of, q.of), x.div(y))).toBe(true);
        expect(holds(hull(p.of, q.of), x) && holds(hull(p.of, q.of), y)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('of one argument', () => {
    fc.assert(
      fc.property(member, (p) => {
        const x = real(p.x);
        expect(holds(square(p.of), x.mul(x))).toBe(true);
        expect(holds(negate(p.of), x.neg())).toBe(true);
        if (p.x >= 0) expect(holds(squareRoot(p.of), x.sqrt())).toBe(true);
        if (p.x > 0) expect(holds(log(p.of), x.ln())).toBe(true);
        if (Math.abs(p.x) < 600) {
          expect(holds(exp(p.of), x.exp())).toBe(true);
          // Below that the reference has no digits left after the subtraction.
          if (Math.abs(p.x) > 1e-20) expect(holds(expm1(p.of), x.exp().sub(1))).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

it('what is not known is the whole line', () => {
  expect(divide(interval(1), interval(-1, 1))).toEqual(wholeLine);
  expect(divide(interval(1), interval(0, 1))).toEqual(wholeLine);
  expect(squareRoot(interval(-2, -1))).toEqual(wholeLine);
  expect(log(interval(-2, 0))).toEqual(wholeLine);
  expect(log(interval(0, 1)).lower).toBe(-Infinity);
  expect(add(wholeLine, wholeLine)).toEqual(wholeLine);
  expect(subtract(wholeLine, wholeLine)).toEqual(wholeLine);
  expect(multiply(wholeLine, interval(0)).lower).toBeLessThanOrEqual(0);
  expect(exp(interval(1000)).lower).toBeLessThanOrEqual(Number.MAX_VALUE);
  expect(exp(interval(1000)).upper).toBe(Infinity);
  expect(exp(interval(-1000)).lower).toBe(0);
  expect(exp(interval(-1000)).upper).toBeGreaterThan(0);
  expect(square(interval(-2, 1)).lower).toBe(0);
  expect(intersect(interval(0, 2), interval(1, 3))).toEqual({ lower: 1, upper: 2 });
});
