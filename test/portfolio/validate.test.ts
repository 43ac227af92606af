/** Every field of an instrument, a position, an account and a snapshot against what it must not be. */
import { describe, expect, it } from 'vitest';
import type { Account, Position } from '../../src/portfolio/account.js';
import { accountEquity, adjustedEquity } from '../../src/portfolio/equity.js';
import { exposureMetrics } from '../../src/portfolio/exposure.js';
import { netGreeks } from '../../src/portfolio/net-greeks.js';
import type { MarketSnapshot } from '../../src/portfolio/snapshot.js';
import { valueInstrument } from '../../src/portfolio/valuation.js';
import type { Instrument } from '../../src/portfolio/instrument.js';
import { coinMarket, future, option, position } from './support.js';

const market = coinMarket();
const numbers = [NaN, Infinity, '1', null];
const texts = ['', 5, null, undefined];

function refuses(field: string, act: () => unknown): void {
  expect(act).toThrow(expect.objectContaining({ name: 'InputError', field }) as Error);
}

/** A copy with one field set. */
function set<T>(record: T, path: string, value: unknown): T {
  const copy = structuredClone(record) as Record<string, unknown>;
  const names = path.split('.');
  let at = copy;
  for (const name of names.slice(0, -1)) at = at[name] as Record<string, unknown>;
  at[names[names.length - 1]!] = value;
  return copy as T;
}

describe('instruments', () => {
  const quanto = option({ style: 'quanto', settlement: 'USD', fixedFx: 1, fxVolatility: 0.1, correlation: 0.2 });
  const token: Instrument = {
    id: 'T',
    kind: 'leveraged-token',
    underlying: 'BTC',
    settlement: 'USD',
    multiplier: 1,
    targetLeverage: 3,
    nav: 100,
    leverage: 3,
  };
  const listed = future({ kind: 'future', expiry: market.asOf + 1 });
  const cases: [Instrument, string, unknown[]][] = [
    [option(), 'id', texts],
    [option(), 'underlying', texts],
    [option(), 'settlement', [...texts, 'XYZ']],
    [option(), 'multiplier', [...numbers, 0, -1]],
    [option(), 'kind', ['swap', undefined]],
    [option(), 'style', ['exotic', undefined]],
    [option(), 'exercise', ['bermudan']],
    [option(), 'type', ['straddle', undefined]],
    [option(), 'strike', [...numbers, -1]],
    [option(), 'expiry', [...numbers, undefined]],
    [option(), 'divisor', ['spot']],
    [quanto, 'fixedFx', [...numbers, 0, -1, undefined]],
    [quanto, 'fxVolatility', [NaN, Infinity, '1', -0.1]],
    [quanto, 'correlation', [NaN, '1', 1.1, -2]],
    [future(), 'style', ['quanto', undefined]],
    [future(), 'expiry', [5]],
    [listed, 'expiry', [...numbers, undefined]],
    [token, 'targetLeverage', numbers],
    [token, 'nav', [...numbers, 0, -1]],
    [token, 'leverage', numbers],
  ];

  it.each(cases)('%o', (instrument, field, values) => {
    for (const value of values) {
      const bad = { ...instrument, [field]: value };
      refuses(field, () => valueInstrument(bad, market, 'USD'));
      if (field === 'settlement' && value === 'XYZ') continue;
      const entryPrice = instrument.kind === 'future' || instrument.kind === 'perpetual' ? 1 : undefined;
      if (field === 'kind') continue;
      refuses(`positions[1].instrument.${field}`, () =>
        netGreeks([position(option(), 1), position(bad, 1, entryPrice)], market, { numeraire: 'USD' }),
      );
    }
  });

  it('nothing at all, an entry price of nothing, an unknown numeraire', () => {
    refuses('instrument', () => valueInstrument(null as unknown as Instrument, market, 'USD'));
    refuses('entryPrice', () => valueInstrument(future(), market, 'USD', { entryPrice: 0 }));
    refuses('numeraire', () => valueInstrument(option(), market, 'XYZ'));
    refuses('numeraire', () => valueInstrument(option(), market, ''));
    refuses('missing', () => netGreeks([], market, { missing: 'ignore' as 'throw' }));
  });
});

