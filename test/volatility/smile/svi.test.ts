import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { SviParameters } from '../../../src/volatility/smile/parameters.js';
import { svi, SVI_NAMES, sviGradient, sviHessian, sviMinimumVariance } from '../../../src/volatility/smile/svi.js';

const reference: SviParameters = { a: 0.01, b: 0.12, rho: -0.55, m: 0.03, sigma: 0.15 };
/** Vogt's slice, Gatheral & Jacquier (2014), section 5.1. */
const vogt: SviParameters = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 };

/** Valid slices: the least variance is drawn, a follows. */
const slices = fc
  .record({
    least: fc.double({ min: 1e-4, max: 0.2, noNaN: true }),
    b: fc.double({ min: 1e-3, max: 0.9, noNaN: true }),
    rho: fc.double({ min: -0.99, max: 0.99, noNaN: true }),
    m: fc.double({ min: -1, max: 1, noNaN: true }),
    sigma: fc.double({ min: 1e-2, max: 2, noNaN: true }),
  })
  .map(({ least, b, rho, m, sigma }) => ({ a: least - b * sigma * Math.sqrt(1 - rho * rho), b, rho, m, sigma }));

const relative = (a: number, b: number): number => Math.abs(a - b) / Math.max(Math.abs(b), 1e-300);

