import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { deribit } from '../../src/market/venues/deribit.js';
import type { Account } from '../../src/portfolio/account.js';
import type { AccountInput } from '../../src/report/account-figures.js';
import { escapeHtml, htmlTable, markup } from '../../src/report/html/markup.js';
import { htmlPage } from '../../src/report/html/page.js';
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

describe('margin, liquidation and stress on the page', () => {
  const sectionOf = (page: string, id: string): string =>
    page.split(`<section id="${id}">`)[1]!.split('</section>')[0]!;
  const pageOf = async (changed: Partial<AccountInput>): Promise<string> => {
    const page = await htmlReport({ ...input, book: { ...input.book, ...changed } });
    if (!page.ok) throw new Error(page.message);
    return page.html;
  };

  it('says what the rules ask with units, whose they are, and what of them is not confirmed', () => {
    const margin = sectionOf(html, 'margin');
    expect(margin).toContain('Deribit, portfolio margin');
    expect(margin).toContain('a model of the rules');
    expect(margin).toContain('Not confirmed');
    expect(margin).toContain('What the rules ask by component, in BTC');
    expect(margin).toContain('equity (BTC)');
    const liquidation = sectionOf(html, 'liquidation');
    expect(liquidation).toContain('price of BTC (USD)');
    expect(liquidation).toContain('margin over equity (%)');
    // Two coins stand behind three short calls: there is a price above at which they are not enough.
    expect(liquidation).toMatch(/>liquidation \d/);
  });

  it('shows the scenarios as bars and as a table, with their moves in words', () => {
    const stress = sectionOf(html, 'stress');
    expect(stress).toContain('profit (USD)');
    expect(stress).toContain('illustrations, not records');
    expect(stress).toContain('Spot down 30%, volatilities up 60%.');
    expect(sectionOf(html, 'grid')).toContain('worst of the grid (USD)');
  });

  it('takes other rules', async () => {
    expect(sectionOf(await pageOf({ rules: 'deribit-standard' }), 'margin')).toContain('standard margin');
  });

  it('gives the reason in place of what cannot be computed, and the rest stands', async () => {
    const american = { ...option, style: 'linear', exercise: 'american', settlement: 'USD' } as const;
    const page = await pageOf({
      account: { ...account, positions: [{ id: 'american', instrument: american, quantity: 1 }] },
    });
    for (const id of ['margin', 'liquidation']) {
      expect(sectionOf(page, id)).toMatch(/class="missing">[^<]*could not be computed: [^<]+\./);
    }
    expect(sectionOf(page, 'stress')).toContain('profit (USD)');
    // A balance that nothing converts.
    const lost = await pageOf({ account: { ...account, cash: { [hostile]: 1 } } });
    for (const id of ['exposure', 'grid', 'stress', 'margin', 'liquidation']) {
      expect(sectionOf(lost, id)).toContain('class="missing"');
    }
    expect(lost).not.toMatch(/<script|<img/i);
    expect(sectionOf(lost, 'smiles')).toContain('<svg');
  });

  it('says so where the account is under its margin already', async () => {
    const poor = sectionOf(await pageOf({ account: { ...account, cash: { BTC: 0.01 } } }), 'liquidation');
    expect(poor).toContain('less than its maintenance margin now');
    const broke = sectionOf(await pageOf({ account: { ...account, cash: { USD: -1e7 } } }), 'liquidation');
    expect(broke).toContain('there is nothing to draw');
    expect(broke).not.toContain('<svg');
  });

  it('names the rules there are where none are usual for what is held', async () => {
    const spx = { ...option, id: 'SPX call', underlying: 'SPX', style: 'linear', settlement: 'USD' } as const;
    const page = await pageOf({
      account: { ...account, cash: { USD: 1e6 }, positions: [{ id: 'spx', instrument: spx, quantity: 1 }] },
      snapshot: {
        ...snapshot,
        underlyings: { SPX: { spot: 96_500, surface: { ...snapshot.underlyings.BTC.surface, underlying: 'SPX' } } },
      },
    });
    expect(sectionOf(page, 'margin')).toContain('none are usual for SPX');
    expect(sectionOf(page, 'margin')).toContain('deribit-standard');
    const cash = await pageOf({ account: { ...account, positions: [] } });
    expect(sectionOf(cash, 'margin')).toContain('no derivative');
  });
});

describe('quotes that were left out', () => {
  it('are marked by reason, counted where they have no mark, and listed', () => {
    const smiles = html.split('<section id="smiles">')[1]!.split('</section>')[0]!;
    const reasons = new Set(fit.rejected.map(({ reason }) => reason));
    reasons.delete('in-the-money');
    for (const reason of [...reasons].filter((name) => smiles.includes(`left out: ${name}`))) {
      expect(html).toContain(`<td>${reason}</td>`);
    }
    expect(smiles).toMatch(/left out: [a-z-]+</);
    expect(smiles).toMatch(/In-the-money quotes \(\d+\)/);
    expect(html.match(/<th scope="row">[^<]*script/g)!.length).toBeGreaterThanOrEqual(fit.rejected.length);
  });
});

describe('three dimensions', () => {
  it('brings its scripts with it, allowed by their hashes and nothing else, and its data as data', async () => {
    const page = await htmlReport({ ...input, threeDimensional: true });
    if (!page.ok) throw new Error(page.message);
    const scripts = [...page.html.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)].map(
      ([, kind, text]) => [kind!, text!] as const,
    );
    const run = scripts.filter(([kind]) => kind === '').map(([, text]) => text);
    const [[kind, data] = ['', ''], ...others] = scripts.filter(([attributes]) => attributes !== '');
    expect(others).toEqual([]);
    expect(kind).toBe(' type="application/json" id="surface-data"');
    expect(data).not.toContain('<');
    expect(Object.keys(JSON.parse(data) as object)).toEqual(['data', 'layout']);
    // Hostile names are nowhere near the scripts.
    expect(scripts.some(([, text]) => text.includes('onerror=alert'))).toBe(false);
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page.html) ?? [];
    const hashes = run.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    expect(hashes).toHaveLength(2);
    expect(policy).toContain(`script-src ${hashes.join(' ')};`);
    expect(policy).toContain("default-src 'none'");
    expect(page.html.length - html.length).toBeLessThan(2_500_000);
    expect(html).not.toMatch(/plotly|script-src/i);
  });

  it('names the package where it is missing', async () => {
    vi.resetModules();
    vi.doMock('node:module', () => ({
      createRequire: () => ({
        resolve: (name: string) => {
          throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
        },
      }),
    }));
    const { htmlReport: withoutPlotly } = await import('../../src/report/html/report.js');
    vi.doUnmock('node:module');
    expect(await withoutPlotly({ ...input, threeDimensional: true })).toMatchObject({
      ok: false,
      reason: 'plotly-missing',
      message: expect.stringContaining('npm install plotly.js-gl3d-dist-min@4') as string,
    });
  });
});

describe('htmlPage', () => {
  it('leaves a script nothing to end its element with', () => {
    const text = 'const a = "</script><!--<script>";';
    const page = htmlPage({ title: 't', lead: [], sections: [], scripts: [text] });
    expect(page.match(/<\/script>/g)).toHaveLength(1);
    expect(page).not.toContain('<!--');
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
