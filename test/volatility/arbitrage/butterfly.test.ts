import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { dyadic, nextDown, nextUp, toNumber } from '../../../src/math/dyadic.js';
import { evaluate, toIntegerPolynomial } from '../../../src/math/polynomial.js';
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import { exactDensityPolynomial } from '../../../src/volatility/arbitrage/density-polynomial.js';
import { exactPattern } from '../../../src/volatility/arbitrage/negative-density.js';
import { accurateDensity } from '../../../src/volatility/arbitrage/slice-density.js';
import { ssviTotalVariance } from '../../../src/volatility/smile/ssvi.js';
import { real, type Real } from '../../reference/real.js';
import {
  exactCost,
  exactPayoff,
  exactSlice,
  randomSsvi,
  randomSvi,
  svi,
  uniform,
  type Hyperbolic,
} from './reference.js';

const vogt = svi(-0.041, 0.1331, 0.306, 0.3586, 0.4153);

/** The stretch to `digits` digits, the exact signs of g around it, and a trade that collects. */
function expectRefuted(p: Hyperbolic, between: [number, number], tolerance: number, lowest?: number): void {
  const c = certifyButterfly(p);
  expect(c.verdict).toBe('refuted');
  const { k, value, interval, trade, credit } = c.witness!;
  expect(Math.abs(interval[0] - between[0])).toBeLessThan(tolerance);
  expect(Math.abs(interval[1] - between[1])).toBeLessThan(tolerance);
  if (lowest !== undefined) expect(Math.abs(value / lowest - 1)).toBeLessThan(0.01);
  for (const at of [interval[0], k, interval[1]]) expect(exactSlice(p, at).g.isNegative()).toBe(true);
  expect(exactSlice(p, interval[0] - tolerance).g.isPositive()).toBe(true);
  expect(exactSlice(p, interval[1] + tolerance).g.isPositive()).toBe(true);
  expect(Math.abs(exactSlice(p, k).g.div(real(value)).toNumber() - 1)).toBeLessThan(1e-9);
  if (trade.length > 0) expectCollects(trade, credit, [p]);
}

function expectCollects(
  trade: NonNullable<ReturnType<typeof certifyButterfly>['witness']>['trade'],
  credit: number,
  slices: Hyperbolic[],
): void {
  expect(credit).toBeGreaterThan(0);
  expect(exactCost(trade, slices).neg().div(real(credit)).toNumber()).toBeCloseTo(1, 7);
  const strikes = trade.map(({ strike }) => strike);
  for (const spot of [0, ...strikes, strikes.at(-1)! * 2, 1e9])
    expect(exactPayoff(trade, spot).isNegative()).toBe(false);
}

describe('published slices', () => {
  it("refutes Vogt's slice where its density is negative", () => {
    expectRefuted(vogt, [0.6424078778693807, 1.256912991932127], 1e-11);
    const c = certifyButterfly(vogt);
    expect(c.witness!.k).toBeCloseTo(0.8792625416220679, 10);
    expect(c.witness!.value).toBeCloseTo(-0.03286357345362301, 14);
    expect(c.domain).toBe('all-k');
    expect(c.parameters).toEqual([vogt]);
    const pattern = exactPattern(vogt);
    expect(pattern.roots).toHaveLength(2);
    expect(pattern.signs).toEqual([1, -1, 1]);
  });

  it("proves Vogt's slice after the jump-wing correction", () => {
    const corrected = svi(
      0.007740912420365595,
      0.06924203448893687,
      -0.3340364806114792,
      0.04203374522958449,
      0.1186078029132724,
    );
    expect(certifyButterfly(corrected)).toMatchObject({ verdict: 'proved', domain: 'all-k' });
  });

  it('proves the reference slice, with g as published', () => {
    const p = svi(0.01, 0.12, -0.55, 0.03, 0.15);
    expect(certifyButterfly(p).verdict).toBe('proved');
    const density = accurateDensity(p);
    for (const [k, g] of [
      [0, 1.31058360644496],
      [-0.5, 0.2818772800276124],
      [0.3, 0.6735530322350246],
    ] as const) {
      expect(density(k).g).toBeCloseTo(g, 13);
    }
  });

  it('refutes slices that grid scans accept', () => {
    expectRefuted(svi(-0.02878, 0.10455, -0.67078, 0.23781, 0.38113), [1.5098, 1.8853], 1e-3, -7.0e-3);
    expectRefuted(svi(-0.11894, 0.3242, -0.92546, 0.15056, 0.99567), [7.072, 7.744], 1e-3, -1.05e-3);
    expectRefuted(svi(-0.02028, 0.06254, -0.91699, 0.22089, 0.81948), [6.0883, 6.3667], 1e-3);
    for (const p of [
      svi(-0.02878, 0.10455, -0.67078, 0.23781, 0.38113),
      svi(-0.11894, 0.3242, -0.92546, 0.15056, 0.99567),
      svi(-0.02028, 0.06254, -0.91699, 0.22089, 0.81948),
    ]) {
      expect(exactPattern(p).roots).toHaveLength(2);
    }
  });
});

