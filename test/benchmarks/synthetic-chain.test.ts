import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { syntheticChain, syntheticChainText } from '../../benchmarks/data/synthetic-chain.js';
import type { SyntheticSlice } from '../../benchmarks/data/synthetic-chain.js';
import { ssvi } from '../../src/volatility/smile/ssvi.js';

const chain = syntheticChain();
const committed = new URL('../../docs/samples/synthetic-btc-chain.json', import.meta.url);
const psi = ({ parameters: { theta, phi } }: SyntheticSlice) => theta * phi;

describe('the synthetic chain', () => {
  it('is the committed file, to the byte', () => {
    expect(readFileSync(committed, 'utf8')).toBe(syntheticChainText(chain));
  });

  it('is the same for the same seed and another for another', () => {
    expect(syntheticChain()).toEqual(chain);
    expect(syntheticChain({ seed: 7 }).rows).not.toEqual(chain.rows);
    expect(() => syntheticChain({ seed: 0 })).toThrow('seed');
  });

  it('says that it is synthetic, at the head of the file', () => {
    expect(syntheticChainText(chain).slice(0, 120)).toMatch(/"description":"Synthetic quotes/);
  });

  it('has at least ten expiries and seven hundred instruments, each once', () => {
    expect(chain.slices.length).toBeGreaterThanOrEqual(10);
    expect(new Set(chain.rows.map((row) => row.instrument_name)).size).toBe(chain.rows.length);
    expect(chain.rows.length).toBeGreaterThanOrEqual(700);
  });

  it('quotes in the ticks of the venue', () => {
    for (const price of chain.rows.flatMap((row) => [row.bid_price, row.ask_price])) {
      if (price === null) continue;
      expect(price).toBeGreaterThan(0);
      const ticks = price / (price < 0.005 ? 0.0001 : 0.0005);
      expect(Math.abs(ticks - Math.round(ticks))).toBeLessThan(1e-9);
    }
  });

  it('has missing sides, a few stale rows with their own date and a few crossed ones', () => {
    const oneSided = chain.rows.filter((row) => (row.bid_price === null) !== (row.ask_price === null));
    expect(oneSided.length).toBeGreaterThan(20);
    const crossed = chain.rows.filter(
      (row) => row.bid_price !== null && row.ask_price !== null && row.bid_price > row.ask_price,
    );
    expect(crossed.map((row) => row.instrument_name).sort()).toEqual(chain.crossed);
    expect(chain.crossed.length).toBeGreaterThanOrEqual(3);
    const old = chain.rows.filter((row) => row.creation_timestamp < chain.asOf);
    expect(old.map((row) => row.instrument_name).sort()).toEqual(chain.stale);
    expect(chain.stale.length).toBeGreaterThanOrEqual(3);
  });

  it('holds the true price between bid and ask but for stale and crossed rows', () => {
    const odd = new Set([...chain.stale, ...chain.crossed]);
    const outside = chain.rows.filter(
      (row) =>
        !odd.has(row.instrument_name) &&
        ((row.bid_price ?? 0) > row.mark_price || (row.ask_price ?? Infinity) < row.mark_price),
    );
    expect(outside).toEqual([]);
  });

  it('has spreads that widen away from the money, in volatility', () => {
    const { label, forward, parameters } = chain.slices[8]!;
    const widths = chain.rows.flatMap((row) => {
      const strike = Number(row.instrument_name.split('-')[2]);
      const deviations = Math.abs(Math.log(strike / forward)) / Math.sqrt(parameters.theta);
      const outOfTheMoney = row.instrument_name.endsWith('C') === strike > forward;
      if (!row.instrument_name.startsWith(`BTC-${label}-`) || !outOfTheMoney) return [];
      if (row.bid_price === null || row.ask_price === null) return [];
      return [{ deviations, relative: (row.ask_price - row.bid_price) / row.mark_price }];
    });
    const average = (far: boolean) => {
      const chosen = widths.filter(({ deviations }) => deviations > 1.5 === far);
      return chosen.reduce((sum, { relative }) => sum + relative, 0) / chosen.length;
    };
    expect(average(true)).toBeGreaterThan(3 * average(false));
  });
});

describe('the surface it is made from', () => {
  it('has no butterfly arbitrage: theta phi (1 + |rho|) < 4 and theta phi^2 (1 + |rho|) <= 4', () => {
    for (const slice of chain.slices) {
      const { rho, phi } = slice.parameters;
      expect(psi(slice) * (1 + Math.abs(rho))).toBeLessThan(4);
      expect(psi(slice) * phi * (1 + Math.abs(rho))).toBeLessThanOrEqual(4);
    }
  });

  it('has no calendar arbitrage: psi grows by the factor of the correlations, phi falls', () => {
    for (const [i, later] of chain.slices.slice(1).entries()) {
      const earlier = chain.slices[i]!;
      const [before, after] = [earlier.parameters.rho, later.parameters.rho];
      const factor = Math.max((1 + before) / (1 + after), (1 - before) / (1 - after));
      expect(later.expiry).toBeGreaterThan(earlier.expiry);
      expect(psi(later)).toBeGreaterThanOrEqual(factor * psi(earlier));
      expect(later.parameters.phi).toBeLessThanOrEqual(earlier.parameters.phi);
      for (let k = -3; k <= 3; k += 0.01) {
        expect(ssvi.totalVariance(later.parameters, k)).toBeGreaterThan(ssvi.totalVariance(earlier.parameters, k));
      }
    }
  });
});
