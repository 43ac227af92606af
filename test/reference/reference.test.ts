import { describe, expect, it } from 'vitest';
import { blackAt, impliedError } from './double-double.js';
import { blackScholesGreeks, differentiate } from './greeks.js';
import { impliedBachelierVolatility, impliedBlackVolatility, impliedTotalVolatility } from './implied.js';
import { mills, normalCdf, normalDensity } from './normal.js';
import { HALF, ONE, PI, real, relativeError, type Real } from './real.js';
import {
  bachelierValue,
  blackScholesValue,
  blackValue,
  displacedValue,
  inverseValue,
  normalisedBlack,
  otmBlack,
  otmBlackComplement,
  scaledBlack,
  textbookBlackValue,
} from './values.js';

function agree(a: Real, b: Real, tolerance = 1e-50): void {
  expect(a.sub(b).abs().div(b.abs()).toNumber()).toBeLessThan(tolerance);
}

describe('reals', () => {
  it('take the exact value of a double', () => {
    expect(real(0.1).toString()).toBe('0.1000000000000000055511151231257827021181583404541015625');
    expect(real(-5e-324).toNumber()).toBe(-5e-324);
    expect(real(Number.MAX_VALUE).toNumber()).toBe(Number.MAX_VALUE);
    expect(() => real(NaN)).toThrow(RangeError);
  });
});

describe('the normal law', () => {
  it('knows published values', () => {
    // Abramowitz and Stegun, tables 26.1 and 26.2.
    expect(normalCdf(1).toString().slice(0, 32)).toBe('0.841344746068542948585232545632');
    agree(normalCdf(0), HALF);
    agree(mills(0), PI.div(2).sqrt());
    // From an independent arbitrary-precision library.
    agree(normalCdf(-37), real('5.72557122252457682268319254827320165643278624283290188167e-300'), 1e-54);
    agree(mills('5.9'), real('0.164991545300323819161012795593021462274252638531500264690503'), 1e-56);
    agree(mills('37.5'), real('0.0266477440148985503324363533705774288401242918687141514272198'), 1e-58);
    expect(normalDensity(0).toNumber()).toBe(0.3989422804014327);
  });
  it("meets its own differential equation M' = z M - 1 across series and continued fraction", () => {
    for (const z of ['0.3', '2.5', '5.9999999', '6', '6.0000001', '11', '37.5', '62', '400', '-3', '-20']) {
      const slope = differentiate((u) => mills(u), [z], [1], '1e-9');
      agree(slope, real(z).mul(mills(z)).sub(1), 1e-60);
    }
  });
  it('is symmetric', () => {
    for (const z of [0.5, 3, 8, 20]) agree(normalCdf(z).add(normalCdf(-z)), ONE, 1e-70);
  });
});

describe('values', () => {
  it('reproduce the worked figures', () => {
    const figure = (value: Real, printed: string) => {
      agree(value, real(printed), 2e-15);
    };
    figure(normalisedBlack('0', '0.2'), '.079655674554057963');
    figure(normalisedBlack('-0.1', '0.2'), '.039458602641807');
    figure(normalisedBlack('-1', '0.1'), '7.4653976115685746e-26');
    figure(normalisedBlack('-0.01', '0.001'), '7.4745593377628338e-28');
    figure(normalisedBlack('-5', '0.5'), '3.6244167118344717e-25');
    figure(normalisedBlack('-20', '4'), '3.3095528600856932e-8');
    figure(normalisedBlack('-0.2', '6'), '.90213889551415807');
    figure(normalisedBlack('-100', '10'), '3.6255038819228238e-29');
    expect(normalisedBlack('-0.001', '1e-5').div('1e-2181').toNumber()).toBeCloseTo(1.3, 1);
    figure(blackValue('call', 100, 120, '0.3', '0.5'), '2.5037752087322377');
    figure(blackValue('put', 100, 120, '0.3', '0.5'), '22.503775208732238');
    figure(blackValue('call', 100, 200, '0.1', '0.05'), '2.8757975999516662e-212');
    figure(bachelierValue('call', '0.01', '0.015', '0.0085', 2), '.0027045775982444637');
    figure(bachelierValue('put', '0.01', '0.015', '0.0085', 2), '.0077045775982444637');
    figure(bachelierValue('call', '-0.002', '0.003', '0.006', 5), '.0032198218927866394');
    figure(bachelierValue('call', '0.01', '0.2', '0.0085', 2), '1.0686098886725758e-59');
    figure(displacedValue('call', '-0.002', '0.003', '0.03', '0.25', 5), '.0044941726569250017');
    const month = real(30).div(365);
    figure(inverseValue('call', 60000, 65000, '0.6', month), '.037297802590077751');
    figure(inverseValue('put', 60000, 65000, '0.6', month), '.12063113592341108');
  });
  it('agree with the textbook formula where that has digits to spare', () => {
    for (const [type, k, volatility] of [
      ['call', 120, 0.3],
      ['put', 120, 0.3],
      ['put', 70, 2],
      ['call', 100, 1e-4],
    ] as const) {
      agree(blackValue(type, 100, k, volatility, 0.5), textbookBlackValue(type, 100, k, volatility, 0.5));
    }
  });
  it('have a complement that sums to one', () => {
    for (const [x, s] of [
      [0, 1],
      [0.3, 2],
      [5, 9],
      [100, 16],
    ] as const) {
      agree(otmBlack(x, s).add(otmBlackComplement(x, s)), ONE);
    }
  });
});

