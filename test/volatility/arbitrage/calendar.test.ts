import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { dyadic, nextDown, nextUp, toNumber } from '../../../src/math/dyadic.js';
import { certifyCalendar } from '../../../src/volatility/arbitrage/calendar.js';
import { verifyCertificate } from '../../../src/volatility/arbitrage/verify.js';
import { doubleHyperbola, totalVarianceAt } from '../../../src/volatility/arbitrage/hyperbola.js';
import { gapQuartic, gapSign, gapValue, varianceGap } from '../../../src/volatility/arbitrage/variance-gap.js';
import { signPattern } from '../../../src/math/real-roots.js';
import { reflect } from '../../../src/math/polynomial.js';
import type { SsviSlice, SviParameters } from '../../../src/volatility/smile/parameters.js';
import { real } from '../../reference/real.js';
import { exactCost, exactSlice, svi, uniform, type Hyperbolic } from './reference.js';

function exactGap(earlier: Hyperbolic, later: Hyperbolic, k: number): number {
  return exactSlice(later, k).w.sub(exactSlice(earlier, k).w).toNumber();
}

/** A slice and a later one that is near it, above or across. */
function randomPair(next: () => number): [SviParameters, SviParameters] {
  const rho = 1.6 * next() - 0.9;
  const b = next() / (1 + Math.abs(rho));
  const sigma = Math.exp(Math.log(0.03) + next() * Math.log(30));
  const earlier = svi(0.02 + 0.05 * next() - b * sigma * Math.sqrt(1 - rho * rho), b, rho, 0.4 * (next() - 0.5), sigma);
  const later = svi(
    earlier.a + 0.03 * (next() - 0.15),
    b * (0.98 + 0.2 * next()),
    rho * (1 + 0.03 * (next() - 0.5)),
    earlier.m + 0.04 * (next() - 0.5),
    sigma * (1 + 0.4 * (next() - 0.3)),
  );
  return [earlier, later];
}

/** The lowest gap on a dense net over the whole line; to 80 digits where doubles leave its sign in doubt. */
function denseScan(earlier: Hyperbolic, later: Hyperbolic): number {
  let lowest = Infinity;
  const [first, second] = [doubleHyperbola(earlier), doubleHyperbola(later)];
  for (let i = -4000; i <= 4000; i++) {
    const k = Math.sinh((i / 4000) * 12);
    const gap = totalVarianceAt(second, k) - totalVarianceAt(first, k);
    const doubtful = Math.abs(gap) < 1e-12 * (1 + Math.abs(k));
    lowest = Math.min(lowest, doubtful ? exactGap(earlier, later, k) : gap);
  }
  return lowest;
}

const reference = {
  proved: [svi(0.03, 0.08, -0.6, 0, 0.1), svi(0.04, 0.1, -0.4, 0.05, 0.2)] as const,
  refuted: [svi(0.031, 0.1, -0.6, 0, 0.1), svi(0.03, 0.1, -0.2, 0.05, 0.2)] as const,
};

function realRoots([earlier, later]: readonly [Hyperbolic, Hyperbolic]): number[] {
  const quartic = gapQuartic(varianceGap(earlier, later));
  const positive = signPattern(quartic).roots.map(({ upper }) => toNumber(upper));
  return [...signPattern(reflect(quartic)).roots.map(({ upper }) => -toNumber(upper)), ...positive];
}

