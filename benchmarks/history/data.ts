/**
 * A synthetic history, seeded: one Parquet file an underlying, in the layout 'quotes', with rows of many times in order of time.
 *
 * The truth is one eSSVI slice an expiry, w(k) = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)), free of arbitrage; the
 * forward, the level and the skew drift from time to time. Every out-of-the-money option of the strikes is quoted around its true price
 * with a spread in volatility, rounded outwards to a tick. The same seed gives the same bytes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { black76 } from '../../src/pricing/black76.js';
import { ssvi } from '../../src/volatility/smile/ssvi.js';
import { randomStream } from '../calibration/random.js';

export interface HistorySize {
  underlyings: number;
  times: number;
  /** At most twelve. */
  expiries: number;
  strikes: number;
}

const FIRST = Date.UTC(2026, 0, 5, 14, 30);
const MINUTE = 60_000;
const DAY = 86_400_000;
const EXPIRY_DAYS = [4, 11, 18, 32, 46, 74, 102, 165, 256, 347, 438, 529];
const TICK = 0.01;

/** Writes the files of a history into the folder, and gives their paths. */
export function writeHistory(folder: string, size: HistorySize, seed = 1): string[] {
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: size.underlyings }, (_, index) => {
    const path = join(folder, `${nameOf(index)}.parquet`);
    writeFileSync(path, underlyingFile(index, size, seed));
    return path;
  });
}

function nameOf(index: number): string {
  return `U${String(index).padStart(5, '0')}`;
}

interface QuoteColumns {
  time: Date[];
  underlying: string[];
  expiry: Date[];
  strike: number[];
  type: string[];
  bid: number[];
  ask: number[];
  forward: number[];
}

function underlyingFile(index: number, { times, expiries, strikes }: HistorySize, seed: number): Uint8Array {
  const random = randomStream(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const rows: QuoteColumns = {
    time: [],
    underlying: [],
    expiry: [],
    strike: [],
    type: [],
    bid: [],
    ask: [],
    forward: [],
  };
  let spot = random.uniform(50, 500);
  let level = random.uniform(0.15, 0.6);
  let rho = random.uniform(-0.6, 0.1);
  const eta = random.uniform(0.6, 1.1);
  const carry = random.uniform(0, 0.05);
  const halfSpread = random.uniform(0.002, 0.006);
  for (let i = 0; i < times; i++) {
    const asOf = FIRST + i * MINUTE;
    spot *= 1 + random.uniform(-5e-4, 5e-4);
    level *= 1 + random.uniform(-2e-3, 2e-3);
    rho = Math.max(-0.8, Math.min(0.3, rho + random.uniform(-2e-3, 2e-3)));
    for (const days of EXPIRY_DAYS.slice(0, expiries)) {
      const expiry = FIRST - (FIRST % DAY) + days * DAY + (16 * DAY) / 24;
      const timeToExpiry = (expiry - asOf) / (365 * DAY);
      const theta = (level * (1 + 0.05 * Math.sqrt(timeToExpiry))) ** 2 * timeToExpiry;
      const truth = { theta, rho, phi: eta / Math.sqrt(theta * (1 + theta)) };
      const forward = spot * Math.exp(carry * timeToExpiry);
      for (let n = 0; n < strikes; n++) {
        const k = Math.sqrt(theta) * (-2.5 + (4.5 * n) / (strikes - 1));
        const strike = Math.round((forward * Math.exp(k)) / TICK) * TICK;
        const type = strike >= forward ? 'call' : 'put';
        const volatility = Math.sqrt(ssvi.totalVariance(truth, Math.log(strike / forward)) / timeToExpiry);
        const middle = volatility + halfSpread * random.uniform(-0.4, 0.4);
        const priceAt = (at: number) => black76.price({ type, forward, strike, timeToExpiry, volatility: at });
        rows.time.push(new Date(asOf));
        rows.underlying.push(nameOf(index));
        rows.expiry.push(new Date(expiry));
        rows.strike.push(strike);
        rows.type.push(type);
        rows.bid.push(Math.floor(priceAt(middle - halfSpread) / TICK) * TICK);
        rows.ask.push(Math.ceil(priceAt(middle + halfSpread) / TICK) * TICK);
        rows.forward.push(forward);
      }
    }
  }
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'time', type: 'TIMESTAMP', data: rows.time },
      { name: 'underlying', type: 'STRING', data: rows.underlying },
      { name: 'expiry', type: 'TIMESTAMP', data: rows.expiry },
      { name: 'strike', type: 'DOUBLE', data: rows.strike },
      { name: 'type', type: 'STRING', data: rows.type },
      { name: 'bid', type: 'DOUBLE', data: rows.bid },
      { name: 'ask', type: 'DOUBLE', data: rows.ask },
      { name: 'forward', type: 'DOUBLE', data: rows.forward },
    ],
    rowGroupSize: 10_000,
  });
  return new Uint8Array(bytes);
}
