import { describe, expect, it } from 'vitest';
import type { OptionChain } from '../../src/market/chain.js';
import type { RawQuote } from '../../src/market/quote.js';
import { calibrationJson } from '../../src/report/calibration-json.js';
import { calibrationReport, chainHeading, rejectionSummary, utc } from '../../src/report/calibration-report.js';
import type { Certificate } from '../../src/volatility/arbitrage/certificate.js';
import type { SliceFit } from '../../src/volatility/calibration/fit.js';
import type { SurfaceFit } from '../../src/volatility/calibration/surface-fit.js';

const asOf = Date.UTC(2026, 0, 13, 12);
const expiry = Date.UTC(2026, 0, 30, 8);
const later = Date.UTC(2026, 1, 27, 8);

const quote = (instrument: string, strike: number, at: number): RawQuote => {
  return { instrument, underlying: 'BTC', type: 'call', strike, expiry: at };
};

const chain: OptionChain = {
  underlying: 'BTC',
  venue: 'deribit',
  asOf,
  style: 'european',
  settlement: 'inverse',
  premiumCurrency: 'BTC',
  multiplier: 1,
  quotes: [quote('A', 90_000, expiry), quote('B', 100_000, expiry), quote('C', 110_000, expiry), quote('D', 1, later)],
  rejected: [{ index: 4, id: 'E', reason: 'not-an-option', value: NaN, limit: NaN }],
};

const slice = {
  ok: true,
  model: 'svi',
  parameters: { a: 0.004, b: 0.02, rho: -0.25, m: 0, sigma: 0.1 },
  parameterNames: ['a', 'b', 'rho', 'm', 'sigma'],
  input: {
    expiry,
    timeToExpiry: 0.0375,
    forward: 96_715.71,
    instrument: ['A', 'B'],
    logMoneyness: [-0.07, 0.03],
    volatility: [0.4, NaN],
    volatilityAsk: [0.41, Infinity],
  },
  diagnostics: { quotesUsed: 1, rmseBp: 12.345, shareInsideSpread: 0.875 },
  rejected: [],
} as unknown as SliceFit;

const verdict = (result: Certificate['verdict']) => ({ verdict: result }) as Certificate;

const fit = {
  ok: true,
  proved: false,
  surface: { toJSON: () => ({ schema: 1 }) },
  fits: [slice],
  failed: [{ expiry: later, reason: 'too-few-quotes' }],
  butterfly: [verdict('proved')],
  calendar: [verdict('refuted'), verdict('undecided'), verdict('proved')],
  rejected: [
    ...chain.rejected,
    { index: 2, id: 'C', reason: 'wide-spread', value: 0.0123456, limit: 0.01 },
    { index: 0, id: 'A', reason: 'in-the-money', value: 0.3, limit: 0.1 },
    { index: 1, id: 'B', reason: 'wide-spread', value: 1, limit: 0.5 },
  ],
} as unknown as SurfaceFit & { ok: true };

describe('calibrationReport', () => {
  const text = calibrationReport({
    title: 'chain.json',
    description: 'made up',
    chain,
    fit,
    milliseconds: new Map([[expiry, 1.26]]),
  });

  it('begins with what the quotes are', () => {
    expect(text.split('\n').slice(0, 3)).toEqual([
      'chain.json',
      'made up',
      'BTC | deribit | european, inverse, premium in BTC | as of 2026-01-13 12:00 UTC | 4 quotes',
    ]);
    expect(chainHeading({ title: 'x', chain }).split('\n')).toHaveLength(2);
  });

  it('has one line an expiry, with counts, parameters and errors in the units of its header', () => {
    const lines = text.split('\n');
    const row = lines.find((line) => line.startsWith('2026-01-30'))!;
    // ATM volatility: sqrt((0.004 + 0.02 x 0.1) / 0.0375) = 40%
    const figures = '13.69 96715.71 1 1 1 2 0.00400 0.02000 -0.25000 0.00000 0.10000 40.00 12.3 88 proved refuted 1.3';
    expect(row.split(/\s+/)).toEqual(['2026-01-30', '08:00', ...figures.split(' ')]);
  });

  it('says what was proved, what failed and what was left out, most frequent first', () => {
    expect(text).toContain('butterfly: free of arbitrage proved for 1 of 1 expiries\n');
    expect(text).toContain('proved for 1 of 3 pairs of neighbouring expiries, refuted for 1, undecided for 1\n');
    expect(text).toContain('not fitted:\n  2026-02-27 08:00 UTC  too-few-quotes\n');
    const reasons = text.slice(text.indexOf('rejected: 4 of 5 rows')).trim().split('\n').slice(3);
    expect(reasons.map((line) => line.split(/\s+/))).toEqual([
      ['wide-spread', '2', 'C', '0.012346', '0.01'],
      ['not-an-option', '1', 'E'],
      ['in-the-money', '1', 'A', '0.3', '0.1'],
    ]);
  });

  it('has no column of times where none were taken', () => {
    expect(calibrationReport({ title: 'x', chain, fit })).not.toMatch(/\bms\b/);
  });

  it('shows instants as dates', () => {
    const rejected = [{ index: 0, id: 'A', reason: 'expired', value: expiry, limit: later }];
    expect(rejectionSummary(rejected, chain)).toMatch(/^expired +1 +A +2026-01-30 08:00 UTC +2026-02-27 08:00 UTC$/m);
  });

  it('says so where nothing was left out', () => {
    expect(rejectionSummary([], chain)).toBe('rejected: none of 5 rows');
  });
});

describe('calibrationJson', () => {
  it('is JSON with null for what has no number', () => {
    const document = JSON.parse(calibrationJson({ files: ['chain.json'], description: 'made up', chain, fit })) as {
      fits: { input: unknown }[];
    };
    expect(document).toMatchObject({ schema: 1, files: ['chain.json'], surface: { schema: 1 }, proved: false });
    expect(document.fits[0]!.input).toMatchObject({ volatility: [0.4, null], volatilityAsk: [0.41, null] });
  });
});

describe('utc', () => {
  it('shows seconds only where there are some', () => {
    expect(utc(asOf)).toBe('2026-01-13 12:00 UTC');
    expect(utc(asOf + 5_250)).toBe('2026-01-13 12:00:05 UTC');
  });
});
