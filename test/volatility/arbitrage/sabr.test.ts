import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { nextUp } from '../../../src/math/dyadic.js';
import { interval } from '../../../src/math/interval.js';
import { normalCdf } from '../../../src/math/normal.js';
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import { certifyCalendar } from '../../../src/volatility/arbitrage/calendar.js';
import { certifyOnInterval } from '../../../src/volatility/arbitrage/interval-search.js';
import { sabrDensity, sabrVariance } from '../../../src/volatility/arbitrage/sabr-enclosure.js';
import { verifyCertificate } from '../../../src/volatility/arbitrage/verify.js';
import { sabr } from '../../../src/volatility/smile/sabr.js';
import { smileDerivatives } from '../../../src/volatility/smile/smile.js';
import { square, subtract } from '../../../src/math/interval.js';
import { uniform } from './reference.js';

const rates = { forward: 0.03, timeToExpiry: 1, alpha: 0.035, beta: 0.5, rho: -0.25, nu: 0.4 };
const equity = { forward: 100, timeToExpiry: 0.5, alpha: 0.2, beta: 1, rho: -0.4, nu: 0.6 };

function callPrice(p: typeof rates, strike: number): number {
  const v = sabr.volatility({ ...p, strike }) * Math.sqrt(p.timeToExpiry);
  const d1 = Math.log(p.forward / strike) / v + v / 2;
  return p.forward * normalCdf(d1) - strike * normalCdf(d1 - v);
}

describe('enclosures', () => {
  it('hold the published volatilities and are narrow', () => {
    const published = [
      [rates, 0.005, 0.4967951966252259],
      [rates, 0.01, 0.3752813141584953],
      [rates, 0.03, 0.2040898390797873],
      [rates, 0.06, 0.1981177507890064],
      [equity, 70, 0.2600396041417383],
      [equity, 100, 0.20108],
      [equity, 140, 0.1937977822919005],
    ] as const;
    for (const [p, strike, volatility] of published) {
      const w = sabrVariance(p, interval(Math.log(strike / p.forward)))![0]!;
      expect(Math.sqrt(w.lower / p.timeToExpiry)).toBeCloseTo(volatility, 12);
      expect(w.upper / w.lower - 1).toBeLessThan(1e-11);
    }
  });

  it('hold the model at random parameters, and the derivatives what differences give', () => {
    const next = uniform(61);
    for (let i = 0; i < 200; i++) {
      const p = {
        forward: 0.5 + next(),
        timeToExpiry: 0.1 + 3 * next(),
        alpha: 0.1 + 0.3 * next(),
        beta: i % 5 === 0 ? 1 : next(),
        rho: 1.8 * next() - 0.9,
        nu: i % 7 === 0 ? 0 : next(),
      };
      const k = 3 * (next() - 0.5);
      const at = (x: number): number =>
        sabr.volatility({ ...p, strike: p.forward * Math.exp(x) }) ** 2 * p.timeToExpiry;
      const box = interval(k - 1e-3, k + 1e-3);
      const series = sabrVariance(p, box)!;
      const h = 1e-4;
      const [low, middle, high] = [at(k - h), at(k), at(k + h)];
      expect(series[0]!.lower <= middle && series[0]!.upper >= middle).toBe(true);
      const slope = (high - low) / (2 * h);
      const bend = (high - 2 * middle + low) / (2 * h * h);
      expect(series[1]!.lower - 1e-7 <= slope && series[1]!.upper + 1e-7 >= slope).toBe(true);
      expect(series[2]!.lower - 1e-5 <= bend && series[2]!.upper + 1e-5 >= bend).toBe(true);
      // Both orders hold the value in the middle and at the ends of the box.
      for (const order of [1, 2] as const) {
        const wide = sabrDensity(p, order)(box);
        for (const x of [k - 1e-3, k, k + 1e-3]) {
          const thin = sabrDensity(p, order)(interval(x));
          expect(wide.lower <= thin.upper && wide.upper >= thin.lower).toBe(true);
        }
      }
    }
  });
});