describe('the density polynomial', () => {
  const variable = (p: Hyperbolic, k: Real): Real => {
    const [u, s] =
      'sigma' in p
        ? [k.sub(real(p.m)), real(p.sigma).pow(2)]
        : [k.mul(real(p.phi)).add(real(p.rho)), real(1).sub(real(p.rho).pow(2))];
    return u.add(u.mul(u).add(s).sqrt());
  };

  it('divided by 16 P^2 W^3, or 64 W^3, is g to 50 digits', () => {
    const next = uniform(11);
    for (let i = 0; i < 40; i++) {
      const p = i % 2 === 0 ? randomSvi(next) : randomSsvi(next);
      const k = real((next() - 0.5) * 4);
      const t = variable(p, k);
      const { w, g } = exactSlice(p, k);
      const s = 'sigma' in p ? real(p.sigma).pow(2) : real(1).sub(real(p.rho).pow(2));
      const W = t.mul(t).add(s);
      const P = t.mul(w).mul(2);
      const value = exactDensityPolynomial(p).reduceRight<Real>(
        (sum, { mantissa, exponent }) => sum.mul(t).add(real(mantissa.toString()).mul(real(2).pow(exponent))),
        real(0),
      );
      const divisor = 'sigma' in p ? P.pow(2).mul(W.pow(3)).mul(16) : W.pow(3).mul(64);
      expect(value.div(divisor).sub(g).abs().lt('1e-50')).toBe(true);
    }
  });

  it('has Lee bounds for its first and last coefficient', () => {
    const { a, b, rho, m, sigma } = svi(0.25, 0.5, -0.25, 0.125, 0.5);
    const D = exactDensityPolynomial({ a, b, rho, m, sigma }).map(toNumber);
    expect(D).toHaveLength(11);
    expect(D[10]).toBe(b ** 2 * (1 + rho) ** 2 * (4 - b ** 2 * (1 + rho) ** 2));
    expect(D[0]).toBe(sigma ** 10 * b ** 2 * (1 - rho) ** 2 * (4 - b ** 2 * (1 - rho) ** 2));
  });

  it('turns around under (rho, m) -> (-rho, -m)', () => {
    const next = uniform(5);
    for (let i = 0; i < 30; i++) {
      const p = randomSvi(next);
      const mirror = { ...p, rho: -p.rho, m: -p.m };
      const D = toIntegerPolynomial(exactDensityPolynomial(p));
      const E = toIntegerPolynomial(exactDensityPolynomial(mirror));
      // D(s/t) t^10 is E(t) up to a power of s = sigma^2: compared where t = sigma 2^j.
      for (const j of [-2, 0, 3]) {
        const t = dyadic(p.sigma * 2 ** j);
        const back = dyadic(p.sigma * 2 ** -j);
        const left = real(evaluate(D, back).mantissa.toString()).mul(real(2).pow(evaluate(D, back).exponent));
        const right = real(evaluate(E, t).mantissa.toString()).mul(real(2).pow(evaluate(E, t).exponent));
        const ratio = left
          .div(right)
          .mul(real(2).pow(10 * j))
          .toNumber();
        expect(Math.log2(ratio)).toBeCloseTo(Math.round(Math.log2(ratio)), 12);
      }
      expect(certifyButterfly(mirror).verdict).toBe(certifyButterfly(p).verdict);
    }
  });
});