describe('Greeks', () => {
  it('in closed form equal high-precision derivatives and the worked figures', () => {
    const point = [100, 105, '0.25', '0.5', '0.03', '0.01'] as const;
    for (const type of ['call', 'put'] as const) {
      const g = blackScholesGreeks(type, ...point);
      const value = (...a: Real[]) => blackScholesValue(type, a[0]!, a[1]!, a[2]!, a[3]!, a[4]!, a[5]!);
      // orders in S, K, sigma, T, r, q
      const orders: [keyof typeof g, number[], number][] = [
        ['delta', [1], 1],
        ['gamma', [2], 1],
        ['vega', [0, 0, 1], 1],
        ['theta', [0, 0, 0, 1], -1],
        ['rho', [0, 0, 0, 0, 1], 1],
        ['dividendRho', [0, 0, 0, 0, 0, 1], 1],
        ['volga', [0, 0, 2], 1],
        ['speed', [3], 1],
        ['ultima', [0, 0, 3], 1],
        ['dualDelta', [0, 1], 1],
        ['dualGamma', [0, 2], 1],
      ];
      for (const [name, order, sign] of orders) agree(differentiate(value, point, order).mul(sign), g[name], 1e-38);
      if (type === 'put') continue;
      for (const [name, order, sign] of [
        ['vanna', [1, 0, 1], 1],
        ['charm', [1, 0, 0, 1], -1],
        ['veta', [0, 0, 1, 1], -1],
        ['crossStrike', [1, 1], 1],
        ['dualVanna', [0, 1, 1], 1],
      ] as const) {
        agree(differentiate(value, point, order).mul(sign), g[name], 1e-38);
      }
      agree(g.color, real('.021257590313300639'), 1e-15);
      agree(g.zomma, real('-.085460100975011416'), 1e-15);
      agree(g.vannaVolatility, real('-2.6852938351802006'), 1e-15);
    }
  });
});

describe('implied volatility', () => {
  it('inverts the value to 50 digits', () => {
    for (const [x, s] of [
      ['0.3', '0.2'],
      ['1e-3', '1e-4'],
      ['0', '1e-8'],
      ['0.2', 6],
      [300, 30],
      [0, '9'],
      ['3.7e-7', '1e-8'],
    ] as const) {
      agree(impliedTotalVolatility(x, otmBlack(x, s)), real(s));
    }
    agree(impliedBlackVolatility(100, 120, '0.5', blackValue('call', 100, 120, '0.3', '0.5')), real('0.3'));
    agree(
      impliedBachelierVolatility('0.01', '0.2', 2, bachelierValue('call', '0.01', '0.2', '0.0085', 2)),
      real('0.0085'),
    );
    agree(impliedBachelierVolatility(3, 3, 2, bachelierValue('put', 3, 3, '0.4', 2), 0.4), real('0.4'));
    expect(() => impliedTotalVolatility(0.1, 1)).toThrow(RangeError);
  });
});

describe('double-double', () => {
  it('agrees with the reals to 23 digits on the Black value', () => {
    const steps = [0, 0.01, 0.3, 0.9, 1, 2.2, 5, 9.7, 17.3, 26, 33.1, 37];
    for (const h of steps) {
      for (const s of [1e-8, 3.3e-4, 0.02, 0.0625, 0.063, 0.4, 1.7, 6, 14]) {
        const x = h * s;
        const exact = otmBlack(x, s);
        if (exact.lt(1e-300) || otmBlackComplement(x, s).lt(1e-13)) continue;
        const { value, slope } = blackAt(x, s);
        agree(real(value[0]).add(real(value[1])), exact, 1e-23);
        agree(real(slope[0]).add(real(slope[1])), exact.div(scaledBlack(x, s)), 1e-23);
      }
    }
  });
  it('finds the error of an implied volatility as the 50-digit solver does', () => {
    for (const [x, s] of [
      [0.3, 0.2],
      [1e-7, 2e-8],
      [2, 7],
      [5, 0.14],
      [0, 1e-4],
    ] as const) {
      const p = otmBlack(x, s).toNumber();
      const wrong = s * (1 + 3e-12);
      const exact = relativeError(wrong, impliedTotalVolatility(x, p, s));
      expect(Math.abs(impliedError(x, p, wrong) / exact - 1)).toBeLessThan(1e-7);
    }
  });
});

describe('relative error', () => {
  it('has a sign, and limits at zero', () => {
    expect(relativeError(2, ONE)).toBe(1);
    expect(relativeError(0, real(0))).toBe(0);
    expect(relativeError(1, real(0))).toBe(Infinity);
  });
});