describe('positions', () => {
  const cases: [string, unknown][] = [
    ['positions', 'none'],
    ['positions[0]', [null]],
    ['positions[0].id', [{ ...position(option()), id: '' }]],
    ['positions[0].instrument', [{ ...position(option()), instrument: 7 }]],
    ...numbers.map((quantity) => ['positions[0].quantity', [{ ...position(option()), quantity }]] as [string, unknown]),
    ...[...numbers, -1].map(
      (entryPrice) => ['positions[0].entryPrice', [{ ...position(option()), entryPrice }]] as [string, unknown],
    ),
    ...[...numbers, -1, 0, undefined].map(
      (entryPrice) => ['positions[0].entryPrice', [{ ...position(future(), 1), entryPrice }]] as [string, unknown],
    ),
    [
      'positions[1].id',
      [
        { ...position(option()), id: 'a' },
        { ...position(option()), id: 'a' },
      ],
    ],
  ];

  it.each(cases)('%s', (field, positions) => {
    refuses(field, () => netGreeks(positions as Position[], market));
  });
});

describe('accounts', () => {
  const account: Account = {
    id: 'a',
    reportingCurrency: 'USD',
    cash: { BTC: 1 },
    borrowed: { BTC: 0 },
    accruedInterest: { BTC: 0 },
    accruedFunding: { BTC: 0 },
    positions: [],
    collateral: { BTC: [{ upTo: 10, factor: 0.9 }] },
  };
  const cases: [string, unknown[]][] = [
    ['id', texts],
    ['reportingCurrency', texts],
    ['cash', [null, undefined, 5, []]],
    ['cash.BTC', numbers],
    ['borrowed', [5, []]],
    ['borrowed.BTC', [...numbers, -1]],
    ['accruedInterest.BTC', numbers],
    ['accruedFunding.BTC', numbers],
    ['positions', [null, {}, undefined]],
    ['collateral', [5, []]],
    ['collateral.BTC', [null, 5]],
  ];

  it.each(cases)('%s', (field, values) => {
    for (const value of values) {
      refuses(field, () => accountEquity(set(account, field, value), market, 'USD'));
      refuses(field, () => adjustedEquity(set(account, field, value), market));
      refuses(field, () => exposureMetrics(set(account, field, value), market));
    }
  });

  it('a currency without a rate, in the cash, reported in, or asked for; margin below zero', () => {
    refuses('cash.XYZ', () => accountEquity({ ...account, cash: { XYZ: 1 } }, market, 'USD'));
    refuses('currency', () => accountEquity(account, market, 'XYZ'));
    refuses('initialMargin', () => exposureMetrics(account, market, { initialMargin: -1 }));
  });
});

describe('snapshots', () => {
  const cases: [string, unknown[]][] = [
    ['asOf', [...numbers, undefined]],
    ['underlyings', [null, [], undefined]],
    ['underlyings.BTC', [null, 5]],
    ['underlyings.BTC.spot', [...numbers, 0, -1, undefined]],
    ['underlyings.BTC.surface', [null, undefined, []]],
    ['underlyings.BTC.surface.slices', [null, 5]],
    ['underlyings.BTC.surface.asOf', numbers],
    ['underlyings.BTC.futures', [5, []]],
    ['underlyings.BTC.fundingRatePerDay', numbers],
    ['underlyings.BTC.americanRate', numbers],
    ['underlyings.BTC.americanDividendYield', numbers],
    ['fx', [null, {}, undefined]],
  ];

  it.each(cases)('%s', (field, values) => {
    for (const value of values) refuses(field, () => netGreeks([position(option())], set(market, field, value)));
  });

  it('nothing, marks and rates', () => {
    refuses('snapshot', () => netGreeks([], null as unknown as MarketSnapshot));
    refuses('underlyings.BTC.futures.X', () => netGreeks([], set(market, 'underlyings.BTC.futures', { X: -1 })));
    refuses('underlyings.BTC.surface.slices[0].forward', () =>
      netGreeks([], set(market, 'underlyings.BTC.surface.slices.0.forward', NaN)),
    );
    refuses('fx[0].rate', () => netGreeks([], set(market, 'fx', [{ base: 'A', quote: 'B', rate: -1 }])));
  });
});