describe('slices on the edge', () => {
  it('a right wing of slope 2 keeps value at infinite strike; one bit less is free', () => {
    const c = certifyButterfly(svi(6, 2, 0, 0, 0.5));
    expect(c).toMatchObject({ verdict: 'refuted', method: 'closed-form', margin: 0 });
    expect(c.witness).toMatchObject({ value: 0, trade: [], credit: 0 });
    expect(certifyButterfly(svi(6, nextDown(2), 0, 0, 0.5)).verdict).toBe('proved');
  });

  it('a wing steeper than 2 is refuted on either side, with a trade where strikes reach it', () => {
    for (const rho of [0.25, -0.25]) {
      const c = certifyButterfly(svi(0.5, 1.75, rho, 0, 0.5));
      expect(c).toMatchObject({ verdict: 'refuted', method: 'closed-form' });
      expect(c.witness!.interval[rho > 0 ? 1 : 0]).toBe(Math.sign(rho) * Number.MAX_VALUE);
      expectCollects(c.witness!.trade, c.witness!.credit, [c.parameters[0] as Hyperbolic]);
    }
    // Here the density turns negative beyond every strike a double can hold.
    const far = certifyButterfly(svi(60, nextUp(2), 0, 0, 0.5));
    expect(far).toMatchObject({ verdict: 'refuted', method: 'closed-form', witness: { trade: [], credit: 0 } });
    expect(far.witness!.value).toBeLessThan(0);
  });

  it('a variance that reaches 0 is refuted, at one point or on a stretch, and options there are too cheap', () => {
    const touching = svi(-0.25, 0.5, 0, 0.125, 0.5);
    const c = certifyButterfly(touching);
    expect(c).toMatchObject({
      verdict: 'refuted',
      method: 'closed-form',
      witness: { k: 0.125, value: 0, interval: [0.125, 0.125] },
    });
    expectCollects(c.witness!.trade, c.witness!.credit, [touching]);
    // One bit more of level, and the variance is positive: then the density decides.
    expect(certifyButterfly({ ...touching, a: nextUp(-0.25) }).method).not.toBe('closed-form');
    for (const p of [svi(-0.3, 0.5, 0, 0.1, 0.5), svi(-0.3, 0.5, -0.4, 0.9, 0.5), svi(-0.5, 0.8, 0.7, -1, 0.5)]) {
      const below = certifyButterfly(p);
      expect(below).toMatchObject({ verdict: 'refuted', method: 'closed-form' });
      const { k, value, interval, trade, credit } = below.witness!;
      for (const at of [interval[0], k, interval[1]]) expect(exactSlice(p, at).w.gt(0)).toBe(false);
      expect(exactSlice(p, k).w.toNumber()).toBeCloseTo(value, 14);
      for (const at of [interval[0] - 1e-10, interval[1] + 1e-10]) expect(exactSlice(p, at).w.gt(0)).toBe(true);
      expectCollects(trade, credit, [p]);
    }
  });

  it('one variance for every strike is free, 0 included', () => {
    expect(certifyButterfly(svi(0.04, 0, 0.3, 0, 0.1))).toMatchObject({ verdict: 'proved', method: 'closed-form' });
    expect(certifyButterfly(svi(0, 0, 0.3, 0, 0.1)).verdict).toBe('proved');
    expect(certifyButterfly({ theta: 0, rho: 0.3, phi: 1 }).verdict).toBe('proved');
  });

  it('decides on the last bit of the level', () => {
    let refuted = -0.06;
    let proved = 0.05;
    const at = (a: number): Hyperbolic => svi(a, 0.12, -0.55, 0.03, 0.15 + 0.5);
    expect([certifyButterfly(at(refuted)).verdict, certifyButterfly(at(proved)).verdict]).toEqual([
      'refuted',
      'proved',
    ]);
    while (nextUp(refuted) < proved) {
      const middle = 0.5 * (refuted + proved);
      if (certifyButterfly(at(middle)).verdict === 'proved') proved = middle;
      else refuted = middle;
    }
    const last = certifyButterfly(at(refuted));
    expect(last.verdict).toBe('refuted');
    expect(last.method).toBe('sturm-exact');
    expect(certifyButterfly(at(proved))).toMatchObject({ verdict: 'proved', method: 'sturm-exact' });
    const { k, value, interval } = last.witness!;
    expect(exactSlice(at(refuted), k).g.isNegative()).toBe(true);
    expect(exactSlice(at(refuted), k).g.toNumber() / value).toBeCloseTo(1, 8);
    expect(exactSlice(at(proved), k).g.isNegative()).toBe(false);
    expect(interval[1] - interval[0]).toBeLessThan(1e-6);
  });

  it('keeps a proved slice proved when its variance is scaled down', () => {
    const next = uniform(3);
    for (let i = 0, seen = 0; seen < 60 && i < 1000; i++) {
      const p = randomSvi(next);
      if (certifyButterfly(p).verdict !== 'proved') continue;
      seen++;
      for (const factor of [0.5, 0.125, 2 ** -20]) {
        expect(certifyButterfly({ ...p, a: p.a * factor, b: p.b * factor }).verdict).toBe('proved');
      }
    }
  });
});

