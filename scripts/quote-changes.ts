/** Writes the synthetic changes of docs/samples, a few seconds of the synthetic chain of coins. Run: npx tsx scripts/quote-changes.ts */
import { readFileSync, writeFileSync } from 'node:fs';
import { quoteChanges } from '../benchmarks/data/quote-changes.js';
import { deribit } from '../src/market/index.js';

const folder = new URL('../docs/samples/', import.meta.url);
const json = readFileSync(new URL('synthetic-btc-chain.json', folder), 'utf8');
const chain = deribit.parseBookSummary(json, { asOf: Date.UTC(2026, 0, 13, 12) });
const changes = quoteChanges(chain, 20_260_113);
const expiries = [...new Set(chain.quotes.map(({ expiry }) => expiry))].sort((a, b) => a - b);

const lines = [
  changes.tick(chain.asOf + 250),
  changes.tick(chain.asOf + 400),
  changes.move(chain.asOf + 1000, new Set([expiries[5]!])),
  [{ ...changes.tick(chain.asOf + 100)[0]!, instrument: 'BTC-30JAN26-95000-P' }],
  changes.tick(chain.asOf + 1500),
  changes.tick(chain.asOf + 2250),
];
const text = lines.map((line) => `${JSON.stringify(line.length === 1 ? line[0] : line)}\n`).join('');
writeFileSync(new URL('synthetic-btc-changes.ndjson', folder), text);
process.stdout.write(`${lines.flat().length} changes in ${lines.length} lines\n`);
