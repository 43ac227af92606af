import { expect, it } from 'vitest';
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import { verifyCertificate } from '../../../src/volatility/arbitrage/verify.js';
import { compare } from './agreement.js';
import { randomSvi, uniform } from './reference.js';

it('20,000 random slices: every one decided, and in agreement with an independent test', () => {
  const result = compare(20_000, 7);
  const { contradictions, ...counts } = result;
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  expect(result.undecided).toBe(0);
  expect(Math.min(result.proved, result.refuted)).toBeGreaterThan(5_000);
  expect(contradictions).toEqual([]);
});

it('2,000 certificates are verified on the other path', () => {
  const next = uniform(99);
  for (let i = 0; i < 2_000; i++) {
    const p = randomSvi(next);
    expect(verifyCertificate(certifyButterfly(p), p)).toBe(true);
  }
});