describe('SSVI', () => {
  it('is decided for its own parameters, and agrees with the raw slice they round to', () => {
    const next = uniform(8);
    const seen = { proved: 0, refuted: 0, undecided: 0 };
    for (let i = 0; i < 400; i++) {
      const p = randomSsvi(next);
      const c = certifyButterfly(p);
      seen[c.verdict]++;
      const orthogonal = (1 - p.rho) * (1 + p.rho);
      const raw = svi(
        0.5 * p.theta * orthogonal,
        0.5 * p.theta * p.phi,
        p.rho,
        -p.rho / p.phi,
        Math.sqrt(orthogonal) / p.phi,
      );
      expect(certifyButterfly(raw).verdict).toBe(c.verdict);
      if (c.verdict === 'refuted') expect(exactSlice(p, c.witness!.k).g.isNegative()).toBe(true);
    }
    expect(seen.undecided).toBe(0);
    expect(Math.min(seen.proved, seen.refuted)).toBeGreaterThan(40);
  });

  it('takes the closed form where it is met, to the last bit', () => {
    expect(certifyButterfly({ theta: 1, rho: 0, phi: 2 })).toMatchObject({ verdict: 'proved', method: 'closed-form' });
    expect(certifyButterfly({ theta: 1, rho: 0, phi: nextUp(2) }).method).not.toBe('closed-form');
    // theta phi = 4: both wings have slope 2 exactly.
    expect(certifyButterfly({ theta: 4, rho: 0, phi: 1 })).toMatchObject({
      verdict: 'refuted',
      method: 'closed-form',
      margin: 0,
    });
    expect(certifyButterfly({ theta: nextDown(4), rho: 0, phi: 1 })).toMatchObject({
      verdict: 'proved',
      method: 'closed-form',
    });
  });

  it('witnesses collect', () => {
    const p = { theta: 0.04, rho: -0.5, phi: 30 };
    const { trade, credit } = certifyButterfly(p).witness!;
    expectCollects(trade, credit, [p]);
    expect(ssviTotalVariance(p, 0)).toBeCloseTo(0.04, 15);
  });
});

describe('on an interval', () => {
  it("proves Vogt's slice beside its bad stretch and refutes it across", () => {
    expect(certifyButterfly(vogt, { interval: [-2, 0.6424] })).toMatchObject({
      verdict: 'proved',
      domain: [-2, 0.6424],
    });
    expect(certifyButterfly(vogt, { interval: [1.26, 3] }).verdict).toBe('proved');
    const c = certifyButterfly(vogt, { interval: [1.1, 3] });
    expect(c.verdict).toBe('refuted');
    expect(c.witness!.interval[0]).toBe(1.1);
    expect(c.witness!.k).toBe(1.1);
    expectCollects(
      certifyButterfly(vogt, { interval: [0.7, 3] }).witness!.trade,
      certifyButterfly(vogt, { interval: [0.7, 3] }).witness!.credit,
      [vogt],
    );
  });

  it('leaves out where the variance is 0 or less, and wings that are too steep', () => {
    const p = svi(-0.3, 0.5, 0, 0.1, 0.5);
    expect(certifyButterfly(p, { interval: [-0.2, 0.4] })).toMatchObject({
      verdict: 'refuted',
      witness: { k: 0.1, interval: [-0.2, 0.4] },
    });
    expect(certifyButterfly(p, { interval: [-0.1, 0] }).witness!.value).toBeLessThan(0);
    const steep = svi(0.5, 1.75, 0.25, 0, 0.5);
    expect(certifyButterfly(steep, { interval: [-0.1, 0.1] }).verdict).toBe('proved');
  });
});

describe("a caller's mistakes", () => {
  it.each([
    ['a', { ...vogt, a: NaN }],
    ['b', { ...vogt, b: -0.1 }],
    ['b', { ...vogt, b: Infinity }],
    ['rho', { ...vogt, rho: 1 }],
    ['rho', { ...vogt, rho: -1.5 }],
    ['m', { ...vogt, m: Infinity }],
    ['sigma', { ...vogt, sigma: 0 }],
    ['a', svi(-0.01, 0, 0, 0, 0.1)],
    ['theta', { theta: -0.01, rho: 0, phi: 1 }],
    ['rho', { theta: 0.04, rho: NaN, phi: 1 }],
    ['phi', { theta: 0.04, rho: 0, phi: 0 }],
    ['parameters', {} as Hyperbolic],
    ['parameters', null as unknown as Hyperbolic],
  ] as const)('%s', (field, p) => {
    expect(() => certifyButterfly(p)).toThrow(InputError);
    expect(() => certifyButterfly(p)).toThrow(expect.objectContaining({ field }) as Error);
  });

  it('intervals', () => {
    for (const interval of [[1, 0], [0, 0], [0, Infinity], [NaN, 1], [0]]) {
      expect(() => certifyButterfly(vogt, { interval: interval as [number, number] })).toThrow(InputError);
    }
  });
});

it('copies the parameters and nothing else', () => {
  const p = { ...vogt, label: 'mine' };
  const c = certifyButterfly(p);
  expect(c.parameters).toEqual([vogt]);
  expect(structuredClone(c)).toEqual(c);
  expect(JSON.parse(JSON.stringify(c))).toEqual(c);
});