describe('certificates on an interval', () => {
  it('proves where the density is positive', () => {
    for (const [p, domain] of [
      [rates, [-1, 1]],
      [equity, [-1.5, 1]],
      [{ ...rates, timeToExpiry: 10 }, [Math.log(0.008 / 0.03), 1]],
      [{ ...equity, nu: 0 }, [-1, 1]],
    ] as [typeof rates, [number, number]][]) {
      const c = certifyButterfly(p, { interval: domain });
      expect(c).toMatchObject({ verdict: 'proved', method: 'interval', domain });
      expect(c.margin).toBeGreaterThan(0);
      expect(verifyCertificate(c, p)).toBe(true);
      expect(verifyCertificate(c, { ...p, alpha: nextUp(p.alpha) })).toBe(false);
    }
  });

  it('refutes the low strikes of a long expiry, with a butterfly that collects', () => {
    const p = { ...rates, timeToExpiry: 10 };
    const c = certifyButterfly(p, { interval: [-2, 1] });
    expect(c.verdict).toBe('refuted');
    const { interval: stretch, trade, credit, k } = c.witness!;
    // Negative at K = 0.6% and below, positive at 0.8%.
    expect(0.03 * Math.exp(stretch[1])).toBeGreaterThan(0.006);
    expect(0.03 * Math.exp(stretch[1])).toBeLessThan(0.008);
    expect(stretch[0]).toBe(-2);
    expect(sabrDensity(p, 2)(interval(k)).upper).toBeLessThan(0);
    const cost = trade.reduce((sum, leg) => {
      const strike = leg.strike * p.forward;
      const put = callPrice(p, strike) - p.forward + strike;
      return sum + (leg.quantity * (leg.type === 'put' ? put : callPrice(p, strike))) / p.forward;
    }, 0);
    expect(trade.map(({ quantity, timeToExpiry }) => [quantity, timeToExpiry])).toEqual([
      [1, 10],
      [-2, 10],
      [1, 10],
    ]);
    expect(-cost / credit).toBeCloseTo(1, 6);
    expect(verifyCertificate(c, p)).toBe(true);
    const forged = { kind: c.kind, verdict: 'proved' as const, method: c.method, parameters: c.parameters };
    expect(verifyCertificate({ ...forged, domain: [-2, 1] }, p)).toBe(false);
    expect(verifyCertificate({ ...forged, domain: 'all-k' }, p)).toBe(false);
    expect(verifyCertificate({ ...c, witness: { ...c.witness!, interval: [-2, -1] } }, p)).toBe(false);
    expect(verifyCertificate({ ...c, witness: { ...c.witness!, credit: credit * 1.01 } }, p)).toBe(false);
  });

  it('a shift moves the moneyness; no time left is intrinsic value', () => {
    const shifted = { ...rates, forward: 0.01, shift: 0.02 };
    const c = certifyButterfly(shifted, { interval: [-1, 1] });
    expect(c.verdict).toBe('proved');
    expect(c.margin).toBeCloseTo(certifyButterfly(rates, { interval: [-1, 1] }).margin!, 6);
    expect(certifyButterfly({ ...rates, timeToExpiry: 0 }, { interval: [-1, 1] }).verdict).toBe('proved');
  });

  it('wants an interval and parameters in their domain', () => {
    expect(() => certifyButterfly(rates)).toThrow(InputError);
    expect(() => certifyButterfly({ ...rates, rho: 1 }, { interval: [-1, 1] })).toThrow(InputError);
    expect(() => certifyButterfly({ ...rates, alpha: 0 }, { interval: [-1, 1] })).toThrow(InputError);
  });
});

describe('the search by itself', () => {
  const parabola = (offset: number) => (box: { lower: number; upper: number }) =>
    subtract(square(subtract(box, interval(1 / 3))), interval(offset));

  it('proves, refutes, and says when it cannot tell', () => {
    expect(certifyOnInterval(parabola(-0.01), [-1, 1])).toMatchObject({ verdict: 'proved' });
    const found = certifyOnInterval(parabola(1e-4), [-1, 1]);
    expect(found.verdict).toBe('refuted');
    // A double root that no double is: neither is possible.
    expect(certifyOnInterval(parabola(1e-40), [-1, 1]).verdict).not.toBe('proved');
    expect(certifyOnInterval(sabrDensity(rates, 1), [-1, 1], 2)).toEqual({ verdict: 'undecided', boxes: 2 });
  });
});

