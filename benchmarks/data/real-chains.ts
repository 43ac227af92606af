/**
 * The real chains that are calibrated in tests and in the table of results. They stand outside the repository, under the folder
 * ZOMMA_DATA (else ../shared/data), are read in place and never copied.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const dataRoot = process.env['ZOMMA_DATA'] ?? '../shared/data';
export const hasData = existsSync(dataRoot);

export interface RealChain {
  name: string;
  /** Below the data root. */
  files: string[];
  underlying?: string | undefined;
  asOf?: number | undefined;
  outcome: 'surface' | 'no-surface' | 'american-not-de-americanised';
}

/** Every real chain; empty where the data root is missing. */
export function realChains(): RealChain[] {
  if (!hasData) return [];
  const coins = ['BTC', 'ETH'];
  return [
    ...each('deribit/raw_json', /^btc_book_summary/, 'surface'),
    ...each('deribit/orderbook_csv', /\.csv$/, 'surface'),
    ...each('deribit/book_summary_csv', /^eth_/, 'surface'),
    ...each('deribit/snapshot_csv', /\.csv$/, 'surface', coins),
    ...each('deribit/optionsdx', /\.txt$/, 'surface'),
    {
      name: 'deribit/web_export/eth_20251118T1738Z',
      files: filesIn('deribit/web_export/eth_20251118T1738Z', /\.csv$/),
      asOf: Date.UTC(2025, 10, 18, 17, 38),
      outcome: 'surface',
    },
    ...each('equity/cboe_quotedata', /^spx_/, 'surface', ['SPX', 'SPXW']),
    ...each('equity/implied_vol_tables', /^spx_iv_bidask/, 'surface'),
    ...each('deribit/book_summary_csv', /TESTNET/, 'no-surface'),
    ...each('equity/cboe_quotedata', /^(spy|nvda)_/, 'american-not-de-americanised'),
  ];
}

/** The path of a file below the data root. */
export function dataFile(file: string): string {
  return join(dataRoot, file);
}

function each(
  folder: string,
  pattern: RegExp,
  outcome: RealChain['outcome'],
  underlyings: readonly (string | undefined)[] = [undefined],
): RealChain[] {
  return filesIn(folder, pattern).flatMap((file) =>
    underlyings.map((underlying) => ({
      name: underlying === undefined ? file : `${file} ${underlying}`,
      files: [file],
      underlying,
      outcome,
    })),
  );
}

function filesIn(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(dataRoot, folder))
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);
}
