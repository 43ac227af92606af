import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { fxDelta, type DeltaConvention } from '../../src/pricing/fx-delta.js';
import { fxSmileStrikes, fxSmileVolatility, type FxSmile, type FxSmileQuotes } from '../../src/pricing/fx-smile.js';
import { strikeFromDelta } from '../../src/pricing/strike-from-delta.js';
import { blackValue } from '../reference/values.js';

const dataRoot = join(process.env['ZOMMA_DATA'] ?? '../shared/data', 'fx_rates');
const clarkFile = join(dataRoot, 'clark_book_fx_smiles.json');
const strataFile = join(dataRoot, 'strata_eurusd_smile.json');

const market = { spot: 1.1, domesticRate: 0.05, foreignRate: 0.03, timeToExpiry: 0.5 };
const quotes: FxSmileQuotes = {
  ...market,
  atm: 0.09,
  atmKind: 'delta-neutral',
  convention: 'spot',
  wings: [
    { delta: 0.25, riskReversal: -0.012, marketStrangle: 0.003 },
    { delta: 0.1, riskReversal: -0.022, marketStrangle: 0.011 },
  ],
};

function solved(input: FxSmileQuotes): FxSmile {
  const smile = fxSmileStrikes(input);
  if (!smile.ok) throw new Error(`${smile.reason}: ${smile.message}`);
  return smile;
}

/** Recomputes every quote from the smile alone, through the public functions. */
function expectReproduced(input: FxSmileQuotes, smile: FxSmile): void {
  const { atm, convention, wings, ...rest } = input;
  expect(smile.points).toHaveLength(2 * wings.length + 1);
  expect(fxSmileVolatility(smile, smile.atmStrike)).toBeCloseTo(atm, 14);
  const straddle = (['call', 'put'] as const).map((type) =>
    fxDelta({ ...rest, type, strike: smile.atmStrike, volatility: atm }, convention),
  );
  if (input.atmKind === 'delta-neutral') expect(straddle[0]! + straddle[1]!).toBeCloseTo(0, 13);
  else expect(smile.atmStrike).toBeCloseTo(smile.forward, 14);

  for (const point of smile.points) {
    const type = point.delta > 0 ? 'call' : 'put';
    expect(fxDelta({ ...rest, type, strike: point.strike, volatility: point.volatility }, convention)).toBeCloseTo(
      point.delta,
      13,
    );
    expect(fxSmileVolatility(smile, point.strike)).toBeCloseTo(point.volatility, 13);
  }
  wings.forEach(({ delta, riskReversal, marketStrangle }, i) => {
    const at = (signed: number) => smile.points.find((point) => Math.abs(point.delta - signed) < 1e-9)!;
    expect(at(delta).volatility - at(-delta).volatility).toBeCloseTo(riskReversal, 13);
    expect(0.5 * (at(delta).volatility + at(-delta).volatility) - atm).toBeCloseTo(smile.smileStrangles[i]!, 13);

    const single = atm + marketStrangle;
    const prices = (['call', 'put'] as const).map((type) => {
      const found = strikeFromDelta(
        { ...rest, type, volatility: single },
        type === 'call' ? delta : -delta,
        convention,
      );
      if (!found.ok) throw new Error(found.message);
      const value = (volatility: number): number =>
        blackValue(type, smile.forward, found.strike, volatility, rest.timeToExpiry).toNumber();
      return [value(fxSmileVolatility(smile, found.strike)), value(single)] as const;
    });
    const [onSmile, atSingle] = [prices[0]![0] + prices[1]![0], prices[0]![1] + prices[1]![1]];
    expect(Math.abs(onSmile / atSingle - 1)).toBeLessThan(1e-12);
  });
}

describe('smile from market quotes', () => {
  it('has the published at-the-money strikes', () => {
    const strike = (atmKind: FxSmileQuotes['atmKind'], convention: DeltaConvention): number =>
      solved({ ...quotes, atmKind, convention, wings: [] }).atmStrike;
    expect(Math.abs(strike('forward', 'spot') / 1.1110551837925848 - 1)).toBeLessThan(4e-16);
    expect(Math.abs(strike('delta-neutral', 'forward') / 1.1133073500885322 - 1)).toBeLessThan(4e-16);
    expect(Math.abs(strike('delta-neutral', 'spot-premium-adjusted') / 1.1088075735188574 - 1)).toBeLessThan(4e-16);
  });

  it.each<DeltaConvention>(['spot', 'forward', 'spot-premium-adjusted', 'forward-premium-adjusted'])(
    'reproduces every quote with %s deltas',
    (convention) => {
      for (const atmKind of ['forward', 'delta-neutral'] as const) {
        const input = { ...quotes, convention, atmKind };
        expectReproduced(input, solved(input));
      }
    },
  );

  it('does not take the market strangle for the smile strangle', () => {
    const skewed = { ...quotes, wings: [{ delta: 0.25, riskReversal: -0.04, marketStrangle: 0.003 }] };
    const smile = solved(skewed);
    expect(Math.abs(smile.smileStrangles[0]! - 0.003)).toBeGreaterThan(1e-4);
    const flat = solved({ ...quotes, wings: [{ delta: 0.25, riskReversal: 0, marketStrangle: 0.003 }] });
    // Without skew the two differ only through the shape of the wings.
    expect(Math.abs(flat.smileStrangles[0]! - 0.003)).toBeLessThan(5e-5);
  });

  it('is flat where the quotes are', () => {
    const smile = solved({ ...quotes, wings: [{ delta: 0.25, riskReversal: 0, marketStrangle: 0 }] });
    for (const { volatility } of smile.points) expect(volatility).toBeCloseTo(0.09, 14);
    expect(fxSmileVolatility(smile, 0.4)).toBeCloseTo(0.09, 13);
    expect(fxSmileVolatility(smile, 5)).toBeCloseTo(0.09, 13);
    expect(fxSmileVolatility(smile, 0)).toBeGreaterThan(0);
  });

  it('lists points by strike whatever the order of the wings', () => {
    const one = solved(quotes);
    const other = solved({ ...quotes, wings: quotes.wings.toReversed() });
    one.points.forEach((point, i) => {
      expect(other.points[i]!.strike).toBeCloseTo(point.strike, 12);
      if (i > 0) expect(point.strike).toBeGreaterThan(one.points[i - 1]!.strike);
    });
    expect(other.smileStrangles[0]).toBeCloseTo(one.smileStrangles[1]!, 12);
  });
});

