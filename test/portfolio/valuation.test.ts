/** The worked option in both numeraires, and every kind of instrument against its definition. */
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { black76 } from '../../src/pricing/black76.js';
import type { GreekName, Greeks } from '../../src/pricing/greeks.js';
import { inverse } from '../../src/pricing/inverse.js';
import type { Instrument } from '../../src/portfolio/instrument.js';
import { greekNames } from '../../src/portfolio/spot-greeks.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { greeksOf, valueInstrument } from '../../src/portfolio/valuation.js';
import { openSurface } from '../../src/volatility/surface/surface.js';
import { asOf, coinMarket, day, future, moveSpot, option, smileExpiries, smileMarket, spot } from './support.js';

const close = (actual: number, expected: number, digits: number): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(0.5 * 10 ** -digits);
};

describe('the worked option: S = F = K = 60,000, 30 days, 60%', () => {
  const market = coinMarket();
  const call = option();

  it('is worth 4112.36443 dollars, 0.0685394072 coin', () => {
    close(valueInstrument(call, market, 'USD').value, 4112.36443, 5);
    close(valueInstrument(call, market, 'BTC').value, 0.0685394072, 10);
    close(valueInstrument(call, market, 'BTC').settlementValue, 0.0685394072, 10);
    expect(valueInstrument(call, market, 'USD').expired).toBe(false);
  });

  it.each([call, option({ style: 'linear' })])('has its Greeks in dollars: $style', (instrument) => {
    const greeks = greeksOf(instrument, market, { numeraire: 'USD' });
    close(greeks.delta, 0.5342697, 7);
    close(greeks.gamma, 3.8511202e-5, 12);
    close(greeks.vega, 6837.05725, 5);
    close(greeks.theta, -24955.259, 3);
    expect(greeksOf(instrument, market)).toEqual(greeks);
  });

  it('has the coin delta delta - V and the second order S gamma - 2 delta + 2 V/S', () => {
    const coin = greeksOf(call, market, { numeraire: 'BTC' });
    const usd = greeksOf(call, market, { numeraire: 'USD' });
    expect(60_000 * coin.delta).toBeCloseTo(usd.delta - coin.price, 13);
    expect(3.6e9 * coin.gamma).toBeCloseTo(60_000 * usd.gamma - 2 * usd.delta + 2 * coin.price, 12);
  });

  it('keeps parity after the division: (C - P) coin = DF (1 - K/F), by the index DF (F - K)/S', () => {
    const s = smileMarket();
    const { forward, discountFactor } = s.underlyings['BTC']!.surface.slices[1]!;
    const expiry = smileExpiries[1]!;
    for (const divisor of ['forward', 'index'] as const) {
      const [c, p] = (['call', 'put'] as const).map((type) => option({ type, strike: 55_000, expiry, divisor }));
      const parity = valueInstrument(c!, s, 'BTC').value - valueInstrument(p!, s, 'BTC').value;
      const by = divisor === 'forward' ? forward : 60_000;
      expect(parity).toBeCloseTo((discountFactor * (forward - 55_000)) / by, 14);
    }
  });

  it('a call at strike zero is one coin, and has no coin delta', () => {
    const zero = option({ strike: 0 });
    expect(valueInstrument(zero, market, 'BTC').value).toBe(1);
    expect(greeksOf(zero, market, { numeraire: 'BTC' }).delta).toBeCloseTo(0, 16);
  });
});

