import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/portfolio/account.js';
import { exposureReport } from '../../src/report/exposure-figures.js';
import { exposureFromJson, exposureJson } from '../../src/report/exposure-json.js';
import { exposureText, positionRejections } from '../../src/report/exposure-report.js';
import { amount, figure, percent } from '../../src/report/figure.js';
import { coinMarket, option, position, randomBook, smileMarket } from '../portfolio/support.js';

const account = (o: Partial<Account> = {}): Account => ({
  id: 'a',
  reportingCurrency: 'USD',
  cash: {},
  positions: [],
  ...o,
});

describe('numbers', () => {
  it.each([
    [0, 2, '0.00'],
    [-0.001, 2, '0.00'],
    [-1234.5, 0, '-1,235'],
    [1234567.891, 2, '1,234,567.89'],
    [999.995, 1, '1,000.0'],
    [0.1234567, 6, '0.123457'],
    [Infinity, 2, 'infinite'],
    [-Infinity, 2, '-infinite'],
    [NaN, 2, 'no number'],
  ])('%d with %d decimals is %s', (value, decimals, text) => {
    expect(figure(value, decimals)).toBe(text);
  });

  it('are shown as coins, money and shares', () => {
    expect([
      amount(1.5, true),
      amount(1.5),
      amount(-999.5),
      amount(1000.4),
      percent(0.1234),
      percent(Infinity),
    ]).toEqual(['1.500000', '1.50', '-999.50', '1,000', '12.3%', 'infinite']);
  });
});

describe('a report of exposure', () => {
  it('of an account with nothing is a report of zeros', () => {
    const report = exposureReport(account(), coinMarket());
    expect(report).toMatchObject({ ladder: [], concentration: [], excluded: [] });
    expect(report.warnings.map(({ code }) => code)).toEqual(['insolvent']);
    expect(exposureText(report)).toContain('total');
  });

  it('comes back from JSON as it was written, infinities included', () => {
    const market = smileMarket();
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom('USD', 'EUR', 'BTC'),
        (seed, count, numeraire) => {
          const held = account({ positions: randomBook(seed, count, market), cash: { BTC: 1 } });
          const report = exposureReport(held, market, { numeraire, indexPrices: { BTC: 1 } });
          const read = exposureFromJson(exposureJson(report));
          // JSON has no -0.
          expect(withoutNegativeZeros(read)).toEqual(withoutNegativeZeros(report));
          expect(exposureText(report)).not.toMatch(/NaN|undefined|no number/);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has ladders whose cells add up to its Greeks, and shares that are shares', () => {
    const market = smileMarket();
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const held = account({ positions: randomBook(seed, 30, market), cash: { USD: 1e6 } });
        const { ladder, greeks, concentration } = exposureReport(held, market, { numeraire: 'USD' });
        for (const name of ['cashDelta', 'gammaPerPercent', 'vegaPerPoint', 'thetaPerDay'] as const) {
          const scale = ladder.reduce((sum, row) => sum + Math.abs(row[name]), 1);
          const total = ladder.reduce((sum, row) => sum + row[name], 0);
          expect(Math.abs(total - greeks[0]!.total[name]) / scale).toBeLessThan(1e-12);
        }
        for (const { count, effectiveNumber, topShare } of concentration) {
          expect(effectiveNumber).toBeLessThanOrEqual(count + 1e-9);
          expect(topShare * effectiveNumber).toBeGreaterThanOrEqual(1 - 1e-9);
          expect(topShare).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('names texts that look like numbers rightly', () => {
    const report = exposureReport(
      account({ id: 'NaN', positions: [{ ...position(option()), id: 'Infinity' }] }),
      coinMarket(),
    );
    const expired = { ...report, expired: ['Infinity'], account: 'NaN' };
    expect(exposureFromJson(exposureJson(expired))).toMatchObject({ account: 'NaN', expired: ['Infinity'] });
  });

  it.each(['{', '[]', '{"schema": 2}'])('is not %s', (text) => {
    expect(() => exposureFromJson(text)).toThrow('must be');
  });

  it('lists refused rows with place, name, field and reason', () => {
    const row = {
      index: 4,
      id: 'X',
      reason: 'closed' as const,
      value: 0,
      limit: 0,
      line: 6,
      field: 'size',
      message: 'it is closed',
    };
    expect(positionRejections('f.json', [row, { ...row, line: 0, id: '', field: '' }])).toBe(
      'f.json: line 6, X, size: closed: it is closed\nf.json: row 5: closed: it is closed',
    );
  });
});

function withoutNegativeZeros(value: unknown): unknown {
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (Array.isArray(value)) return value.map(withoutNegativeZeros);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutNegativeZeros(inner)]));
}
