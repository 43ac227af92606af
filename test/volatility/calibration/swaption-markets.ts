/** Two swaption markets read in place from the data root, as nodes of a cube. */
import { existsSync, readFileSync } from 'node:fs';
import { dataFile } from '../../../benchmarks/data/real-chains.js';
import type { SwaptionQuotes } from '../../../src/volatility/calibration/sabr-cube.js';

const euro2016 = dataFile('fx_rates/strata_swaption_nvol_cube_eur_20160229.json');
const euro2025 = dataFile('fx_rates/ore_swaption_nvol_eur_20250210.csv');
export const hasSwaptions = existsSync(euro2016) && existsSync(euro2025);

function years(text: string): number {
  const count = parseFloat(text);
  return text.endsWith('Y') ? count : text.endsWith('M') ? count / 12 : (7 * count) / 365;
}

/** EUR, 29 February 2016: nine offsets a node. The file has no forwards, the caller's stands for all. */
export function quotesOf2016(table: 'full' | 'sparse', forward: number): SwaptionQuotes[] {
  const market = JSON.parse(readFileSync(euro2016, 'utf8')) as {
    tenors: string[];
    expiries: string[];
    moneyness: number[];
  } & Record<'full' | 'sparse', (number | null)[][][]>;
  return market.tenors.flatMap((tenor, t) =>
    market.expiries.map((expiry, e) => ({
      expiryYears: years(expiry),
      tenorYears: years(tenor),
      forward,
      strikeOffsets: market.moneyness,
      volatilities: market[table][t]![e]!.map((value) => value ?? NaN),
    })),
  );
}

/** EUR, 10 February 2025: 280 at-the-money volatilities, 105 of them with a smile; forwards by the file's overnight swaps. */
export function quotesOf2025(): SwaptionQuotes[] {
  const par: [number, number][] = [];
  const nodes = new Map<string, SwaptionQuotes & { strikeOffsets: number[] }>();
  for (const line of readFileSync(euro2025, 'utf8').trim().split('\n')) {
    const [, key, text] = line.split(',') as [string, string, string];
    const part = key.split('/');
    if (key.startsWith('IR_SWAP/RATE/EUR/ESTER/')) par.push([years(part[6]!), Number(text)]);
    if (part[0] !== 'SWAPTION') continue;
    const [expiry, tenor] = [part[3]!, part[4]!];
    let node = nodes.get(`${expiry} ${tenor}`);
    if (node === undefined) {
      node = {
        expiryYears: years(expiry),
        tenorYears: years(tenor),
        forward: NaN,
        strikeOffsets: [],
        volatilities: [],
      };
      nodes.set(`${expiry} ${tenor}`, node);
    }
    node.strikeOffsets.push(part[5] === 'ATM' ? 0 : Number(part[6]));
    node.volatilities.push(Number(text));
  }
  const forwardRate = forwardSwapRates(par.sort((a, b) => a[0] - b[0]));
  return [...nodes.values()].map((node) => ({ ...node, forward: forwardRate(node.expiryYears, node.tenorYears) }));
}

/** Forward par rates of annual swaps from par rates by maturity, on one curve, discount factors log-linear between whole years. */
function forwardSwapRates(par: readonly [number, number][]): (expiry: number, tenor: number) => number {
  const rateAt = (maturity: number): number => {
    const after = Math.max(
      1,
      par.findIndex(([at]) => at >= maturity),
    );
    const [[t0, r0], [t1, r1]] = [par[after - 1]!, par[after]!];
    return r0 + ((maturity - t0) / (t1 - t0)) * (r1 - r0);
  };
  const discount = [1];
  let annuity = 0;
  for (let year = 1; year <= 60; year++) {
    const rate = rateAt(year);
    discount.push((1 - rate * annuity) / (1 + rate));
    annuity += discount[year]!;
  }
  const discountAt = (t: number): number => {
    const year = Math.floor(t);
    const share = t - year;
    return share === 0 ? discount[year]! : discount[year]! ** (1 - share) * discount[year + 1]! ** share;
  };
  return (expiry, tenor) => {
    let value = 0;
    for (let year = 1; year <= tenor; year++) value += discountAt(expiry + year);
    return (discountAt(expiry) - discountAt(expiry + tenor)) / value;
  };
}