describe('options on a smile with carry', () => {
  const s = smileMarket();
  const surface = openSurface(s.underlyings['BTC']!.surface);

  it.each([
    [0, 61_000],
    [2, 48_000],
    [3, 80_000],
  ])('inverse Greeks are those of the inverse model, expiry %i strike %i', (at, strike) => {
    const slice = s.underlyings['BTC']!.surface.slices[at]!;
    const { timeToExpiry, forward, discountFactor, expiry } = slice;
    const volatility = surface.volatility(strike, timeToExpiry);
    const terms = { type: 'call', forward, strike, timeToExpiry, discountFactor, volatility, index: 60_000 } as const;
    const ledgers = inverse.greeks(terms);
    const phi = forward / 60_000;
    const byIndex: Partial<Record<GreekName, number>> = {
      delta: phi,
      vanna: phi,
      charm: phi,
      gamma: phi ** 2,
      zomma: phi ** 2,
      color: phi ** 2,
      speed: phi ** 3,
    };
    const [usd, coin] = ['USD', 'BTC'].map((numeraire) => greeksOf(option({ strike, expiry }), s, { numeraire }));
    for (const name of greekNames) {
      const scale = Math.abs(ledgers.usd[name]) + 1e-12;
      expect(Math.abs(usd![name] - ledgers.usd[name]) / scale, name).toBeLessThan(1e-12);
      const expected = ledgers.coin[name] * (byIndex[name] ?? 1);
      expect(Math.abs(coin![name] - expected) / (Math.abs(expected) + 1e-20), `coin ${name}`).toBeLessThan(1e-10);
    }
  });

  it('forward, discount factor and volatility between the expiries are those of the surface', () => {
    const expiry = asOf + 50 * day;
    const T = 50 / 365;
    const instrument = option({ style: 'linear', strike: 58_000, expiry });
    const terms = { type: 'call', strike: 58_000, timeToExpiry: T } as const;
    const [forward, discountFactor] = [surface.forward(T), surface.discountFactor(T)];
    const price = black76.price({ ...terms, forward, discountFactor, volatility: surface.volatility(58_000, T) });
    expect(valueInstrument(instrument, s, 'USD').value).toBeCloseTo(price, 8);
    const [early, late] = s.underlyings['BTC']!.surface.slices.slice(1, 3);
    const share = (50 - 30) / (91 - 30);
    const log = Math.log(early!.forward) + share * (Math.log(late!.forward) - Math.log(early!.forward));
    expect(Math.log(forward)).toBeCloseTo(log, 13);
  });

  it('a quanto without correlation is the linear option at the fixed rate; with it Black on the adjusted forward', () => {
    const expiry = smileExpiries[2]!;
    const plain = {
      style: 'quanto',
      underlying: 'SPX',
      settlement: 'EUR',
      strike: 4_900,
      expiry,
      fixedFx: 0.9,
    } as const;
    const linear = valueInstrument(
      option({ style: 'linear', underlying: 'SPX', strike: 4_900, expiry }),
      s,
      'USD',
    ).value;
    expect(valueInstrument(option(plain), s, 'EUR').value).toBeCloseTo(0.9 * linear, 10);
    expect(valueInstrument(option(plain), s, 'USD').value).toBeCloseTo(0.9 * 1.085 * linear, 10);
    const slice = s.underlyings['SPX']!.surface.slices[2]!;
    const volatility = openSurface(s.underlyings['SPX']!.surface).volatility(4_900, slice.timeToExpiry);
    const forward = slice.forward * Math.exp(0.5 * volatility * 0.12 * slice.timeToExpiry);
    const { discountFactor, timeToExpiry } = slice;
    const price = black76.price({ type: 'call', strike: 4_900, forward, volatility, discountFactor, timeToExpiry });
    const quanto = option({ ...plain, fxVolatility: 0.12, correlation: -0.5 });
    expect(valueInstrument(quanto, s, 'EUR').value).toBeCloseTo(0.9 * price, 9);
  });

  it('a rule of the smile changes delta and gamma, in opposite directions on the two sides of sticky strike', () => {
    const put = option({ style: 'linear', type: 'put', strike: 50_000, expiry: smileExpiries[1]! });
    const [sticky, delta, local, same] = (
      ['sticky-strike', 'sticky-delta', 'local-vol', { skewStickiness: 1 }] as const
    ).map((smile) => greeksOf(put, s, { smile }));
    expect(same).toEqual(sticky);
    expect(delta!.delta - sticky!.delta).toBeCloseTo(sticky!.delta - local!.delta, 12);
    expect(delta!.delta).toBeGreaterThan(sticky!.delta);
    // Sticky delta: the surface's own parameters, with the forward moved.
    const bumped = (factor: number): number => {
      const market = moveSpot(s, 'BTC', factor).underlyings['BTC']!;
      const slices = market.surface.slices.map((slice, i) => ({
        ...slice,
        parameters: s.underlyings['BTC']!.surface.slices[i]!.parameters,
      }));
      const moved: MarketSnapshot = {
        ...s,
        underlyings: { BTC: { ...market, surface: { ...market.surface, slices } } },
      };
      return valueInstrument(put, moved, 'USD').value;
    };
    const h = 1e-4;
    const [up, down, mid] = [bumped(1 + h), bumped(1 - h), bumped(1)];
    expect((up - down) / (2 * h * 60_000)).toBeCloseTo(delta!.delta, 7);
    expect((up - 2 * mid + down) / (h * 60_000) ** 2).toBeCloseTo(delta!.gamma, 9);
    const inverseOption = { ...put, style: 'inverse', settlement: 'BTC' } as const;
    const usd = greeksOf(inverseOption, s, { smile: 'sticky-delta', numeraire: 'USD' });
    const phi = s.underlyings['BTC']!.surface.slices[1]!.forward / 60_000;
    expect(usd.delta * phi).toBeCloseTo(delta!.delta, 12);
  });
});

