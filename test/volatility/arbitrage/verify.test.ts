import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { nextDown, nextUp } from '../../../src/math/dyadic.js';
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import { certifyCalendar } from '../../../src/volatility/arbitrage/calendar.js';
import type { Certificate } from '../../../src/volatility/arbitrage/certificate.js';
import { verifyCertificate } from '../../../src/volatility/arbitrage/verify.js';
import { randomSsvi, randomSvi, svi, uniform, type Hyperbolic } from './reference.js';

const vogt = svi(-0.041, 0.1331, 0.306, 0.3586, 0.4153);
const free = svi(0.01, 0.12, -0.55, 0.03, 0.15);
const edge: Hyperbolic[] = [
  svi(-0.25, 0.5, 0, 0.125, 0.5),
  svi(-0.3, 0.5, -0.4, 0.9, 0.5),
  svi(6, 2, 0, 0, 0.5),
  svi(60, nextUp(2), 0, 0, 0.5),
  svi(0.5, 1.75, 0.25, 0, 0.5),
  svi(0.04, 0, 0, 0, 0.1),
  { theta: 0, rho: 0, phi: 1 },
  { theta: 4, rho: 0, phi: 1 },
  { theta: 1, rho: 0, phi: 2 },
];

describe('certificates that were made are verified', () => {
  it('slices, also after a round trip through JSON', () => {
    const next = uniform(31);
    for (let i = 0; i < 120; i++) {
      const p = i < edge.length ? edge[i]! : i % 3 === 0 ? randomSsvi(next) : randomSvi(next);
      const c = certifyButterfly(p);
      expect(verifyCertificate(c, p)).toBe(true);
      expect(
        verifyCertificate(JSON.parse(JSON.stringify(c)) as Certificate, JSON.parse(JSON.stringify(p)) as Hyperbolic),
      ).toBe(true);
    }
  });

  it('slices on an interval', () => {
    for (const interval of [
      [-2, 0.6],
      [0.7, 3],
      [1.26, 3],
      [-1, 2],
    ] as [number, number][]) {
      const c = certifyButterfly(vogt, { interval });
      expect(verifyCertificate(c, vogt)).toBe(true);
    }
  });

  it('pairs', () => {
    const next = uniform(37);
    for (let i = 0; i < 60; i++) {
      const p = i % 2 === 0 ? randomSvi(next) : randomSsvi(next);
      const q: Hyperbolic =
        'sigma' in p
          ? { ...p, a: p.a + 0.01, b: p.b * (1 + 0.1 * (next() - 0.3)) }
          : { ...p, theta: p.theta * 1.2, phi: p.phi * (0.8 + 0.4 * next()) };
      expect(verifyCertificate(certifyCalendar(p, q), [p, q])).toBe(true);
      expect(verifyCertificate(certifyCalendar(p, p), [p, p])).toBe(true);
    }
  });
});

