import { describe, expect, it } from 'vitest';
import { american } from '../../src/pricing/american.js';
import { engineCases, enginePrices, refinedPrice, treePrice } from './american-engine-cases.js';

describe('500 random options, rates and yields of both signs, none, one and three cash dividends', () => {
  it('without cash dividends collocation, finite differences and trees agree to 1e-6 of the strike', () => {
    const apart: string[] = [];
    for (const option of engineCases(500, 4711).filter(({ dividends }) => dividends === undefined)) {
      const { collocation = NaN, differences, tree: few } = enginePrices(option, 15 * 101);
      // Next to the edge of exercise trees converge last: they get three times the steps.
      const tree = Math.abs(few - collocation) > 1e-6 * option.strike ? treePrice(option, 15 * 303) : few;
      const gap = Math.max(Math.abs(collocation - differences), Math.abs(collocation - tree)) / option.strike;
      if (!(gap <= 1e-6)) apart.push(`${gap} ${collocation} ${differences} ${tree} ${JSON.stringify(option)}`);
    }
    expect(apart).toEqual([]);
  });

  it('with them finite differences agree with their refinement to 1e-6 and with trees to 1e-5', () => {
    const apart: string[] = [];
    let close = 0;
    const cases = engineCases(500, 4711).filter(({ dividends }) => dividends !== undefined);
    for (const option of cases) {
      const { differences, tree } = enginePrices(option, 15 * 101);
      const refined = refinedPrice(option);
      const gap = Math.abs(differences - refined) / option.strike;
      const wave = Math.abs(tree - refined) / option.strike;
      if (wave <= 1e-6) close++;
      if (!(gap <= 1e-6 && wave <= 1e-5)) apart.push(`${gap} ${wave} ${refined} ${tree} ${JSON.stringify(option)}`);
    }
    expect(apart).toEqual([]);
    expect(close / cases.length).toBeGreaterThan(0.85);
  });

  it('the presets keep their errors', () => {
    let [fast, normal] = [0, 0];
    for (const option of engineCases(2000, 815).filter(({ dividends }) => dividends === undefined)) {
      const accurate = american.price(option, 'accurate');
      fast = Math.max(fast, Math.abs(american.price(option, 'fast') - accurate) / option.strike);
      normal = Math.max(normal, Math.abs(american.price(option) - accurate) / option.strike);
    }
    expect(fast).toBeLessThan(1e-5);
    expect(normal).toBeLessThan(1e-6);
  });
});