describe('expired instruments are worth their payoff at the spot, and say so', () => {
  const s = moveSpot(coinMarket(), 'BTC', 1.1);
  const expiry = asOf - day;

  it.each([
    ['call', 60_000, 6_000, 1],
    ['put', 60_000, 0, 0],
    ['put', 70_000, 4_000, -1],
    ['call', 66_000, 0, 0.5],
  ] as const)('%s at %i', (type, strike, value, delta) => {
    const instrument = option({ style: 'linear', type, strike, expiry });
    expect(valueInstrument(instrument, s, 'USD')).toMatchObject({ expired: true });
    expect(valueInstrument(instrument, s, 'USD').value).toBeCloseTo(value, 9);
    const greeks = greeksOf(instrument, s);
    expect(greeks.delta).toBe(delta);
    for (const name of ['gamma', 'vega', 'theta'] as const) expect(greeks[name]).toBe(0);
    expect(valueInstrument({ ...instrument, style: 'inverse', settlement: 'BTC' }, s, 'BTC').value).toBeCloseTo(
      value / 66_000,
      14,
    );
  });

  it('a future settles at the spot', () => {
    const listed = future({ kind: 'future', style: 'linear', expiry });
    expect(valueInstrument(listed, s, 'USD', { entryPrice: 60_000 })).toMatchObject({ expired: true });
    expect(valueInstrument(listed, s, 'USD', { entryPrice: 60_000 }).value).toBeCloseTo(6_000, 9);
  });
});

describe('futures, perpetuals, spot and leveraged tokens', () => {
  const s: MarketSnapshot = { ...coinMarket() };

  it('an inverse future entered at its mark is worth nothing; later 1/entry - 1/P coin a dollar', () => {
    const perpetual = future();
    expect(valueInstrument(perpetual, s, 'USD')).toEqual({ value: 0, settlementValue: 0, expired: false });
    const { settlementValue, value } = valueInstrument(perpetual, s, 'USD', { entryPrice: 50_000 });
    expect(settlementValue).toBeCloseTo(1 / 50_000 - 1 / 60_000, 20);
    expect(value).toBeCloseTo(0.2, 14);
    // N/entry in dollars whatever the spot, N/P in coin.
    expect(greeksOf(perpetual, s, { entryPrice: 50_000 }).delta).toBeCloseTo(1 / 50_000, 18);
    expect(greeksOf(perpetual, s, { entryPrice: 50_000 }).gamma).toBeCloseTo(0, 20);
    expect(60_000 * greeksOf(perpetual, s, { numeraire: 'BTC', entryPrice: 50_000 }).delta).toBeCloseTo(1 / 60_000, 18);
  });

  it('a linear future moves as its mark over the spot', () => {
    const btc = s.underlyings['BTC']!;
    const listed = future({ kind: 'future', style: 'linear', expiry: asOf + 30 * day });
    const marked = { ...s, underlyings: { BTC: { ...btc, futures: { [listed.id]: 61_200 } } } };
    expect(valueInstrument(listed, marked, 'USD', { entryPrice: 60_000 }).value).toBe(1_200);
    expect(greeksOf(listed, marked).delta).toBe(1.02);
  });

  it('spot is worth the spot, in its own currency one; cash one', () => {
    expect(valueInstrument(spot('BTC'), s, 'USD')).toEqual({ value: 60_000, settlementValue: 1, expired: false });
    expect(greeksOf(spot('BTC'), s).delta).toBe(1);
    expect(greeksOf(spot('BTC'), s, { numeraire: 'BTC' }).delta).toBe(0);
    expect(valueInstrument(spot('BTC', 'USD'), s, 'USD').value).toBe(60_000);
    expect(valueInstrument(spot('USD'), s, 'USD').value).toBe(1);
    expect(valueInstrument(spot('USD'), s, 'BTC').value).toBeCloseTo(1 / 60_000, 20);
  });

  it('a leveraged token moves with its leverage', () => {
    const token: Instrument = {
      id: 'BTC3L',
      kind: 'leveraged-token',
      underlying: 'BTC',
      settlement: 'USD',
      multiplier: 1,
      targetLeverage: 3,
      nav: 120,
      leverage: 2.7,
    };
    expect(valueInstrument(token, s, 'USD').value).toBe(120);
    expect(greeksOf(token, s).delta).toBeCloseTo((2.7 * 120) / 60_000, 16);
  });
});