describe('anything changed is refused', () => {
  it('one bit of one parameter', () => {
    const c = certifyButterfly(free);
    for (const key of ['a', 'b', 'rho', 'm', 'sigma'] as const) {
      for (const step of [nextUp, nextDown])
        expect(verifyCertificate(c, { ...free, [key]: step(free[key]) })).toBe(false);
    }
    const zero = certifyButterfly({ ...free, m: 0 });
    expect(verifyCertificate(zero, { ...free, m: -0 })).toBe(false);
    const ssvi = { theta: 0.04, rho: -0.5, phi: 2 };
    for (const key of ['theta', 'rho', 'phi'] as const) {
      expect(verifyCertificate(certifyButterfly(ssvi), { ...ssvi, [key]: nextUp(ssvi[key]) })).toBe(false);
    }
    const pair = certifyCalendar(free, { ...free, a: 0.02 });
    expect(verifyCertificate(pair, [free, { ...free, a: nextUp(0.02) }])).toBe(false);
    expect(verifyCertificate(pair, [{ ...free, a: 0.02 }, free])).toBe(false);
    expect(verifyCertificate(pair, free)).toBe(false);
  });

  it('a verdict that was not earned, with the parameters changed on both sides too', () => {
    const proof = certifyButterfly(free);
    expect(verifyCertificate({ ...proof, parameters: [vogt] }, vogt)).toBe(false);
    for (const method of ['closed-form', 'descartes', 'interval', 'sturm-exact'] as const) {
      expect(verifyCertificate({ ...proof, method, parameters: [vogt] }, vogt)).toBe(false);
      expect(
        verifyCertificate(
          { kind: 'calendar', verdict: 'proved', method, domain: 'all-k', parameters: [free, { ...free, a: 0.009 }] },
          [free, { ...free, a: 0.009 }],
        ),
      ).toBe(false);
    }
    expect(verifyCertificate({ ...certifyButterfly(vogt), parameters: [free] }, free)).toBe(false);
    expect(verifyCertificate({ ...proof, domain: [-1, 2], parameters: [vogt] }, vogt)).toBe(false);
    for (const p of [svi(6, 2, 0, 0, 0.5), svi(-0.25, 0.5, 0, 0.125, 0.5), svi(60, nextUp(2), 0, 0, 0.5)]) {
      expect(verifyCertificate({ ...proof, parameters: [p] }, p)).toBe(false);
    }
  });

  it('a witness that does not show what it claims', () => {
    const c = certifyButterfly(vogt);
    const w = c.witness!;
    const changed = (witness: Partial<typeof w>): boolean =>
      verifyCertificate({ ...c, witness: { ...w, ...witness } }, vogt);
    expect(changed({})).toBe(true);
    expect(changed({ k: 0 })).toBe(false);
    expect(changed({ value: w.value * 1.001 })).toBe(false);
    expect(changed({ interval: [0.6424, w.interval[1]] })).toBe(false);
    expect(changed({ credit: w.credit * 1.001 })).toBe(false);
    expect(changed({ credit: -w.credit })).toBe(false);
    expect(changed({ credit: NaN })).toBe(false);
    expect(changed({ trade: [] })).toBe(false);
    expect(changed({ trade: w.trade.map((leg) => ({ ...leg, quantity: -leg.quantity })) })).toBe(false);
    expect(changed({ trade: w.trade.map((leg, i) => (i === 0 ? { ...leg, strike: leg.strike * 0.5 } : leg)) })).toBe(
      false,
    );
    const pair = [free, { ...free, a: 0.009 }] as const;
    const d = certifyCalendar(...pair);
    const v = d.witness!;
    const moved = (witness: Partial<typeof v>): boolean =>
      verifyCertificate({ ...d, witness: { ...v, ...witness } }, pair);
    expect(moved({})).toBe(true);
    expect(moved({ value: 0.5 * v.value })).toBe(false);
    expect(moved({ credit: 1.01 * v.credit })).toBe(false);
    expect(moved({ trade: [v.trade[0]!] })).toBe(false);
    expect(moved({ trade: [v.trade[1]!, v.trade[0]!] })).toBe(false);
  });

  it('what claims nothing or is malformed', () => {
    const proof = certifyButterfly(free);
    expect(verifyCertificate({ ...proof, verdict: 'undecided' }, free)).toBe(false);
    expect(verifyCertificate({ ...proof, kind: 'calendar' }, free)).toBe(false);
    const malformed: unknown[] = [
      null,
      7,
      {},
      { ...proof, parameters: 3 },
      { ...proof, verdict: 'fine' },
      { ...proof, domain: [1] },
      { ...certifyButterfly(vogt), witness: undefined },
      { ...certifyButterfly(vogt), witness: { k: 1 } },
    ];
    for (const c of malformed) expect(verifyCertificate(c as Certificate, free)).toBe(false);
    const wrong = { ...free, rho: 2 };
    expect(() => verifyCertificate({ ...proof, parameters: [wrong] }, wrong)).toThrow(InputError);
  });
});
