import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { erf, erfc, erfcx, inverseErf } from '../../src/math/erf.js';
import { exp, expm1, expSum } from '../../src/math/exponential.js';
import { log, log1p, logRatio } from '../../src/math/logarithm.js';
import { gaussian, inverseGaussian, scaledGaussian } from '../../src/math/mills.js';
import { inverseNormalCdf, mills, millsComplement, normalCdf, normalPdf } from '../../src/math/normal.js';
import { specialFunctionAccuracy, ulpError } from './accuracy.js';
import { real } from '../reference/real.js';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

describe('accuracy against 80 digits', () => {
  for (const row of specialFunctionAccuracy(150, 20240229)) {
    it(`${row.name}, ${row.region}: within ${row.bound} ulp`, () => {
      expect(row.worst, `at ${row.at.join(', ')}`).toBeLessThanOrEqual(row.bound);
    });
  }
});

describe('figures from tables', () => {
  // Abramowitz and Stegun (1964), tables 7.1 and 26.1; NIST Digital Library of Mathematical Functions 7.
  it.each([
    ['erf 0.5', erf(0.5), 0.5204998778130465],
    ['erf 1', erf(1), 0.8427007929497149],
    ['erfc 2', erfc(2), 0.004677734981047266],
    ['erfc 10', erfc(10), 2.088487583762545e-45],
    ['erfcx 1', erfcx(1), 0.427583576155807],
    ['Phi(-1)', normalCdf(-1), 0.15865525393145705],
    ['Phi(-10)', normalCdf(-10), 7.619853024160527e-24],
    ['phi(0)', normalPdf(0), 0.3989422804014327],
    ['97.5% quantile', inverseNormalCdf(0.975), 1.959963984540054],
    ['e', exp(1), Math.E],
    ['ln 10', log(10), Math.LN10],
  ])('%s', (_, value, expected) => {
    expect(Math.abs(value / expected - 1)).toBeLessThan(6e-16);
  });
});

describe('ends and special arguments', () => {
  it.each([
    ['exp(-Infinity)', exp(-Infinity), 0],
    ['exp(Infinity)', exp(Infinity), Infinity],
    ['exp(0)', exp(0), 1],
    ['exp(709.79)', exp(709.79), Infinity],
    ['exp(-745.2)', exp(-745.2), 0],
    ['the least double', exp(-745), 5e-324],
    ['expm1(-Infinity)', expm1(-Infinity), -1],
    ['expm1(Infinity)', expm1(Infinity), Infinity],
    ['expm1(5e-324)', expm1(5e-324), 5e-324],
    ['log(0)', log(0), -Infinity],
    ['log(1)', log(1), 0],
    ['log(Infinity)', log(Infinity), Infinity],
    ['log1p(-1)', log1p(-1), -Infinity],
    ['log1p(Infinity)', log1p(Infinity), Infinity],
    ['logRatio(0, 1)', logRatio(0, 1), -Infinity],
    ['logRatio(1, 0)', logRatio(1, 0), Infinity],
    ['logRatio(7, 7)', logRatio(7, 7), 0],
    ['logRatio(1, Infinity)', logRatio(1, Infinity), -Infinity],
    ['mills(Infinity)', mills(Infinity), 0],
    ['mills(-Infinity)', mills(-Infinity), Infinity],
    ['millsComplement(0)', millsComplement(0), 1],
    ['millsComplement(Infinity)', millsComplement(Infinity), 0],
    ['gaussian(Infinity)', gaussian(Infinity), 0],
    ['inverseGaussian(40)', inverseGaussian(40), Infinity],
    ['scaledGaussian(1, 60)', scaledGaussian(1, 60), 0],
    ['erf(Infinity)', erf(Infinity), 1],
    ['erf(-Infinity)', erf(-Infinity), -1],
    ['erfc(-Infinity)', erfc(-Infinity), 2],
    ['erfc(Infinity)', erfc(Infinity), 0],
    ['erfcx(-Infinity)', erfcx(-Infinity), Infinity],
    ['erfcx(Infinity)', erfcx(Infinity), 0],
    ['inverseErf(1)', inverseErf(1), Infinity],
    ['inverseErf(-1)', inverseErf(-1), -Infinity],
    ['inverseErf(0)', inverseErf(0), 0],
    ['Phi(-Infinity)', normalCdf(-Infinity), 0],
    ['Phi(Infinity)', normalCdf(Infinity), 1],
    ['Phi(0)', normalCdf(0), 0.5],
    ['quantile 0', inverseNormalCdf(0), -Infinity],
    ['quantile 1', inverseNormalCdf(1), Infinity],
    ['quantile 1/2', inverseNormalCdf(0.5), 0],
  ])('%s', (_, value, expected) => {
    expect(value).toBe(expected);
  });

  it.each([
    ['exp', exp(NaN)],
    ['expm1', expm1(NaN)],
    ['log', log(NaN)],
    ['log of a negative', log(-1)],
    ['log1p', log1p(NaN)],
    ['log1p below -1', log1p(-2)],
    ['logRatio', logRatio(NaN, 1)],
    ['logRatio(0, 0)', logRatio(0, 0)],
    ['logRatio of a negative', logRatio(-1, 2)],
    ['mills', mills(NaN)],
    ['millsComplement', millsComplement(NaN)],
    ['gaussian', gaussian(NaN)],
    ['inverseGaussian', inverseGaussian(NaN)],
    ['scaledGaussian', scaledGaussian(1, NaN)],
    ['erf', erf(NaN)],
    ['erfc', erfc(NaN)],
    ['erfcx', erfcx(NaN)],
    ['inverseErf', inverseErf(NaN)],
    ['inverseErf beyond 1', inverseErf(1.1)],
    ['normalPdf', normalPdf(NaN)],
    ['normalCdf', normalCdf(NaN)],
    ['inverseNormalCdf', inverseNormalCdf(NaN)],
    ['inverseNormalCdf below 0', inverseNormalCdf(-0.1)],
  ])('NaN: %s', (_, value) => {
    expect(value).toBeNaN();
  });
});

