import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { zomma } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'zomma-hedge-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const file = (name: string, value: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
};

const greeks = [{ name: 'delta', current: -10, tolerance: 1 }];
const call = { name: 'call', greeks: [0.5], cost: 1, lower: 0, upper: 100 };
const perpetual = { name: 'perpetual', greeks: [1], cost: 3, lower: 0, upper: 100 };

describe('zomma hedge', () => {
  it('prints the cheapest trades and the price of the Greek, and writes them', async () => {
    const json = join(folder, 'answer.json');
    const { code, out } = await zomma([
      'hedge',
      file('a.json', { greeks, instruments: [call, perpetual] }),
      '--json',
      json,
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/^cost 18\n/);
    expect(out).toMatch(/call +18 +1\n/);
    expect(out).toMatch(/delta +-10 +-1 +2\n/);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ ok: true, trades: [18, 0], duals: [2] });
  });

  it('in whole lots where all have one', async () => {
    const instruments = [
      { ...call, lot: 4 },
      { ...perpetual, lot: 1 },
    ];
    const { code, out } = await zomma(['hedge', file('b.json', { greeks, instruments })]);
    expect(code).toBe(0);
    // 4 lots of 4 and one perpetual cost 19; 5 lots cost 20.
    expect(out).toMatch(/^cost 19, in whole lots\n/);
  });

  it('says what would have to give where there is none', async () => {
    const instruments = [{ ...call, upper: 10 }];
    const { code, err } = await zomma(['hedge', file('c.json', { greeks, instruments })]);
    expect(code).toBe(1);
    expect(err).toContain('delta stays outside by 4');
  });

  it.each([
    ['not JSON', '{'],
    ['greeks must be', {}],
    ['instruments[0].greeks[0] must be', { greeks, instruments: [{ ...call, greeks: [] }] }],
    ['greeks[0].name must be', { greeks: [{ current: 1 }], instruments: [call] }],
    ['cost[0] must be', { greeks, instruments: [{ ...call, cost: -1 }] }],
  ])('%s: one line and code 2', async (message, content) => {
    const { code, err } = await zomma(['hedge', file('bad.json', content)]);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  it('needs one file', async () => {
    expect((await zomma(['hedge'])).code).toBe(2);
    expect((await zomma(['hedge', join(folder, 'none.json')])).code).toBe(2);
  });
});
