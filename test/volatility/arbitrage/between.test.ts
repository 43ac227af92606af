/** Slices between two: what is proved for all of them at once, against their density computed one by one. */
import { describe, expect, it } from 'vitest';
import { nextUp } from '../../../src/math/dyadic.js';
import { interval } from '../../../src/math/interval.js';
import { certifyBetween } from '../../../src/volatility/arbitrage/between.js';
import type { InterpolationRule } from '../../../src/volatility/arbitrage/between.js';
import { certifyButterfly, isInSufficientBox } from '../../../src/volatility/arbitrage/butterfly.js';
import { certifyCalendar } from '../../../src/volatility/arbitrage/calendar.js';
import type { Certificate } from '../../../src/volatility/arbitrage/certificate.js';
import {
  enclosedHyperbola,
  farFromTheMoney,
  mixtureEnclosure,
  turned,
} from '../../../src/volatility/arbitrage/mixture-enclosure.js';
import { densityFactor } from '../../../src/volatility/arbitrage/slice-density.js';
import { isUndecided, verifyCertificate } from '../../../src/volatility/arbitrage/verify.js';
import type { SmileParameters } from '../../../src/volatility/smile/parameters.js';
import { smileDerivatives } from '../../../src/volatility/smile/smile.js';
import { randomSsvi, randomSvi, svi, uniform } from './reference.js';

const vogt = svi(-0.041, 0.1331, 0.306, 0.3586, 0.4153);
const earlier = svi(0.01, 0.12, -0.55, 0.03, 0.15);
const later = svi(0.02, 0.14, -0.5, 0.05, 0.2);
/** Both are free, each on the edge of it, and they stand in no order: half way between them the density is negative. */
const edges = [
  svi(-0.009303203367143057, 0.04742227399100958, 0.38927664336748413, -0.10689090052619576, 0.25686045767252336),
  svi(-0.04273383654315282, 0.04483979693703866, -0.18405273810960354, -0.17964683379977942, 0.9726357613265431),
] as const;

/** g of the slice whose total variance is mixed, at k. */
function mixedDensity(p: SmileParameters, q: SmileParameters, share: number, k: number): number {
  const [x, y] = [smileDerivatives(p, k), smileDerivatives(q, k)];
  const mix = (a: number, b: number): number => (1 - share) * a + share * b;
  return densityFactor(k, mix(x.w, y.w), mix(x.dw, y.dw), mix(x.d2w, y.d2w));
}

function lowestDensity(p: SmileParameters, q: SmileParameters): number {
  let lowest = Infinity;
  for (let share = 0.05; share < 1; share += 0.05) {
    for (let s = -8; s <= 8; s += 0.1) lowest = Math.min(lowest, mixedDensity(p, q, share, 0.01 * Math.sinh(s)));
  }
  return lowest;
}