describe('worked pairs', () => {
  it('proves a pair whose quartic has two spurious roots', () => {
    const pair = reference.proved;
    expect(certifyCalendar(...pair)).toMatchObject({ verdict: 'proved', method: 'interval', domain: 'all-k' });
    expect(realRoots(pair)).toHaveLength(2);
    expect(gapValue(varianceGap(...pair), 0.01752024)).toBeCloseTo(0.0243, 4);
    expect(gapValue(varianceGap(...pair), 1.31067956)).toBeCloseTo(0.045, 4);
  });

  it('refutes a pair with one true root', () => {
    const pair = reference.refuted;
    const c = certifyCalendar(...pair);
    expect(c.verdict).toBe('refuted');
    expect(c.witness!.interval[0]).toBe(-Number.MAX_VALUE);
    expect(c.witness!.interval[1]).toBeCloseTo(-0.2325737, 7);
    expect(realRoots(pair)).toHaveLength(2);
    const { trade, credit, k, value } = c.witness!;
    expect(exactGap(...pair, k) / value).toBeCloseTo(1, 9);
    expect(exactCost(trade, pair).neg().div(real(credit)).toNumber()).toBeCloseTo(1, 8);
    expect(trade.map(({ quantity, timeToExpiry }) => [quantity, timeToExpiry])).toEqual([
      [-1, 1],
      [1, 2],
    ]);
  });
});

describe('against a dense scan to 80 digits', () => {
  it('decides random pairs as the scan does', () => {
    const next = uniform(17);
    const seen = { proved: 0, refuted: 0, undecided: 0 };
    for (let i = 0; i < 200; i++) {
      const [earlier, later] = randomPair(next);
      const c = certifyCalendar(earlier, later);
      seen[c.verdict]++;
      const lowest = denseScan(earlier, later);
      if (c.verdict === 'proved') expect(lowest).toBeGreaterThanOrEqual(0);
      else {
        expect(exactGap(earlier, later, c.witness!.k)).toBeLessThan(0);
        const [from, to] = c.witness!.interval;
        for (const at of [from, to]) if (Math.abs(at) < 1e300) expect(exactGap(earlier, later, at)).toBeLessThan(0);
        if (c.witness!.trade.length > 0) {
          expect(
            exactCost(c.witness!.trade, [earlier, later]).neg().div(real(c.witness!.credit)).toNumber(),
          ).toBeCloseTo(1, 6);
        }
      }
    }
    expect(seen.undecided).toBe(0);
    expect(Math.min(seen.proved, seen.refuted)).toBeGreaterThan(30);
  });

  it('is transitive', () => {
    const next = uniform(23);
    let chains = 0;
    for (let i = 0; i < 600; i++) {
      const [first, second] = randomPair(next);
      const third = {
        ...second,
        a: second.a + 0.02 * next(),
        b: second.b * (1 + 0.1 * next()),
        m: second.m + 0.02 * next(),
      };
      if (certifyCalendar(first, second).verdict !== 'proved' || certifyCalendar(second, third).verdict !== 'proved')
        continue;
      chains++;
      expect(certifyCalendar(first, third).verdict).toBe('proved');
    }
    expect(chains).toBeGreaterThan(40);
  });

  it('turns around with both slices', () => {
    const next = uniform(29);
    const turn = (p: SviParameters): SviParameters => ({ ...p, rho: -p.rho, m: -p.m });
    for (let i = 0; i < 100; i++) {
      const [earlier, later] = randomPair(next);
      const c = certifyCalendar(earlier, later);
      const d = certifyCalendar(turn(earlier), turn(later));
      expect(d.verdict).toBe(c.verdict);
      if (c.witness !== undefined) expect(d.margin! / c.margin!).toBeCloseTo(1, 6);
    }
  });
});

