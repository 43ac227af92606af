import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { zomma } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'zomma-leverage-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const given = ['leverage', '--volatility', '0.6'];

describe('zomma leverage', () => {
  it('prints the limits from the tightest, and writes them', async () => {
    const json = join(folder, 'limits.json');
    const limits = ['--target', '0.9', '--shock', '0.3', '--probability', '0.01', '--initial', '0.02'];
    const { code, out } = await zomma([...given, ...limits, '--json', json]);
    expect(code).toBe(0);
    expect(out).toContain('leverage 1.50, long: the volatility target binds');
    const written = JSON.parse(readFileSync(json, 'utf8')) as {
      leverage: number;
      binding: string;
      caps: { name: string; limit: number; liquidationProbability: number }[];
    };
    expect(written).toMatchObject({ leverage: 1.5, binding: 'volatility target', side: 'long', volatility: 0.6 });
    expect(written.caps.map(({ name }) => name)).toEqual([
      'volatility target',
      'liquidation probability',
      'survival of the shock',
      'initial margin',
    ]);
    // The worked number of a 30% shock at a maintenance rate of 1%, and the probability its limit was asked for.
    expect(written.caps[2]!.limit).toBeCloseTo(3.2573, 4);
    expect(written.caps[1]!.liquidationProbability).toBeCloseTo(0.01, 9);
  });

  it('says how the answer moves with each input that a limit asks for', async () => {
    const json = join(folder, 'moves.json');
    const { out } = await zomma([...given, '--target', '0.9', '--shock', '0.9', '--json', json]);
    const { sensitivities } = JSON.parse(readFileSync(json, 'utf8')) as {
      sensitivities: { name: string; smaller?: { leverage: number }; larger?: { leverage: number; binding: string } }[];
    };
    expect(sensitivities.map(({ name }) => name)).toEqual(['volatility', 'target', 'maintenance', 'shock']);
    // 1/(0.9 + 0.1 x 0.01) binds: volatility does not matter, a shock of 1.08 cannot be.
    expect(sensitivities[0]!.larger!.leverage).toBeCloseTo(1 / 0.901, 12);
    expect(sensitivities[3]!.smaller!.leverage).toBeCloseTo(1 / (0.72 + 0.28 * 0.01), 12);
    expect(sensitivities[3]!.larger).toBeUndefined();
    expect(out).toMatch(/leverage, where +is 20% +is 20%/);
    const target = await zomma([...given, '--target', '0.9', '--maximum', '1.6']);
    expect(target.out).toMatch(/volatility +1.60 \(own maximum\) +1.25/);
    expect(target.out).not.toContain('maintenance');
  });

  it('of a short position', async () => {
    const { code, out } = await zomma([...given, '--side', 'short', '--shock', '1.5', '--maximum', '3']);
    expect(code).toBe(0);
    expect(out).toContain('leverage 0.66, short: the survival of the shock binds');
  });

  it.each([
    [['leverage', '--target', '0.5'], 'needs --volatility'],
    [given, 'needs a limit'],
    [[...given, '--target', 'x'], '--target must be a number'],
    [[...given, '--target', '0'], '--target must be'],
    [[...given, '--shock', '1.5'], '--shock must be'],
    [[...given, '--probability', '1'], '--probability must be below 1'],
    [[...given, '--maximum', '2', '--side', 'flat'], '--side must be'],
    [[...given, '--maximum', '2', 'file.json'], 'reads no file'],
    [[...given, '--maximum', '2', '--fx', 'EUR/USD=1'], "Unknown option '--fx'"],
    [[...given, '--maximum', '2', '--json', join(folder, 'no/such/place.json')], 'cannot be written'],
  ])('%j ends with one line and code 2', async (argv, message) => {
    const { code, err } = await zomma(argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});
