/** American quotes on the command line: made European with --american, refused without. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { newYorkInstant } from '../../src/market/calendar.js';
import { parseDay } from '../../src/market/date.js';
import { american } from '../../src/pricing/american.js';
import type { AmericanExpiry, AmericanFigures } from '../../src/report/american-report.js';
import { zomma } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'zomma-american-'));
const path = (name: string): string => join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const SPOT = 100;
const RATE = 0.05;
const YIELD = 0.02;
const asOf = newYorkInstant(parseDay('2025-01-06')!, 930);
const expiries = [
  ['Fri Apr 17 2025', '250417', '2025-04-17'],
  ['Fri Dec 19 2025', '251219', '2025-12-19'],
] as const;

/** A quote table of American options at a smile, one cent either side. */
function quotedata(sides: readonly ('C' | 'P')[] = ['C', 'P']): string {
  const header = [
    'Made-up Company,Last: 100.00,Change: 0.5',
    '"Date: January 6, 2025 at 3:30 PM EST,Bid: 99.9,Ask: 100.1,Size: 1*1,Volume: 1"',
    'Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike,Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest',
  ];
  const rows = expiries.flatMap(([written, code, iso]) => {
    const timeToExpiry = (newYorkInstant(parseDay(iso)!, 960) - asOf) / (365 * 86_400_000);
    return [80, 85, 90, 95, 100, 105, 110, 115, 120].map((strike) => {
      const volatility = 0.25 + 0.4 * (strike / 100 - 1.1) ** 2;
      const side = (type: 'C' | 'P'): string => {
        const symbol = `ZZZ${code}${type}${String(strike * 1000).padStart(8, '0')}`;
        if (!sides.includes(type)) return `${symbol},0,0,0,0,0,0,0,0,0`;
        const terms = { type: type === 'C' ? 'call' : 'put', spot: SPOT, strike, timeToExpiry, volatility } as const;
        const price = american.price({ ...terms, rate: RATE, dividendYield: YIELD });
        return `${symbol},2.0,0,${(price - 0.01).toFixed(4)},${(price + 0.01).toFixed(4)},5,0.3,0.5,0.02,10`;
      };
      return `${written},${side('C')},${strike}.00,${side('P')}`;
    });
  });
  return [...header, ...rows, ''].join('\n');
}

const file = (name: string, text: string): string => {
  writeFileSync(path(name), text);
  return path(name);
};
const chain = file('zzz_quotedata.csv', quotedata());
const book = file('book.csv', 'instrument,quantity,entryPrice\nZZZ   251219P00110000,-10,12\n');
const json = (name: string): unknown => JSON.parse(readFileSync(path(name), 'utf8'));