describe('touching', () => {
  // 0.5 sqrt(k^2 + 0.08^2) has its lowest point 0.5 x 0.08 = 0.04 at 0, exactly.
  const flat = svi(0.04, 0, 0, 0, 0.1);
  it('is allowed, and one bit below it is not', () => {
    expect(certifyCalendar(flat, svi(0, 0.5, 0, 0, 0.08))).toMatchObject({ verdict: 'proved', method: 'sturm-exact' });
    expect(certifyCalendar(flat, svi(0, 0.5, 0, 0.25, 0.08)).verdict).toBe('proved');
    const c = certifyCalendar(flat, svi(0, 0.5, 0, 0, nextDown(0.08)));
    expect(c.verdict).toBe('refuted');
    expect(c.witness!.k).toBeCloseTo(0, 9);
    expect(exactGap(flat, svi(0, 0.5, 0, 0, nextDown(0.08)), c.witness!.k) / c.witness!.value).toBeCloseTo(1, 9);
    expect(c.witness!.credit).toBeGreaterThan(0);
    expect(certifyCalendar(flat, svi(0, 0.5, 0, 0, nextUp(0.08))).verdict).toBe('proved');
  });

  it('a slice with itself, and with itself lifted or lowered by one bit', () => {
    const p = svi(0.03, 0.08, -0.6, 0.01, 0.1);
    expect(certifyCalendar(p, p)).toMatchObject({ verdict: 'proved', method: 'closed-form' });
    expect(certifyCalendar(p, { ...p, a: nextUp(p.a) }).verdict).toBe('proved');
    const c = certifyCalendar(p, { ...p, a: nextDown(p.a) });
    expect(c.verdict).toBe('refuted');
    expect(c.witness!.value).toBe(nextDown(p.a) - p.a);
    expect(c.witness!.credit).toBeGreaterThan(0);
  });

  it('equal wing slopes: the limits of the wings decide', () => {
    // w_2 - w_1 tends to a_2 - a_1 - b (1 + rho)(m_2 - m_1) on the right.
    const p = svi(0.25, 0.5, 0, 0, 0.5);
    expect(certifyCalendar(p, { ...p, a: 0.375, m: 0.25 }).verdict).toBe('proved');
    expect(certifyCalendar(p, { ...p, a: 0.375, m: 0.5 }).verdict).toBe('refuted');
    // Exactly equal limits: the gap falls to 0 from above at infinity, or rises to it from below.
    expect(certifyCalendar(p, { ...p, sigma: 1 }).verdict).toBe('proved');
    expect(certifyCalendar({ ...p, sigma: 1 }, p).verdict).toBe('refuted');
  });

  it('flat slices and slices of no variance', () => {
    expect(certifyCalendar(flat, { ...flat, a: 0.05, sigma: 3 }).verdict).toBe('proved');
    expect(certifyCalendar({ ...flat, a: 0.05 }, flat)).toMatchObject({ verdict: 'refuted', margin: 0.04 - 0.05 });
    expect(certifyCalendar(svi(0, 0, 0, 0, 1), flat).verdict).toBe('proved');
    expect(certifyCalendar({ theta: 0, rho: 0, phi: 1 }, flat).verdict).toBe('proved');
    expect(certifyCalendar(svi(0.01, 0.2, -0.3, 0, 0.1), flat).verdict).toBe('refuted');
  });
});

describe('SSVI pairs', () => {
  it('the closed form proves only what is ordered', () => {
    const next = uniform(41);
    let closed = 0;
    for (let i = 0; i < 200; i++) {
      const earlier: SsviSlice = { theta: 0.02 + 0.1 * next(), rho: 1.6 * next() - 0.8, phi: 0.5 + 4 * next() };
      const rho = Math.max(-0.95, Math.min(0.95, earlier.rho + 0.4 * (next() - 0.5)));
      const factor = Math.max((1 + earlier.rho) / (1 + rho), (1 - earlier.rho) / (1 - rho)) * (1 + 0.2 * next() - 0.02);
      const phi = earlier.phi * (1.05 - 0.3 * next());
      const later: SsviSlice = { theta: (factor * earlier.theta * earlier.phi) / phi, rho, phi };
      const c = certifyCalendar(earlier, later);
      expect(c.verdict).not.toBe('undecided');
      if (c.method === 'closed-form' && c.verdict === 'proved') closed++;
      const lowest = denseScan(earlier, later);
      if (c.verdict === 'proved') expect(lowest).toBeGreaterThanOrEqual(0);
      else expect(exactGap(earlier, later, c.witness!.k)).toBeLessThan(0);
    }
    expect(closed).toBeGreaterThan(50);
  });

  it('decides mixed pairs', () => {
    const ssvi = { theta: 0.04, rho: -0.5, phi: 3 };
    expect(certifyCalendar(ssvi, svi(0.06, 0.1, -0.5, 0.05, 0.2)).verdict).toBe('proved');
    const c = certifyCalendar(svi(0.06, 0.1, -0.5, 0.05, 0.2), ssvi);
    expect(c.verdict).toBe('refuted');
    expect(exactGap(svi(0.06, 0.1, -0.5, 0.05, 0.2), ssvi, c.witness!.k)).toBeLessThan(0);
  });
});