describe('raw SVI', () => {
  it('has the values and derivatives of the reference slice', () => {
    const at = svi.derivatives(reference, 0);
    expect(relative(at.w, 0.03033647024893403)).toBeLessThan(1e-15);
    expect(relative(at.dw, -0.08953393621658208)).toBeLessThan(1e-14);
    expect(relative(at.d2w, 0.754292827454554)).toBeLessThan(1e-14);
    expect(relative(svi.totalVariance(reference, -0.5), 0.111078108898818)).toBeLessThan(1e-14);
    expect(relative(svi.totalVariance(reference, 0.3), 0.0292442685075532)).toBeLessThan(1e-14);
    expect(relative(Math.sqrt(at.w / 0.5), 0.2463187782079719)).toBeLessThan(1e-15);
  });

  it('has derivatives in k and in the parameters that central differences confirm', () => {
    fc.assert(
      fc.property(slices, fc.double({ min: -2, max: 2, noNaN: true }), (p, k) => {
        const h = 1e-4 * p.sigma;
        const up = svi.derivatives(p, k + h);
        const down = svi.derivatives(p, k - h);
        const at = svi.derivatives(p, k);
        const scale = p.b / p.sigma;
        expect(Math.abs((up.w - down.w) / (2 * h) - at.dw)).toBeLessThan(1e-6 * (p.b + at.w * 1e-5));
        expect(Math.abs((up.dw - down.dw) / (2 * h) - at.d2w)).toBeLessThan(1e-6 * scale);
        expect(Math.abs((up.d2w - down.d2w) / (2 * h) - at.d3w)).toBeLessThan((1e-6 * scale) / p.sigma);
        const gradient = new Float64Array(5);
        const ahead = new Float64Array(5);
        const behind = new Float64Array(5);
        const hessian = new Float64Array(25);
        sviGradient(p, k, gradient);
        sviHessian(p, k, hessian);
        SVI_NAMES.forEach((name, i) => {
          const step = name === 'rho' ? 1e-5 * (1 - Math.abs(p.rho)) : 1e-5 * p.sigma;
          // a is moved up with the rest so that every neighbour is in the domain; its own derivative is 1.
          const lift = { ...p, a: p.a + 0.1 };
          const more = { ...lift, [name]: lift[name] + step };
          const less = { ...lift, [name]: lift[name] - step };
          const slope = (svi.totalVariance(more, k) - svi.totalVariance(less, k)) / (2 * step);
          expect(Math.abs(slope - gradient[i]!)).toBeLessThan(1e-6 * (1 + Math.abs(gradient[i]!)) + 1e-15 / step);
          sviGradient(more, k, ahead);
          sviGradient(less, k, behind);
          for (let j = 0; j < 5; j++) {
            const second = (ahead[j]! - behind[j]!) / (2 * step);
            expect(Math.abs(second - hessian[5 * i + j]!)).toBeLessThan(1e-5 * (1 + Math.abs(second)) + 1e-14 / step);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  it('has the slopes b (1 +- rho) far out', () => {
    for (const p of [reference, vogt]) {
      expect(svi.derivatives(p, 1e6).dw).toBeCloseTo(p.b * (1 + p.rho), 10);
      expect(svi.derivatives(p, -1e6).dw).toBeCloseTo(-p.b * (1 - p.rho), 10);
    }
  });

  it.each([
    ['a', { ...reference, a: NaN }],
    ['b', { ...reference, b: -0.1 }],
    ['rho', { ...reference, rho: 1 }],
    ['sigma', { ...reference, sigma: 0 }],
    ['m', { ...reference, m: Infinity }],
    ['a', { ...reference, a: -0.1 }],
  ])('refuses a bad %s', (field, p) => {
    let thrown: unknown;
    try {
      svi.totalVariance(p, 0);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).field).toBe(field);
    expect(() => svi.totalVariance(reference, NaN)).toThrow(InputError);
  });
});

describe('natural form', () => {
  it('comes back to the same smile', () => {
    fc.assert(
      fc.property(slices, fc.double({ min: -2, max: 2, noNaN: true }), (p, k) => {
        const natural = svi.toNatural(p);
        const back = svi.fromNatural(natural);
        const size = Math.abs(p.a) + svi.totalVariance(p, k) + p.b * p.sigma;
        expect(Math.abs(svi.totalVariance(back, k) - svi.totalVariance(p, k))).toBeLessThan(1e-13 * size);
        const { delta, mu, rho, omega, zeta } = natural;
        const z = zeta * (k - mu);
        const direct = delta + (omega / 2) * (1 + rho * z + Math.sqrt((z + rho) ** 2 + 1 - rho * rho));
        expect(Math.abs(direct - svi.totalVariance(p, k))).toBeLessThan(1e-12 * (size + omega));
      }),
    );
  });

  it('refuses what is not a slice', () => {
    const natural = svi.toNatural(reference);
    expect(() => svi.fromNatural({ ...natural, zeta: 0 })).toThrow(InputError);
    expect(() => svi.fromNatural({ ...natural, rho: -1 })).toThrow(InputError);
    expect(() => svi.fromNatural({ ...natural, omega: -1 })).toThrow(InputError);
    expect(() => svi.fromNatural({ ...natural, delta: -1 })).toThrow(InputError);
  });
});

describe('jump-wings', () => {
  it("are those of Vogt's slice", () => {
    const j = svi.toJumpWings(vogt, 1);
    expect(relative(j.v, 0.01742625255515912)).toBeLessThan(1e-13);
    expect(relative(j.psi, -0.1752111408091251)).toBeLessThan(1e-13);
    expect(relative(j.p, 0.6997381041168085)).toBeLessThan(1e-13);
    expect(relative(j.c, 1.316798218986386)).toBeLessThan(1e-13);
    expect(relative(j.vMin, 0.01162490323547788)).toBeLessThan(1e-13);
  });

  it("give the butterfly-free neighbour of Vogt's slice", () => {
    const j = svi.toJumpWings(vogt, 1);
    const c = j.p + 2 * j.psi;
    const vMin = (4 * j.v * j.p * c) / (j.p + c) ** 2;
    expect(relative(c, 0.3493158224985584)).toBeLessThan(1e-13);
    expect(relative(vMin, 0.01548182484073119)).toBeLessThan(1e-13);
    const back = svi.fromJumpWings({ ...j, c, vMin });
    expect(back.ok).toBe(true);
    if (!back.ok) return;
    expect(relative(back.parameters.a, 0.007740912420365595)).toBeLessThan(1e-11);
    expect(relative(back.parameters.b, 0.06924203448893687)).toBeLessThan(1e-12);
    expect(relative(back.parameters.rho, -0.3340364806114792)).toBeLessThan(1e-12);
    expect(relative(back.parameters.m, 0.04203374522958449)).toBeLessThan(1e-11);
    expect(relative(back.parameters.sigma, 0.1186078029132724)).toBeLessThan(1e-11);
  });

  it('come back to the same parameters', () => {
    fc.assert(
      fc.property(slices, fc.double({ min: 0.01, max: 3, noNaN: true }), (p, timeToExpiry) => {
        const j = svi.toJumpWings(p, timeToExpiry);
        const beta = p.m / Math.sqrt(p.m ** 2 + p.sigma ** 2);
        // The map loses sigma as the minimum comes to the money; digits go with the square of the distance.
        fc.pre(Math.abs(beta - p.rho) > 0.05 && Math.abs(beta) < 0.999);
        const back = svi.fromJumpWings(j);
        expect(back.ok).toBe(true);
        if (!back.ok) return;
        for (const name of SVI_NAMES) {
          expect(Math.abs(back.parameters[name] - p[name])).toBeLessThan(
            1e-8 * (p.sigma + Math.abs(p.m) + Math.abs(p[name])),
          );
        }
        expect(relative(sviMinimumVariance(back.parameters), sviMinimumVariance(p))).toBeLessThan(1e-9);
      }),
      { numRuns: 500 },
    );
  });

  it('cover m = 0', () => {
    const p = { ...reference, m: 0 };
    const back = svi.fromJumpWings(svi.toJumpWings(p, 0.5));
    expect(back.ok).toBe(true);
    if (!back.ok) return;
    expect(back.parameters.m).toBeCloseTo(0, 14);
    expect(back.parameters.sigma).toBeCloseTo(p.sigma, 12);
  });

  it('do not determine sigma where the minimum is at the money, unless the curvature is given', () => {
    // beta = rho: m = rho sigma / sqrt(1 - rho^2)
    const p = { ...reference, m: (reference.rho * reference.sigma) / Math.sqrt(1 - reference.rho ** 2) };
    const j = { ...svi.toJumpWings(p, 1), psi: 0 };
    const exact = { ...j, vMin: j.v };
    expect(svi.fromJumpWings(exact)).toMatchObject({ ok: false, reason: 'sigma-undetermined' });
    const back = svi.fromJumpWings(exact, { curvature: svi.derivatives(p, 0).d2w });
    expect(back.ok).toBe(true);
    if (!back.ok) return;
    for (const name of SVI_NAMES) expect(back.parameters[name]).toBeCloseTo(p[name], 12);
  });

  it('name what no hyperbola has', () => {
    const j = svi.toJumpWings(reference, 0.5);
    expect(svi.fromJumpWings({ ...j, psi: -2 })).toMatchObject({ ok: false, reason: 'slope-out-of-range' });
    expect(svi.fromJumpWings({ ...j, c: 0 })).toMatchObject({ ok: false, reason: 'slope-out-of-range' });
    expect(svi.fromJumpWings({ ...j, vMin: j.v })).toMatchObject({ ok: false, reason: 'slope-out-of-range' });
    expect(() => svi.fromJumpWings({ ...j, vMin: 2 * j.v })).toThrow(InputError);
    expect(() => svi.fromJumpWings({ ...j, p: 0, c: 0 })).toThrow(InputError);
    expect(() => svi.toJumpWings(reference, 0)).toThrow(InputError);
    expect(() => svi.toJumpWings({ a: 0, b: 0, rho: 0, m: 0, sigma: 1 }, 1)).toThrow(InputError);
  });
});