describe('pairs with SABR in them', () => {
  const later = { ...equity, timeToExpiry: 1, alpha: 0.21 };
  const svi = { a: 0.002, b: 0.08, rho: -0.4, m: 0, sigma: 0.1 };

  it('are proved on an interval and shown again', () => {
    for (const pair of [
      [equity, later],
      [svi, later],
      [equity, { ...svi, a: 0.1 }],
      [equity, { theta: 0.2, rho: -0.4, phi: 1 }],
    ] as const) {
      const c = certifyCalendar(pair[0], pair[1], { interval: [-0.5, 0.4] });
      expect(c).toMatchObject({ kind: 'calendar', verdict: 'proved', method: 'interval', domain: [-0.5, 0.4] });
      expect(verifyCertificate(c, pair)).toBe(true);
      expect(verifyCertificate(c, [pair[1], pair[0]])).toBe(false);
      expect(verifyCertificate({ ...c, domain: 'all-k' }, pair)).toBe(false);
      // The margin is a lower bound of the gap.
      for (let k = -0.5; k <= 0.4; k += 0.05) {
        const [w1, w2] = pair.map((p) => smileDerivatives(p, k).w);
        expect(w2! - w1!).toBeGreaterThanOrEqual(c.margin! - 1e-12);
      }
    }
  });

  it('are refuted by a spread that collects', () => {
    for (const pair of [
      [later, equity],
      [later, { ...equity, timeToExpiry: 1.05, alpha: 0.15, nu: 1.2 }],
      [{ ...svi, b: 0.5 }, later],
    ] as const) {
      const c = certifyCalendar(pair[0], pair[1], { interval: [-0.5, 0.4] });
      expect(c.verdict).toBe('refuted');
      const { k, value, interval: stretch, trade, credit } = c.witness!;
      const gap = (x: number): number => smileDerivatives(pair[1], x).w - smileDerivatives(pair[0], x).w;
      expect(value).toBeLessThan(0);
      expect(value / gap(k)).toBeCloseTo(1, 6);
      for (const x of stretch) expect(gap(x)).toBeLessThan(1e-12);
      expect(credit).toBeGreaterThan(0);
      expect(trade.map(({ timeToExpiry, quantity }) => [timeToExpiry, quantity])).toEqual([
        [1, -1],
        [2, 1],
      ]);
      const price = (w: number, K: number): number => {
        const s = Math.sqrt(w);
        const d1 = -Math.log(K) / s + s / 2;
        return K < 1 ? K * normalCdf(s - d1) - normalCdf(-d1) : normalCdf(d1) - K * normalCdf(d1 - s);
      };
      const K = trade[0]!.strike;
      const [w1, w2] = pair.map((p) => smileDerivatives(p, Math.log(K)).w);
      expect((price(w1!, K) - price(w2!, K)) / credit).toBeCloseTo(1, 6);
      expect(verifyCertificate(c, pair)).toBe(true);
      const boast = { ...c, witness: { ...c.witness!, credit: 1.01 * credit } };
      expect(verifyCertificate(boast, pair)).toBe(false);
      expect(verifyCertificate({ ...c, domain: [-0.5, k - 0.01] }, pair)).toBe(false);
    }
  });

  it('stay undecided without an interval, where they touch, and where k is not the same for both', () => {
    expect(certifyCalendar(equity, later).verdict).toBe('undecided');
    expect(certifyCalendar(equity, equity, { interval: [-0.1, 0.1] }).verdict).toBe('undecided');
    const shifted = { ...later, shift: 10 };
    const c = certifyCalendar(equity, shifted, { interval: [-0.1, 0.1] });
    expect(c.verdict).toBe('undecided');
    expect(verifyCertificate({ ...c, verdict: 'proved' }, [equity, shifted])).toBe(false);
    const same = certifyCalendar({ ...equity, shift: 10 }, shifted, { interval: [-0.1, 0.1] });
    expect(same.verdict).toBe('proved');
    expect(() => certifyCalendar(equity, { ...later, nu: -1 }, { interval: [-1, 1] })).toThrow(InputError);
    expect(() => certifyCalendar(equity, later, { interval: [1, -1] })).toThrow('ascending');
  });
});
