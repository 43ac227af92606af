import { expect, it } from 'vitest';
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import { certifyCalendar } from '../../../src/volatility/arbitrage/calendar.js';
import type { Certificate } from '../../../src/volatility/arbitrage/certificate.js';
import { verifyCertificate } from '../../../src/volatility/arbitrage/verify.js';
import { svi, uniform, type Hyperbolic } from './reference.js';

function expectSound(c: Certificate, slices: Hyperbolic[]): void {
  expect(c.verdict).not.toBe('undecided');
  if (c.witness !== undefined) {
    const { k, value, interval, credit } = c.witness;
    expect([k, value, credit, ...interval].every(Number.isFinite)).toBe(true);
    expect(value).toBeLessThanOrEqual(0);
    expect(credit).toBeGreaterThanOrEqual(0);
  }
  expect(verifyCertificate(c, slices.length === 1 ? slices[0]! : slices)).toBe(true);
}

it.each([1, 20, 60, 300])('parameters of sizes up to e^%i are decided, with finite witnesses, and verified', (size) => {
  const next = uniform(size);
  const wild = (): number => Math.exp((2 * next() - 1) * size);
  const rho = (): number => {
    const extreme = (1 - 2 ** -(1 + Math.floor(next() * 53))) * (next() < 0.5 ? 1 : -1);
    return next() < 0.1 ? 0 : next() < 0.2 ? extreme : 2 * next() - 1;
  };
  const slice = (): Hyperbolic => {
    if (next() < 0.4) return { theta: wild(), rho: rho(), phi: wild() };
    const p = svi((2 * next() - 1) * wild(), wild(), rho(), next() < 0.1 ? 0 : (2 * next() - 1) * wild(), wild());
    const lowest = p.b * p.sigma * Math.sqrt(1 - p.rho ** 2);
    return next() < 0.5 ? { ...p, a: lowest * (2 * next() ** 3 - 1) } : p;
  };
  for (let i = 0; i < 60; i++) {
    const [p, q] = [slice(), slice()];
    expectSound(certifyButterfly(p), [p]);
    expectSound(certifyCalendar(p, q), [p, q]);
  }
});

it('powers of two are exact', () => {
  let power = 1;
  for (let e = 0; e <= 1023; e++, power *= 2) expect(2 ** e).toBe(power);
  power = 1;
  for (let e = 0; e >= -1074; e--, power /= 2) expect(2 ** e).toBe(power);
});