describe('what the snapshot lacks is an error that names it', () => {
  const s = coinMarket();
  const field = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      if (error instanceof InputError) return error.field;
      throw error;
    }
    return 'none';
  };

  it.each([
    ['underlyings.DOGE', () => valueInstrument(option({ underlying: 'DOGE' }), s, 'USD')],
    ['settlement', () => valueInstrument(option({ style: 'linear', settlement: 'XYZ' }), s, 'USD')],
    ['numeraire', () => valueInstrument(option(), s, 'XYZ')],
    ['exercise', () => valueInstrument(option({ style: 'inverse', exercise: 'american' }), s, 'USD')],
  ] as const)('%s', (name, act) => {
    expect(field(act)).toBe(name);
  });

  it('without a surface: no forward, or the intrinsic value for who asks for it', () => {
    const bare = {
      ...s,
      underlyings: { BTC: { ...s.underlyings['BTC']!, surface: { ...s.underlyings['BTC']!.surface, slices: [] } } },
    };
    const call = option({ style: 'linear', strike: 55_000 });
    expect(field(() => valueInstrument(call, bare, 'USD'))).toBe('underlyings.BTC.surface');
    expect(valueInstrument(call, bare, 'USD', { missing: 'intrinsic' }).value).toBe(5_000);
  });
});

describe('both numeraires against central differences', () => {
  const s = smileMarket();
  /** Derivatives that are one spot derivative of another Greek. */
  const bySpot: [GreekName, GreekName][] = [
    ['price', 'delta'],
    ['delta', 'gamma'],
    ['gamma', 'speed'],
    ['vega', 'vanna'],
    ['vanna', 'zomma'],
    ['theta', 'charm'],
    ['charm', 'color'],
  ];
  const quanto = { style: 'quanto', settlement: 'EUR', fixedFx: 0.9, fxVolatility: 0.2, correlation: 0.4 } as const;
  const instruments: Instrument[] = [
    option({ strike: 66_000, expiry: smileExpiries[1]! }),
    option({ strike: 50_000, expiry: smileExpiries[2]!, type: 'put', divisor: 'index' }),
    option({ strike: 62_000, expiry: smileExpiries[2]!, type: 'put', style: 'linear', settlement: 'USDC' }),
    option({ strike: 62_000, expiry: smileExpiries[3]!, ...quanto }),
    future({ style: 'linear' }),
    future({ kind: 'future', expiry: smileExpiries[2]! }),
    spot('BTC'),
    spot('BTC', 'USDC'),
  ];

  it.each(instruments.flatMap((i) => ['USD', 'BTC', 'EUR', 'ETH'].map((numeraire) => [i.id, numeraire, i] as const)))(
    '%s in %s',
    (_, numeraire, instrument) => {
      const entry = instrument.kind === 'future' || instrument.kind === 'perpetual' ? { entryPrice: 52_000 } : {};
      const at = (factor: number): Greeks => greeksOf(instrument, moveSpot(s, 'BTC', factor), { numeraire, ...entry });
      const greeks = at(1);
      const [h, S] = [1e-4, 60_000];
      // Fourth order.
      const [up, down, up2, down2] = [at(1 + h), at(1 - h), at(1 + 2 * h), at(1 - 2 * h)];
      for (const [from, to] of bySpot) {
        const difference = (8 * (up[from] - down[from]) - (up2[from] - down2[from])) / (12 * h * S);
        const scale = Math.abs(greeks[to]) + Math.abs(greeks[from]) / S + (1e-12 * Math.abs(greeks.price)) / S;
        expect(Math.abs(difference - greeks[to]) / scale, `${to} from ${from}`).toBeLessThan(1e-6);
      }
    },
  );
});
