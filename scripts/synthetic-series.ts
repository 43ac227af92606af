/** Writes the synthetic daily series of docs/samples, which `zomma backtest` runs on. Run: npx tsx scripts/synthetic-series.ts */
import { writeFileSync } from 'node:fs';
import { syntheticSeriesText } from '../benchmarks/data/synthetic-series.js';

const text = syntheticSeriesText();
writeFileSync(new URL('../docs/samples/synthetic-daily-series.csv', import.meta.url), text);
process.stdout.write(`${text.split('\n').length - 2} days\n`);
