/** Small histories of quotes as rows, and as files of every kind. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { seededRandom } from '../../../src/math/random.js';
import { black76 } from '../../../src/pricing/black76.js';

export interface QuoteRow {
  time: string;
  underlying: string;
  expiry: string;
  strike: number;
  type: 'call' | 'put';
  bid: number;
  ask: number;
  forward: number;
}

export const firstTime = Date.UTC(2026, 0, 5, 14, 30);
const DAY = 86_400_000;

/** Of each underlying at each minute: two expiries of nine strikes, around a smile that drifts. */
export function quoteRows(underlyings: readonly string[], times: number, first = firstTime): QuoteRow[] {
  const random = seededRandom(7);
  return Array.from({ length: times }, (_, i) => first + 60_000 * i).flatMap((at, i) =>
    underlyings.flatMap((underlying, u) =>
      [30, 60].flatMap((days) => {
        const forward = 100 * (u + 1);
        const timeToExpiry = days / 365;
        return Array.from({ length: 9 }, (__, n) => {
          const k = 0.06 * (n - 4);
          const strike = Math.round(forward * Math.exp(k));
          const type = strike >= forward ? ('call' as const) : ('put' as const);
          const middle = 0.3 + 0.002 * i - 0.1 * k + 0.4 * k * k + 0.002 * (random.uniform() - 0.5);
          const price = (volatility: number): number =>
            black76.price({ type, forward, strike, timeToExpiry, volatility });
          const expiry = new Date(at + days * DAY - 60_000 * i).toISOString();
          const time = new Date(at).toISOString();
          return {
            time,
            underlying,
            expiry,
            strike,
            type,
            bid: price(middle - 0.004),
            ask: price(middle + 0.004),
            forward,
          };
        });
      }),
    ),
  );
}

export function csvOf(rows: readonly object[]): string {
  const names = Object.keys(rows[0]!);
  return [names, ...rows.map((row) => Object.values(row) as unknown[])].map((cells) => cells.join(',')).join('\n');
}

/** Times as timestamps; `rowGroupSize` rows to a group. */
export function parquetOf(rows: readonly QuoteRow[], rowGroupSize = 1000): Uint8Array {
  const columnData = (Object.keys(rows[0]!) as (keyof QuoteRow)[]).map((name) => {
    if (name === 'time' || name === 'expiry') {
      return { name, type: 'TIMESTAMP' as const, data: rows.map((row) => new Date(row[name])) };
    }
    const isText = name === 'underlying' || name === 'type';
    return { name, type: isText ? ('STRING' as const) : ('DOUBLE' as const), data: rows.map((row) => row[name]) };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }));
}

/** Writes a file below a folder, with the folders it needs. */
export function put(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}