describe('total variance mixed', () => {
  it('is proved for every k and every share, and shown again by mean-value forms', () => {
    const c = certifyBetween(earlier, later, 'total-variance');
    expect(c).toEqual({
      kind: 'butterfly',
      verdict: 'proved',
      method: 'interval',
      domain: 'all-k',
      parameters: [earlier, later],
    });
    expect(verifyCertificate(c, [earlier, later])).toBe(true);
    expect(verifyCertificate(JSON.parse(JSON.stringify(c)) as Certificate, [earlier, later])).toBe(true);
  });

  it('is never proved where a density between is negative', () => {
    const [p, q] = edges;
    expect([p, q].map((slice) => certifyButterfly(slice).verdict)).toEqual(['proved', 'proved']);
    expect(certifyCalendar(p, q).verdict).toBe('refuted');
    expect(mixedDensity(p, q, 0.4, -0.5228771198759244)).toBeLessThan(-1e-4);
    const c = certifyBetween(p, q, 'total-variance');
    expect(c.verdict).toBe('undecided');
    expect(isUndecided(c, [p, q])).toBe(true);
    expect(verifyCertificate(c, [p, q])).toBe(false);
    expect(verifyCertificate({ ...c, verdict: 'proved' }, [p, q])).toBe(false);
    // Prices mix without harm, and so the surface does with that rule.
    expect(certifyBetween(p, q, 'price').verdict).toBe('proved');
  });

  it('is proved for random free slices of both models, in order or not, wherever a scan finds nothing', () => {
    const next = uniform(17);
    const free = (): ReturnType<typeof randomSvi> | ReturnType<typeof randomSsvi> => {
      for (;;) {
        const p = next() < 0.3 ? randomSsvi(next) : randomSvi(next);
        if (certifyButterfly(p).verdict === 'proved') return p;
      }
    };
    for (let i = 0; i < 40; i++) {
      const pair = [free(), free()] as const;
      const c = certifyBetween(...pair, 'total-variance');
      const lowest = lowestDensity(...pair);
      expect(c.verdict === 'proved' && lowest < -1e-12).toBe(false);
      if (lowest > 1e-3) expect(c.verdict).toBe('proved');
      if (c.verdict === 'proved' && i % 4 === 0) expect(verifyCertificate(c, pair)).toBe(true);
    }
  });

  it('takes slices of one variance, and of the same variance', () => {
    const flat = svi(0.04, 0, 0, 0, 0.1);
    expect(certifyBetween(flat, { ...flat, a: 0.05 }, 'total-variance').verdict).toBe('proved');
    expect(certifyBetween(earlier, earlier, 'total-variance').verdict).toBe('proved');
  });

  it('encloses every coefficient in both forms, near and far', () => {
    const next = uniform(23);
    for (let i = 0; i < 60; i++) {
      const pair = [i % 3 === 0 ? randomSsvi(next) : randomSvi(next), randomSvi(next)] as const;
      const [first, second] = [enclosedHyperbola(pair[0]), enclosedHyperbola(pair[1])];
      const far = farFromTheMoney([first, second]);
      const side = i % 2 === 0 ? 1 : -1;
      const [one, other] = side > 0 ? [first, second] : [turned(first), turned(second)];
      for (const order of [1, 2] as const) {
        // p at the shares 1/4 and 3/4 is C_0 and C_4 of the part between; the least of five is no more than either.
        const part = { from: 0.25, to: 0.75, order };
        const k = side * far * (1 + 3 * next());
        const p = Math.min(
          ...[0.25, 0.75].map((share) => {
            const w = (1 - share) * smileDerivatives(pair[0], k).w + share * smileDerivatives(pair[1], k).w;
            return w * w * mixedDensity(...pair, share, k);
          }),
        );
        const near = mixtureEnclosure(first, second, { ...part, wing: false })(interval(k));
        const wing = mixtureEnclosure(one, other, { ...part, wing: true })(interval(Math.abs(1 / k)));
        const slack = 1e-9 * (Math.abs(p) + smileDerivatives(pair[0], k).w ** 2 + smileDerivatives(pair[1], k).w ** 2);
        expect(near.lower).toBeLessThanOrEqual(p + slack);
        expect(k * k * wing.lower).toBeLessThanOrEqual(p + slack);
        // The two forms are one function.
        expect(Math.abs(near.upper - k * k * wing.upper)).toBeLessThanOrEqual(slack);
        // A box holds what its points hold.
        const box = mixtureEnclosure(first, second, { ...part, wing: false })(interval(k - 0.01, k + 0.02));
        expect(box.lower).toBeLessThanOrEqual(near.upper);
        expect(box.upper).toBeGreaterThanOrEqual(near.lower);
      }
    }
  });
});

describe('prices mixed', () => {
  it('is a convex combination: proved where the two slices are, whatever their order', () => {
    const pairs: [SmileParameters, SmileParameters][] = [
      [earlier, later],
      [later, earlier],
      [{ theta: 0.04, rho: -0.5, phi: 2 }, later],
    ];
    for (const pair of pairs) {
      const c = certifyBetween(...pair, 'price');
      expect(c).toMatchObject({ verdict: 'proved', method: 'convex-combination', domain: 'all-k' });
      expect(verifyCertificate(c, pair)).toBe(true);
    }
  });

  it('says nothing where one of them has arbitrage', () => {
    for (const rule of ['price', 'total-variance'] as const) {
      for (const pair of [
        [vogt, later],
        [earlier, vogt],
      ] as const) {
        const c = certifyBetween(...pair, rule);
        expect(c.verdict).toBe('undecided');
        expect(c.witness).toBeUndefined();
        expect(isUndecided(c, pair)).toBe(true);
        expect(verifyCertificate({ ...c, verdict: 'proved' }, pair)).toBe(false);
      }
    }
  });
});

