import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { customSmile } from '../../../src/volatility/calibration/custom-smile.js';

const parameters = ['a', 'b', 'rho', 'm', 'sigma'];
const rawSvi = 'a + b*(rho*(k-m) + sqrt((k-m)^2 + sigma^2))';

describe('raw SVI as a formula', () => {
  const smile = customSmile(rawSvi, { parameters });
  const point = fc.tuple(
    fc.double({ min: -0.1, max: 0.5, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: -0.99, max: 0.99, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: 0.01, max: 1, noNaN: true }),
  );

  test('has the value and the gradient of the closed form', () => {
    fc.assert(
      fc.property(point, fc.double({ min: -2, max: 2, noNaN: true }), (p, k) => {
        const [a, b, rho, m, sigma] = p;
        const u = k - m;
        const root = Math.sqrt(u * u + sigma * sigma);
        expect(smile.value(p, k)).toBeCloseTo(a + b * (rho * u + root), 13);
        const expected = [1, rho * u + root, b * u, -b * (rho + u / root), (b * sigma) / root];
        smile.gradient(p, k).forEach((slope, i) => {
          expect(slope).toBeCloseTo(expected[i]!, 12);
        });
      }),
    );
  });

  test('keeps no state between calls', () => {
    const [one, other] = [
      [0.01, 0.1, -0.5, 0, 0.2],
      [0.02, 0.3, 0.1, 0.1, 0.1],
    ];
    const first = smile.value(one, 0.1);
    smile.gradient(other, 0.3);
    expect(smile.value(one, 0.1)).toBe(first);
  });
});

test('a root below zero is NaN, not a complex number', () => {
  const smile = customSmile('sqrt(a + k)', { parameters: ['a'], output: 'volatility' });
  expect(smile.output).toBe('volatility');
  expect(smile.value([0], -1)).toBeNaN();
  expect(smile.gradient([0], -1)[0]).toBeNaN();
});

test.each([
  ['expression', () => customSmile('a + (', { parameters: ['a'] })],
  ['expression', () => customSmile('a + c*k', { parameters: ['a'] })],
  ['expression', () => customSmile(3 as unknown as string, { parameters: ['a'] })],
  ['parameters', () => customSmile('k', { parameters: [] })],
  ['parameters', () => customSmile('a + k', { parameters: ['a', 'a'] })],
  ['parameters', () => customSmile('k', { parameters: ['k'] })],
  ['parameters', () => customSmile('a', { parameters: ['a b'] })],
  ['lower', () => customSmile('a', { parameters: ['a'], lower: [0, 1] })],
  ['upper', () => customSmile('a', { parameters: ['a'], upper: [NaN] })],
  ['lower', () => customSmile('a', { parameters: ['a'], lower: [2], upper: [1] })],
  ['output', () => customSmile('a', { parameters: ['a'], output: 'price' as 'variance' })],
  ['p', () => customSmile('a', { parameters: ['a'] }).value([1, 2], 0)],
])('a bad %s is refused by name', (field, call) => {
  expect(call).toThrow(InputError);
  expect(call).toThrow(field);
});
