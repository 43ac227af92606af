/**
 * What `history` makes of the real snapshots, one row a folder, as a table for docs/scale.md. The files stand outside the repository, under
 * the folder ZOMMA_DATA (else ../shared/data), and are read in place.
 *
 *   npx tsx scripts/history-table.ts [--arbitrage certify] [--threads 2]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dataFile } from '../benchmarks/data/real-chains.js';
import { history } from '../src/parallel/history/history.js';
import { threads } from '../src/parallel/threads.js';

const { values } = parseArgs({
  options: { arbitrage: { type: 'string', default: 'report' }, threads: { type: 'string', default: '2' } },
});
const arbitrage = values.arbitrage === 'certify' ? 'certify' : 'report';

const folders: { folder: string; underlying?: string }[] = [
  { folder: 'deribit/optionsdx' },
  { folder: 'deribit/orderbook_csv' },
  { folder: 'deribit/book_summary_csv' },
  { folder: 'deribit/raw_json' },
  { folder: 'deribit/snapshot_csv' },
  { folder: 'deribit/surface_csv', underlying: 'BTC' },
  { folder: 'deribit/web_export' },
  { folder: 'deribit/ticker_csv' },
  { folder: 'equity/cboe_quotedata' },
  { folder: 'equity/implied_vol_tables' },
];

const counts = (record: Readonly<Record<string, number>>): string =>
  Object.entries(record)
    .map(([reason, count]) => `${count} \`${reason}\``)
    .join(', ');

const executor = await threads({ threads: Number(values.threads) });
const root = mkdtempSync(join(tmpdir(), 'zomma-table-'));
try {
  console.log('| folder | files | partitions | chains | slices | without a surface | files that were refused |');
  console.log('| --- | ---: | ---: | ---: | ---: | --- | --- |');
  for (const { folder, underlying } of folders) {
    const out = join(root, folder);
    const summary = await history([dataFile(folder)], { out, underlying, executor, options: { arbitrage } });
    const { files, written, chains, slices, failures, failed } = summary;
    const refused: Record<string, number> = {};
    for (const { reason } of failed) refused[reason] = (refused[reason] ?? 0) + 1;
    console.log(`| ${[folder, files, written, chains, slices, counts(failures), counts(refused)].join(' | ')} |`);
    for (const { message } of failed) console.error(`  ${message}`);
  }
} finally {
  await executor.close();
  rmSync(root, { recursive: true });
}
