import { describe, expect, it } from 'vitest';
import { smileChart, smilePanel } from '../../src/report/smile-chart.js';
import type { SliceFit } from '../../src/volatility/calibration/fit.js';

const fit = {
  parameters: { a: 0.01, b: 0.1, rho: -0.2, m: 0, sigma: 0.1 },
  input: {
    expiry: Date.UTC(2026, 0, 30, 8),
    timeToExpiry: 0.1,
    logMoneyness: [-0.2, 0, 0.2],
    volatilityBid: [0.5, 0.42, 0],
    volatilityAsk: [0.6, 0.44, 0.7],
    volatility: [0.55, 0.43, NaN],
  },
} as SliceFit;

describe('smilePanel', () => {
  it('is named by day and days, holds every quote and the curve over all strikes', () => {
    const panel = smilePanel(fit, 11);
    expect(panel.title).toBe('2026-01-30   37 days');
    expect(panel.quotes).toHaveLength(3);
    expect(panel.quotes[2]).toEqual({ k: 0.2, bid: 0, ask: 0.7, target: NaN });
    expect(panel.curve[0]!.k).toBeLessThan(-0.2);
    expect(panel.curve.at(-1)!.k).toBeGreaterThan(0.2);
    // w(0) = a + b sigma = 0.02 at T = 0.1
    expect(panel.curve[5]!.k).toBeCloseTo(0, 12);
    expect(panel.curve[5]!.volatility).toBeCloseTo(Math.sqrt(0.02 / 0.1), 12);
  });
});

describe('smileChart', () => {
  it('draws a panel an expiry with its title, axes with units and a legend', async () => {
    const panels = [smilePanel(fit), smilePanel(fit), smilePanel(fit)];
    const chart = await smileChart(panels, { title: 'BTC: chain <a>.json', subtitle: 'as of & from' });
    if (!chart.ok) throw new Error(chart.message);
    expect(chart.svg).toMatch(/^<svg [^>]*width="\d+"/);
    expect(chart.svg).toContain('BTC: chain &lt;a&gt;.json');
    expect(chart.svg).toContain('as of &amp; from');
    expect(chart.svg.match(/2026-01-30/g)).toHaveLength(3);
    for (const text of ['implied volatility (%)', 'log-moneyness', 'bid-ask', 'one-sided quote', 'fitted smile']) {
      expect(chart.svg).toContain(text);
    }
    expect(chart.svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('gives the same bytes for the same panels', async () => {
    const first = await smileChart([smilePanel(fit)], { title: 'x' });
    expect(await smileChart([smilePanel(fit)], { title: 'x' })).toEqual(first);
  });
});
