import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deribit } from '../../src/market/venues/deribit.js';
import type { Account } from '../../src/portfolio/account.js';
import { accountFigures } from '../../src/report/account-figures.js';
import { marginReport } from '../../src/report/margin-report.js';
import { stressReport } from '../../src/report/stress-report.js';
import { calibrateSurface } from '../../src/volatility/calibration/surface-fit.js';

const whole = deribit.parseBookSummary(readFileSync('docs/samples/synthetic-btc-chain.json', 'utf8'), {
  asOf: Date.UTC(2026, 0, 13, 12),
});
const expiries = [...new Set(whole.quotes.map(({ expiry }) => expiry))].sort((a, b) => a - b).slice(5, 8);
const fit = calibrateSurface({ ...whole, quotes: whole.quotes.filter(({ expiry }) => expiries.includes(expiry)) });
if (!fit.ok) throw new Error(fit.message);
const snapshot = {
  asOf: whole.asOf,
  underlyings: { BTC: { spot: 96_500, surface: fit.surface.data } },
  fx: [],
};
const coin = { underlying: 'BTC', settlement: 'BTC', multiplier: 1 } as const;
const option = (type: 'call' | 'put', strike: number) =>
  ({ ...coin, id: `${type} ${strike}`, kind: 'option', style: 'inverse', type, strike, expiry: expiries[1]! }) as const;
/** Short on both sides: liquidated below and above. */
const account: Account = {
  id: 'strangle',
  reportingCurrency: 'USD',
  cash: { BTC: 6 },
  positions: [
    { id: 'call', instrument: option('call', 110_000), quantity: -20 },
    { id: 'put', instrument: option('put', 84_000), quantity: -20 },
  ],
};
const figures = accountFigures({ account, snapshot });

function figuresOf<Figures>(part: { ok: true; figures: Figures } | { ok: false; message: string }): Figures {
  if (!part.ok) throw new Error(part.message);
  return part.figures;
}

describe('accountFigures', () => {
  it('holds what the commands of the same names say', () => {
    const { curves, ...margin } = figuresOf(figures.margin);
    expect(curves.map(({ underlying }) => underlying)).toEqual(['BTC']);
    expect(margin).toEqual(marginReport(account, snapshot, 'deribit-portfolio-btc'));
    expect(figuresOf(figures.stress)).toEqual(stressReport(account, snapshot));
    expect(figuresOf(figures.exposure).numeraire).toBe('USD');
    expect(figuresOf(figures.profiles[0]!.part).quote).toBe('USD');
  });

  it('draws margin over equity through 1 at the liquidation prices, and nowhere else', () => {
    const { curves, liquidation, margin } = figuresOf(figures.margin);
    const [{ below, above, roots } = { roots: [] }] = liquidation;
    expect(roots).toEqual([below, above]);
    const [curve] = curves;
    const { spots, equity, maintenanceMargin } = curve!;
    expect(spots[0]).toBeLessThan(below!);
    expect(spots.at(-1)).toBeGreaterThan(above!);
    const inside = (spot: number): boolean => spot > below! && spot < above!;
    spots.forEach((spot, i) => {
      expect(equity[i]! > maintenanceMargin[i]!).toBe(inside(spot));
    });
    // At the spot itself the curve is the margin.
    const at = accountFigures({ account, snapshot });
    const nearest = spots.reduce(
      (best, spot, i) => (Math.abs(spot - 96_500) < Math.abs(spots[best]! - 96_500) ? i : best),
      0,
    );
    expect(Math.abs(maintenanceMargin[nearest]! / margin.maintenanceMargin - 1)).toBeLessThan(0.2);
    expect(at).toEqual(figures);
  });

  it('counts only what the market has when it looks for usual rules', () => {
    const other = { ...option('call', 4000), id: 'lost', underlying: 'ETH', settlement: 'ETH' };
    const mixed = { ...account, positions: [...account.positions, { id: 'lost', instrument: other, quantity: 1 }] };
    const part = accountFigures({ account: mixed, snapshot });
    expect(figuresOf(part.margin).margin.excluded).toEqual([{ positionId: 'lost', reason: 'no-market' }]);
    expect(figuresOf(part.exposure).excluded).toEqual([{ positionId: 'lost', reason: 'no-market' }]);
    expect(part.profiles.map(({ underlying }) => underlying)).toEqual(['BTC']);
  });

  it('gives each part its own reason', () => {
    const cash = accountFigures({ account: { ...account, positions: [] }, snapshot });
    expect(cash.margin).toMatchObject({ ok: false, reason: 'no-derivatives' });
    expect(cash.stress.ok).toBe(true);
    const foreign = accountFigures({ account: { ...account, cash: { GBP: 1 }, reportingCurrency: 'EUR' }, snapshot });
    for (const part of [foreign.exposure, foreign.stress, foreign.margin]) {
      expect(part).toMatchObject({ ok: false, reason: 'input', message: expect.stringContaining('must be') as string });
    }
  });

  it('throws what is no question of input', () => {
    expect(() => accountFigures({ account, snapshot: undefined as unknown as typeof snapshot })).toThrow();
  });
});