describe('relations', () => {
  it('erf is odd and erf + erfc = 1', () => {
    fc.assert(
      fc.property(number(-6, 6), (x) => {
        expect(erf(-x)).toBe(-erf(x));
        expect(erf(x) + erfc(x)).toBeCloseTo(1, 15);
      }),
    );
  });

  it('exp and log undo each other within the condition of the argument', () => {
    fc.assert(
      fc.property(number(-700, 700), (x) => {
        expect(Math.abs(log(exp(x)) - x)).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(x)));
      }),
    );
  });

  it('logRatio is antisymmetric, and unchanged by a power of two', () => {
    fc.assert(
      fc.property(number(1e-3, 1e3), number(1e-3, 1e3), fc.integer({ min: -900, max: 900 }), (a, b, n) => {
        expect(ulpError(logRatio(b, a), real(-logRatio(a, b)))).toBeLessThanOrEqual(3);
        expect(logRatio(a * 2 ** n, b * 2 ** n)).toBe(logRatio(a, b));
      }),
    );
  });

  it('quantile and distribution undo each other', () => {
    fc.assert(
      fc.property(number(-37, 5), (x) => {
        const p = normalCdf(x);
        // |dx/x| = |dp/p| / (|x| phi / Phi): well conditioned in the lower tail, less and less so above 0.
        const slack = (5e-16 * Math.max(p, 1e-300)) / Math.max(normalPdf(x), 1e-300);
        expect(Math.abs(inverseNormalCdf(p) - x)).toBeLessThanOrEqual(slack + 5e-16 * Math.abs(x));
      }),
    );
  });

  it('exp reaches the largest doubles', () => {
    expect(ulpError(exp(709.782712893384), real(709.782712893384).exp())).toBeLessThan(1);
  });

  it('an exponent in two parts keeps the second', () => {
    const high = -600;
    const low = 3e-14;
    expect(ulpError(expSum(high, low), real(high).add(real(low)).exp())).toBeLessThan(1);
  });

  it('a large level brings a vanished Gaussian back', () => {
    const exact = real(1e300).mul(real(40).mul(real(40)).div(-2).exp());
    expect(ulpError(scaledGaussian(1e300, 40), exact)).toBeLessThan(3);
    expect(
      ulpError(scaledGaussian(1e300, 40.3), real(1e300).mul(real(40.3).mul(real(40.3)).div(-2).exp())),
    ).toBeLessThan(3);
  });

  it('is monotone from one double to the next, but for the last place', () => {
    fc.assert(
      fc.property(number(-30, 30), (x) => {
        const next = x + Math.abs(x) * 2 ** -40 + 1e-12;
        expect(exp(next)).toBeGreaterThan(exp(x));
        expect(normalCdf(next)).toBeGreaterThanOrEqual(normalCdf(x));
        expect(mills(next)).toBeLessThan(mills(x));
      }),
    );
  });
});