describe('zomma calibrate --american', () => {
  it('takes early exercise out, prints the premiums and their model risk, and writes them', async () => {
    const { code, out, err } = await zomma([
      ...['calibrate', chain, '--american', '--rate', String(RATE), '--json', path('fit.json')],
    ]);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toContain('early exercise taken out of 36 of 36 American quotes, spot 100');
    expect(out).toMatch(/premium +premium +model risk +model risk/);
    expect(out).toContain('free of arbitrage proved for 2 of 2 expiries');
    const written = json('fit.json') as {
      american: { expiries: AmericanExpiry[]; quotes: { id: string; premium: number; modelRisk: number }[] };
      fits: { input: { forward: number } }[];
    };
    const [, last] = written.american.expiries;
    expect(Math.abs(last!.carry - (RATE - YIELD))).toBeLessThan(1e-3);
    expect(last!.interval[0]).toBeLessThan(RATE - YIELD);
    expect(last!.interval[1]).toBeGreaterThan(RATE - YIELD);
    expect(last!.largestPremium).toBeGreaterThan(0.2);
    expect(last!.largestModelRisk).toBeGreaterThan(0);
    expect(written.american.quotes).toHaveLength(36);
    const deep = written.american.quotes.find(({ id }) => id.includes('251219P00120'))!;
    expect(deep.premium).toBe(last!.largestPremium);
    expect(deep.modelRisk).toBeLessThan(deep.premium);
    expect(Math.abs(written.fits[1]!.input.forward - last!.forward)).toBeLessThan(0.02);
  });

  it('does without a rate, with more model risk', async () => {
    const risk = async (...more: string[]): Promise<number> => {
      const { code } = await zomma(['calibrate', chain, '--american', ...more, '--json', path('fit.json')]);
      expect(code).toBe(0);
      return (json('fit.json') as { american: { expiries: AmericanExpiry[] } }).american.expiries[1]!.largestModelRisk;
    };
    expect(await risk()).toBeGreaterThan(10 * (await risk('--rate', '0.05')));
  });

  it('is what the refusal names', async () => {
    const { code, out, err } = await zomma(['calibrate', chain]);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^zomma: no surface: american-not-de-americanised: 36 American quotes of ZZZ.*; --american .*\n$/,
    );
    expect(out).toContain('american');
    const other = await zomma(['exposure', book, '--market', chain]);
    expect(other.code).toBe(1);
    expect(other.err).toContain('--american');
  });

  it('says why where there are no pairs, and that a rate alone does nothing', async () => {
    const puts = file('puts_quotedata.csv', quotedata(['P']));
    const { code, err } = await zomma(['calibrate', puts, '--american']);
    expect(code).toBe(1);
    expect(err).toMatch(/^zomma: no surface: american-not-de-americanised: none of the 2 expiries/);
    const rate = await zomma(['calibrate', chain, '--rate', '0.05']);
    expect(rate.code).toBe(2);
    expect(rate.err).toContain('--american');
  });

  it('leaves European quotes as they are', async () => {
    const sample = 'docs/samples/synthetic-index-chain.csv';
    const plain = await zomma(['calibrate', sample]);
    const asked = await zomma(['calibrate', sample, '--american']);
    const table = (text: string): string[][] =>
      [...text.matchAll(/^20\d\d-.*$/gm)].map(([line]) => line.split(/\s+/).slice(0, -1));
    expect(asked.code).toBe(0);
    expect(table(asked.out)).toEqual(table(plain.out));
  });
});

describe('accounts on American quotes', () => {
  it.each(['exposure', 'stress', 'margin'] as const)(
    'zomma %s shows the premiums in its table and JSON',
    async (name) => {
      const rules = name === 'margin' ? ['--rules', 'paradex'] : [];
      const { code, out, err } = await zomma([
        ...[name, book, '--market', chain, '--american', '--rate', String(RATE), '--json', path(`${name}.json`)],
        ...rules,
      ]);
      expect(err).toBe('');
      expect(code).toBe(0);
      expect(out).toContain('early exercise taken out of 36 of 36 American quotes');
      const [figures] = (json(`${name}.json`) as { american: AmericanFigures[] }).american;
      expect(figures!.underlying).toBe('ZZZ');
      expect(figures!.expiries[1]!.largestModelRisk).toBeGreaterThan(0);
    },
  );

  it('value the options held by the engine, at what was quoted', async () => {
    await zomma(['stress', book, '--market', chain, '--american', '--rate', '0.05', '--json', path('stress.json')]);
    const report = json('stress.json') as { equity: number; spot: number[]; volatility: number[]; grid: number[][] };
    const timeToExpiry = (newYorkInstant(parseDay('2025-12-19')!, 960) - asOf) / (365 * 86_400_000);
    const quoted = american.price({
      ...({ type: 'put', spot: SPOT, strike: 110, timeToExpiry, volatility: 0.25 } as const),
      ...{ rate: RATE, dividendYield: YIELD },
    });
    // Ten contracts of a hundred shares, sold.
    expect(Math.abs(report.equity / -1000 - quoted)).toBeLessThan(0.05);
  });
});