describe('quotes without a smile', () => {
  it('says which deltas do not exist', () => {
    const wide = { ...quotes, atm: 2, timeToExpiry: 4, convention: 'forward-premium-adjusted' as const };
    expect(fxSmileStrikes(wide)).toMatchObject({ ok: false, reason: 'delta-unreachable' });
  });

  it('reports a volatility that would have to be negative', () => {
    const impossible = { ...quotes, wings: [{ delta: 0.25, riskReversal: 0.5, marketStrangle: 0.001 }] };
    expect(fxSmileStrikes(impossible)).toMatchObject({ ok: false, reason: 'no-convergence' });
  });

  it.each([NaN, Infinity, -Infinity, -1, '1', undefined])('refuses %s in every field', (wrong) => {
    for (const field of Object.keys(quotes)) {
      if (wrong === -1 && field.endsWith('Rate')) continue;
      expect(() => fxSmileStrikes({ ...quotes, [field]: wrong }), field).toThrow(InputError);
    }
    for (const field of ['delta', 'riskReversal', 'marketStrangle']) {
      if (wrong === -1 && field === 'riskReversal') continue;
      const wings = [{ ...quotes.wings[0], [field]: wrong }] as FxSmileQuotes['wings'];
      expect(() => fxSmileStrikes({ ...quotes, wings }), field).toThrow(InputError);
    }
    expect(() => fxSmileStrikes(wrong as unknown as FxSmileQuotes)).toThrow(InputError);
    expect(() => fxSmileVolatility(solved(quotes), wrong as number)).toThrow(InputError);
    expect(() => fxSmileVolatility(wrong as unknown as FxSmile, 1)).toThrow(InputError);
  });

  it('refuses a delta given twice, above 1, and a market without time', () => {
    const [wing] = quotes.wings as [FxSmileQuotes['wings'][number], ...unknown[]];
    expect(() => fxSmileStrikes({ ...quotes, wings: [wing, wing] })).toThrow(InputError);
    expect(() => fxSmileStrikes({ ...quotes, wings: [{ ...wing, delta: 1 }] })).toThrow(InputError);
    expect(() => fxSmileStrikes({ ...quotes, timeToExpiry: 0 })).toThrow(InputError);
  });
});

interface ClarkSet {
  pair: string;
  spot: number;
  r_for: number;
  r_dom: number;
  tenors: string[];
  atm: number[];
  market_strangle_25d: number[];
  risk_reversal_25d: number[];
}

describe.skipIf(!existsSync(clarkFile))('the smiles of Clark, tables 3.3 and 3.4 (needs the data root)', () => {
  const years = [1 / 12, 2 / 12, 3 / 12, 6 / 12, 1, 2];
  const sets = existsSync(clarkFile) ? (JSON.parse(readFileSync(clarkFile, 'utf8')) as { sets: ClarkSet[] }).sets : [];
  it.each(sets)('$pair', (set) => {
    set.tenors.forEach((_, i) => {
      const input: FxSmileQuotes = {
        spot: set.spot,
        domesticRate: set.r_dom,
        foreignRate: set.r_for,
        timeToExpiry: years[i]!,
        atm: set.atm[i]! / 100,
        atmKind: 'delta-neutral',
        convention: set.pair === 'EURJPY' ? 'spot-premium-adjusted' : 'spot',
        wings: [
          {
            delta: 0.25,
            riskReversal: set.risk_reversal_25d[i]! / 100,
            marketStrangle: set.market_strangle_25d[i]! / 100,
          },
        ],
      };
      expectReproduced(input, solved(input));
    });
  });
});

describe.skipIf(!existsSync(strataFile))('EURUSD at 10 and 25 delta, five expiries (needs the data root)', () => {
  it('reproduces every quote', () => {
    const data = JSON.parse(readFileSync(strataFile, 'utf8')) as {
      times: number[];
      delta: number[];
      atm: number[];
      rr: number[][];
      strangle: number[][];
    };
    data.times.forEach((timeToExpiry, i) => {
      const input: FxSmileQuotes = {
        spot: 1.3,
        domesticRate: 0,
        foreignRate: 0,
        timeToExpiry,
        atm: data.atm[i]!,
        atmKind: 'delta-neutral',
        convention: 'forward',
        wings: data.delta.map((delta, j) => ({
          delta,
          riskReversal: data.rr[i]![j]!,
          marketStrangle: data.strangle[i]![j]!,
        })),
      };
      expectReproduced(input, solved(input));
    });
  });
});