it('the sign of the gap is decided without roots', () => {
  const next = uniform(53);
  for (let i = 0; i < 200; i++) {
    const [earlier, later] = randomPair(next);
    const k = 4 * (next() - 0.5);
    expect(gapSign(varianceGap(earlier, later), dyadic(k))).toBe(Math.sign(exactGap(earlier, later, k)));
  }
});

it('claims nothing about SABR, and throws for what is no smile', () => {
  const sabr = { forward: 100, timeToExpiry: 1, alpha: 0.2, beta: 1, rho: 0, nu: 0.3 };
  expect(certifyCalendar(sabr, sabr).verdict).toBe('undecided');
  expect(() => certifyCalendar(svi(0.04, 0.1, 2, 0, 0.1), svi(0.04, 0.1, 0, 0, 0.1))).toThrow(InputError);
});

describe('pairs on an interval', () => {
  const earlier = { a: 0.02, b: 0.2, rho: -0.5, m: 0, sigma: 0.2 };
  const later = { a: 0.045, b: 0.1, rho: -0.2, m: 0, sigma: 0.25 };

  it('are refuted where the gap is negative, proved where it is not', () => {
    const everywhere = certifyCalendar(earlier, later);
    expect(everywhere.verdict).toBe('refuted');
    const [lower, upper] = everywhere.witness!.interval;
    const edge = lower === -Number.MAX_VALUE ? upper : lower;
    const [inside, outside] = lower === -Number.MAX_VALUE ? [edge - 0.5, edge + 0.5] : [edge + 0.5, edge - 0.5];
    const bad: [number, number] = [Math.min(edge, inside), Math.max(edge, inside)];
    const c = certifyCalendar(earlier, later, { interval: bad });
    expect(c.verdict).toBe('refuted');
    expect(c.domain).toEqual(bad);
    expect(c.witness!.interval[0]).toBeGreaterThanOrEqual(bad[0]);
    expect(c.witness!.interval[1]).toBeLessThanOrEqual(bad[1]);
    expect(verifyCertificate(c, [earlier, later])).toBe(true);
    const step = edge === upper ? nextUp(edge) : nextDown(edge);
    const good: [number, number] = [Math.min(step, outside), Math.max(step, outside)];
    const proof = certifyCalendar(earlier, later, { interval: good });
    expect(proof).toMatchObject({ verdict: 'proved', domain: good });
    expect(proof.witness).toBeUndefined();
    expect(verifyCertificate(proof, [earlier, later])).toBe(true);
    expect(verifyCertificate({ ...proof, domain: bad }, [earlier, later])).toBe(false);
    expect(verifyCertificate({ ...proof, domain: 'all-k' }, [earlier, later])).toBe(false);
  });

  it('keep a proof of the whole line', () => {
    const wide = { ...earlier, a: 0.05 };
    const c = certifyCalendar(earlier, wide, { interval: [-1, 1] });
    expect(c).toMatchObject({ verdict: 'proved', domain: [-1, 1] });
    expect(verifyCertificate(c, [earlier, wide])).toBe(true);
    expect(() => certifyCalendar(earlier, wide, { interval: [0, 0] })).toThrow('ascending');
  });
});
