import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deribit } from '../../src/market/venues/deribit.js';
import type { Account } from '../../src/portfolio/account.js';
import { escapeHtml, htmlTable, markup } from '../../src/report/html/markup.js';
import { htmlReport } from '../../src/report/html/report.js';
import { calibrateSurface } from '../../src/volatility/calibration/surface-fit.js';

const hostile = `"><img src=x onerror=alert(1)><script>alert('x')</script>`;
const whole = deribit.parseBookSummary(readFileSync('docs/samples/synthetic-btc-chain.json', 'utf8'), {
  asOf: Date.UTC(2026, 0, 13, 12),
});
const expiries = [...new Set(whole.quotes.map(({ expiry }) => expiry))].sort((a, b) => a - b).slice(3, 6);
const chain = {
  ...whole,
  underlying: hostile,
  quotes: whole.quotes
    .filter(({ expiry }) => expiries.includes(expiry))
    .map((quote) => ({ ...quote, instrument: `${quote.instrument}${hostile}` })),
};
const fit = calibrateSurface(chain);
if (!fit.ok) throw new Error(fit.message);

const option = {
  ...{ id: `call${hostile}`, underlying: 'BTC', settlement: 'BTC', multiplier: 1 },
  ...({ kind: 'option', style: 'inverse', type: 'call', strike: 100_000, expiry: expiries[1]! } as const),
};
const account: Account = {
  id: hostile,
  reportingCurrency: 'USD',
  cash: { BTC: 2 },
  positions: [
    { id: `short${hostile}`, instrument: option, quantity: -3 },
    { id: `lost${hostile}`, instrument: { ...option, id: 'lost', underlying: 'XYZ' }, quantity: 1 },
  ],
};
const snapshot = {
  asOf: chain.asOf,
  underlyings: { BTC: { spot: 96_500, surface: { ...fit.surface.data, underlying: 'BTC' } } },
  fx: [],
};
const input = { title: hostile, description: hostile, chain, fit, book: { account, snapshot } };
const report = await htmlReport(input);
if (!report.ok) throw new Error(report.message);
const { html } = report;

describe('htmlReport', () => {
  it('runs nothing and asks the network for nothing, whatever the names', () => {
    expect(html).not.toMatch(/<script/i);
    expect(html).not.toMatch(/<img/i);
    // Handlers can only stand in tags; all that is left of them is text.
    expect(html).not.toMatch(/<[^>]*\son[a-z]+\s*=/i);
    expect(html).toContain("default-src 'none'");
    expect(html).toContain(escapeHtml(hostile));
    const addresses = [...html.matchAll(/[a-z]+:\/\/[^\s"'<]+/gi)].map(([address]) => address);
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink']));
  });

  it('has every section, with a chart in those that show one', () => {
    const titles = [...html.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, title]) => title);
    expect(titles).toEqual([
      ...['Exposure', 'Greeks', 'Ladders', 'Profile of BTC', 'Profit over spot and volatility', 'Stress'],
      ...['Margin', 'Liquidation', 'Summary', 'Fits', 'Smiles', 'Surface', 'Term structure', 'Total variance'],
      ...['Density', 'Left out'],
    ]);
    const charts = [...html.matchAll(/<svg role="img" aria-label="[^"]+"/g)];
    expect(charts).toHaveLength(11);
    expect(html.match(/<th scope="row">2026-/g)!.length).toBeGreaterThanOrEqual(6);
    expect(html).toContain('proved');
    expect(html).toContain('no-market');
    expect(html).toContain('unbounded');
  });

  it('gives no two parts of the page one id', () => {
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('gives the same bytes again, and is small', async () => {
    const again = await htmlReport(input);
    expect(again.ok && again.html === html).toBe(true);
    expect(html.length).toBeLessThan(500_000);
  });
});

describe('markup', () => {
  it('escapes values and leaves markup', () => {
    expect(markup`<b title="${'"'}">${'<&>'}${[markup`<i>${1}</i>`]}${undefined}</b>`.html).toBe(
      '<b title="&quot;">&lt;&amp;&gt;<i>1</i></b>',
    );
    const table = htmlTable({ caption: '<c>', headers: ['<h>'], rows: [['<r>', '<v>']] }).html;
    expect(table).not.toMatch(/<[chrv]>/);
  });
});
