/** Writes docs/samples/synthetic-btc-chain.json, the synthetic chain that `npm start` calibrates. Run: npx tsx scripts/synthetic-chain.ts */
import { mkdirSync, writeFileSync } from 'node:fs';
import { syntheticChain, syntheticChainText } from '../benchmarks/data/synthetic-chain.js';

const folder = new URL('../docs/samples/', import.meta.url);
const chain = syntheticChain();
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('synthetic-btc-chain.json', folder), syntheticChainText(chain));
process.stdout.write(`${chain.slices.length} expiries, ${chain.rows.length} instruments\n`);
