/** Certificates of random slices against the test of Martini and Mingone; where the two differ, 80 digits settle it. */
import { certifyButterfly } from '../../../src/volatility/arbitrage/butterfly.js';
import type { Certificate } from '../../../src/volatility/arbitrage/certificate.js';
import { exactSlice, martiniMingone, randomSvi, uniform } from './reference.js';

export interface Agreement {
  proved: number;
  refuted: number;
  undecided: number;
  byMethod: Record<string, number>;
  /** Slices on which the two tests differ, and those on which 80 digits contradict the certificate. */
  disagreements: number;
  contradictions: Certificate[];
}

export function compare(slices: number, seed: number): Agreement {
  const next = uniform(seed);
  const result: Agreement = { proved: 0, refuted: 0, undecided: 0, byMethod: {}, disagreements: 0, contradictions: [] };
  for (let i = 0; i < slices; i++) {
    const p = randomSvi(next);
    const c = certifyButterfly(p);
    result[c.verdict]++;
    const method = `${c.verdict} ${c.method}`;
    result.byMethod[method] = (result.byMethod[method] ?? 0) + 1;
    const other = martiniMingone(p);
    if (other.free === (c.verdict === 'proved')) continue;
    result.disagreements++;
    // A proof is contradicted by a negative g at the other test's worst point; a refutation by a g >= 0 at its own witness.
    const isNegative = exactSlice(p, c.verdict === 'proved' ? other.k : c.witness!.k).g.isNegative();
    if (isNegative === (c.verdict === 'proved')) result.contradictions.push(c);
  }
  return result;
}
