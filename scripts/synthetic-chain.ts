/** Writes the synthetic chains of docs/samples: of coins, which `npm start` calibrates, and of an index. Run: npx tsx scripts/synthetic-chain.ts */
import { mkdirSync, writeFileSync } from 'node:fs';
import { syntheticChain, syntheticChainText } from '../benchmarks/data/synthetic-chain.js';
import { syntheticIndexChainText } from '../benchmarks/data/synthetic-index-chain.js';

const folder = new URL('../docs/samples/', import.meta.url);
const chain = syntheticChain();
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('synthetic-btc-chain.json', folder), syntheticChainText(chain));
writeFileSync(new URL('synthetic-index-chain.csv', folder), syntheticIndexChainText());
process.stdout.write(`${chain.slices.length} expiries, ${chain.rows.length} instruments of coins; an index\n`);