describe('eSSVI parameters mixed', () => {
  const first = { theta: 0.04, rho: -0.6, phi: 3 };
  const second = { theta: 0.06, rho: -0.5, phi: 2.5 };

  it('is proved in closed form, and every slice between is in the box and in order', () => {
    const next = uniform(41);
    let proved = 0;
    for (let i = 0; i < 250; i++) {
      const p = { theta: 0.01 + next(), rho: 1.98 * next() - 0.99, phi: 0.05 + 2 * next() };
      const q = { theta: p.theta * (0.9 + next()), rho: 0.9 * p.rho + 0.1 * next(), phi: p.phi * (0.4 + 0.7 * next()) };
      const c = certifyBetween(p, q, 'essvi');
      expect(verifyCertificate({ ...c, verdict: 'proved' }, [p, q])).toBe(c.verdict === 'proved');
      if (c.verdict !== 'proved') continue;
      proved++;
      expect(c.method).toBe('closed-form');
      let before = p;
      for (const share of [0.1, 0.35, 0.5, 0.9]) {
        const mix = (a: number, b: number): number => (1 - share) * a + share * b;
        const psi = mix(p.theta * p.phi, q.theta * q.phi);
        const theta = mix(p.theta, q.theta);
        const slice = { theta, rho: mix(p.rho * p.theta * p.phi, q.rho * q.theta * q.phi) / psi, phi: psi / theta };
        expect(isInSufficientBox({ ...slice, phi: slice.phi * (1 - 1e-12) })).toBe(true);
        // Up to the rounding of the mixed parameters.
        const lowered = { ...before, theta: before.theta * (1 - 1e-9) };
        if (q.phi <= p.phi) expect(certifyCalendar(lowered, slice).verdict).toBe('proved');
        before = slice;
      }
    }
    expect(proved).toBeGreaterThan(40);
  });

  it('says nothing beyond its conditions', () => {
    expect(certifyBetween(first, second, 'essvi').verdict).toBe('proved');
    // A wing that falls, a slice outside the box, a slice that is no SSVI slice.
    expect(certifyBetween(first, { ...second, phi: 1.5 }, 'essvi').verdict).toBe('undecided');
    const outside = { theta: 0.5, rho: 0, phi: 2.9 };
    expect(certifyBetween(outside, { ...outside, theta: 0.6 }, 'essvi').verdict).toBe('undecided');
    expect(certifyBetween(first, later, 'essvi').verdict).toBe('undecided');
    expect(certifyBetween({ theta: 0, rho: 0, phi: 1 }, second, 'essvi').verdict).toBe('undecided');
  });
});

describe('certificates of pairs', () => {
  it('hold for their parameters, their rule and the whole line only', () => {
    for (const rule of ['total-variance', 'price'] as const) {
      const c = certifyBetween(earlier, later, rule);
      expect(verifyCertificate(c, [later, earlier])).toBe(false);
      expect(verifyCertificate(c, [earlier, { ...later, a: nextUp(later.a) }])).toBe(false);
      expect(verifyCertificate(c, earlier)).toBe(false);
      expect(verifyCertificate({ ...c, domain: [-1, 1] }, [earlier, later])).toBe(false);
      expect(verifyCertificate({ ...c, kind: 'calendar' }, [later, earlier])).toBe(false);
      expect(verifyCertificate({ ...c, method: 'sturm-exact' }, [earlier, later])).toBe(false);
      expect(verifyCertificate({ ...c, method: 'closed-form' }, [earlier, later])).toBe(false);
    }
  });

  it('are undecided with SABR, and refuse what is no smile and no rule', () => {
    const sabr = { forward: 100, timeToExpiry: 0.5, alpha: 0.2, beta: 1, rho: -0.4, nu: 0.6 };
    const c = certifyBetween(sabr, later, 'price');
    expect(c.verdict).toBe('undecided');
    expect(isUndecided(c, [sabr, later])).toBe(true);
    expect(() => certifyBetween(earlier, { ...later, rho: 1 }, 'price')).toThrow('rho');
    expect(() => certifyBetween(earlier, later, 'linear' as InterpolationRule)).toThrow('rule');
  });
});
