import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import * as pricing from '../../src/pricing/index.js';

/** Every exported function with arguments that work, one record each; each field of the record is spoilt in turn. */
/** The spoilt record as its function sees it: every field there, of a type that passes for any. */
type Field =
  | 'type'
  | 'spot'
  | 'strike'
  | 'timeToExpiry'
  | 'volatility'
  | 'rate'
  | 'dividendYield'
  | 'forward'
  | 'discountFactor'
  | 'fxVolatility'
  | 'correlation'
  | 'delta'
  | 'gamma'
  | 'riskReversal'
  | 'marketStrangle'
  | 'domesticRate'
  | 'foreignRate'
  | 'atm'
  | 'atmKind'
  | 'convention'
  | 'bid'
  | 'ask'
  | 'time'
  | 'zeroRate'
  | 'timeToExDate'
  | 'amount'
  | 'from'
  | 'to';
type Spread = Record<Field, never>;

interface Entry {
  name: string;
  call: (argument: never) => unknown;
  good: Record<string, unknown>;
  /** Bad-looking values that are a limit or a default by the documentation, by field. */
  defined: Record<string, readonly unknown[]>;
}

const BAD: readonly unknown[] = [NaN, Infinity, -Infinity, -1, '1', undefined];
const any = [-1];
const optional = [undefined];

const spot = {
  type: 'call',
  spot: 100,
  strike: 105,
  timeToExpiry: 0.5,
  volatility: 0.25,
  rate: 0.03,
  dividendYield: 0.01,
};
const forward = { type: 'put', forward: 100, strike: 105, timeToExpiry: 0.5, volatility: 0.25, discountFactor: 0.98 };
const normal = { ...forward, volatility: 20 };
const shifted = { ...forward, shift: 3 };
const coin = { ...forward, index: 99 };
const fx = {
  type: 'call',
  spot: 1.1,
  strike: 1.15,
  timeToExpiry: 0.5,
  volatility: 0.09,
  domesticRate: 0.05,
  foreignRate: 0.03,
};

const spotLimits = { volatility: [Infinity], rate: [...any, ...optional], dividendYield: [...any, ...optional] };
const forwardLimits = { volatility: [Infinity], discountFactor: optional };
const rates = { rate: spotLimits.rate, dividendYield: spotLimits.dividendYield };
const fxLimits = { domesticRate: any, foreignRate: any };

function model(name: string, good: Record<string, unknown>, defined: Record<string, readonly unknown[]>): Entry[] {
  const verbs = (pricing as unknown as Record<string, pricing.Model<never, unknown>>)[name]!;
  const withoutVolatility = (record: Record<string, unknown>): Record<string, never> =>
    Object.fromEntries(Object.entries(record).filter(([field]) => field !== 'volatility')) as Record<string, never>;
  return [
    { name: `${name}.price`, call: (option) => verbs.price(option), good, defined },
    { name: `${name}.greeks`, call: (option) => verbs.greeks(option), good, defined },
    {
      name: `${name}.impliedVolatility`,
      call: ({ price, ...option }: Record<'price', never>) => verbs.impliedVolatility(option, price),
      good: { ...withoutVolatility(good), price: verbs.price(good as never) },
      // A price below intrinsic value is data, and gets its reason.
      defined: { ...withoutVolatility(defined), price: [-1] },
    },
  ];
}

const entries: Entry[] = [
  ...model('blackScholes', spot, spotLimits),
  ...model('black76', forward, forwardLimits),
  ...model('bachelier', normal, { ...forwardLimits, forward: any, strike: any }),
  ...model('displaced', shifted, { ...forwardLimits, forward: any, strike: any, shift: any }),
  ...model('inverse', coin, { ...forwardLimits, index: optional }),
  ...model('american', spot, spotLimits),
  {
    name: 'american.exerciseBoundary',
    call: pricing.american.exerciseBoundary,
    good: spot,
    defined: spotLimits,
  },
  { name: 'europeanWithDividends', call: pricing.europeanWithDividends, good: spot, defined: rates },
  {
    name: 'convertDividendVolatility',
    call: (option: never) => pricing.convertDividendVolatility(option, 'escrowed'),
    good: spot,
    defined: rates,
  },
  {
    name: 'digital.price',
    call: pricing.digital.price,
    good: { ...forward, payoff: 'cash', volatilitySlope: -0.05 },
    defined: { ...forwardLimits, volatilitySlope: [undefined, -1] },
  },
  {
    name: 'quantoForward',
    call: ({ forward: f, ...rest }: Spread) => pricing.quantoForward(f, rest),
    good: { forward: 100, volatility: 0.3, fxVolatility: 0.1, correlation: 0.5, timeToExpiry: 1 },
    defined: { forward: any, correlation: any },
  },
  {
    name: 'fxDelta',
    call: (o) => pricing.fxDelta(o, 'spot'),
    good: fx,
    defined: { ...fxLimits, volatility: [Infinity] },
  },
  {
    name: 'strikeFromDelta',
    call: ({ delta, ...o }: Spread) => pricing.strikeFromDelta(o, delta, 'forward'),
    good: {
      type: 'call',
      spot: 1.1,
      timeToExpiry: 0.5,
      volatility: 0.09,
      domesticRate: 0.05,
      foreignRate: 0.03,
      delta: 0.25,
    },
    defined: { ...fxLimits, delta: any },
  },
  {
    name: 'fxSmileStrikes',
    call: ({ delta, riskReversal, marketStrangle, ...o }: Spread) =>
      pricing.fxSmileStrikes({ ...o, wings: [{ delta, riskReversal, marketStrangle }] }),
    good: {
      spot: 1.3,
      timeToExpiry: 1,
      domesticRate: 0.03,
      foreignRate: 0.02,
      atm: 0.2,
      atmKind: 'forward',
      convention: 'spot',
      delta: 0.25,
      riskReversal: -0.005,
      marketStrangle: 0.007,
    },
    defined: { ...fxLimits, riskReversal: any, marketStrangle: any },
  },
  {
    name: 'impliedVolatilityInterval',
    call: ({ forward: f, strike, timeToExpiry, type, bid, ask }: Spread) =>
      pricing.impliedVolatilityInterval(f, strike, timeToExpiry, type, bid, ask),
    good: { forward: 100, strike: 90, timeToExpiry: 0.25, type: 'call', bid: 10.2, ask: 10.8 },
    // A missing side is an infinite one; an infinite bid is above the ask, which is then named.
    defined: { bid: [-1, -Infinity, Infinity], ask: [Infinity] },
  },
  {
    name: 'higherGreeks',
    call: (o) => pricing.higherGreeks('black-scholes', o),
    good: spot,
    defined: { ...rates, volatility: [Infinity] },
  },
  {
    name: 'mixedDerivative',
    call: (o) => pricing.mixedDerivative('black76', o, ['underlying', 'volatility']),
    good: forward,
    defined: forwardLimits,
  },
  ...(['vegaPerPoint', 'thetaPerDay', 'rhoPerBasisPoint'] as const).map((name) => ({
    name: `units.${name}`,
    call: pricing.units[name],
    good: { [name === 'vegaPerPoint' ? 'vega' : name === 'thetaPerDay' ? 'theta' : 'rho']: 3 },
    defined: { vega: any, theta: any, rho: any },
  })),
  {
    name: 'units.cashDelta',
    call: ({ spot: s, ...g }: Spread) => pricing.units.cashDelta(g, s),
    good: { delta: 0.5, spot: 100 },
    defined: { delta: any, spot: any },
  },
  {
    name: 'units.gammaPerPercent',
    call: ({ spot: s, ...g }: Spread) => pricing.units.gammaPerPercent(g, s),
    good: { gamma: 0.5, spot: 100 },
    defined: { gamma: any, spot: any },
  },
  {
    name: 'createDiscountCurve',
    call: ({ time, zeroRate }: Spread) => pricing.createDiscountCurve({ times: [time], zeroRates: [zeroRate] }),
    good: { time: 1, zeroRate: 0.05 },
    defined: { zeroRate: any },
  },
  {
    name: 'createForwardCurve',
    call: ({ timeToExDate, amount, ...rest }: Spread) =>
      pricing.createForwardCurve({ ...rest, dividends: [{ timeToExDate, amount }] }),
    good: { spot: 100, rate: 0.03, dividendYield: 0.01, timeToExDate: 0.5, amount: 1 },
    defined: rates,
  },
  ...(['discountFactor', 'zeroRate', 'logDiscountFactor'] as const).map((name) => ({
    name,
    call: ({ rate, timeToExpiry }: Spread) => pricing[name](rate, timeToExpiry),
    good: { rate: 0.03, timeToExpiry: 1 },
    // A flat rate is the zero rate at any time.
    defined: { rate: any, timeToExpiry: name === 'zeroRate' ? BAD : [] },
  })),
  {
    name: 'forwardRate',
    call: ({ rate, from, to }: Spread) => pricing.forwardRate(rate, from, to),
    good: { rate: 0.03, from: 1, to: 2 },
    defined: { rate: any },
  },
  ...(['forwardPrice', 'impliedDividendYield', 'forwardSpotSensitivity'] as const).map((name) => ({
    name,
    call: ({ timeToExpiry }: Spread) =>
      pricing[name](pricing.createForwardCurve({ spot: 100, rate: 0.03 }), timeToExpiry),
    good: { timeToExpiry: 1 },
    defined: {},
  })),
];

/** Exports that take no numbers of their own, or whose numbers are those of an entry above. */
const elsewhere = ['openCurve', 'fxSmileVolatility'];
/** Columns and their status codes, not single options: a bad row gets a status, and batch/ tests each and every refusal. */
const columns = ['createBatch', 'createChainBatch', 'batchStatus'];

function holdsNaN(value: unknown): boolean {
  if (typeof value === 'number') return Number.isNaN(value);
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsNaN);
  return false;
}

describe.each(entries)('$name', ({ call, good, defined }) => {
  test('works', () => {
    expect(holdsNaN(call(good as never))).toBe(false);
  });

  for (const field of Object.keys(good)) {
    for (const bad of BAD) {
      const allowed = (defined[field] ?? []).includes(bad);
      test(`${field} = ${String(bad)}${typeof bad === 'string' ? ' (text)' : ''} ${allowed ? 'is defined' : 'is refused by name'}`, () => {
        const argument = { ...good, [field]: bad } as never;
        if (allowed) {
          // Only an InputError that a combination of fields causes may come instead of the limit.
          let result: unknown;
          try {
            result = call(argument);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
            return;
          }
          expect(holdsNaN(result)).toBe(false);
          return;
        }
        let thrown: unknown;
        try {
          call(argument);
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toBeInstanceOf(InputError);
        expect((thrown as InputError).field).toContain(field);
      });
    }
  }

  test.each([undefined, null, 3, 'x', []])('an argument of %j is refused', (argument) => {
    expect(() => call(argument as never)).toThrow();
  });
});

test('every exported function is in the table', () => {
  const named = new Set(entries.map((entry) => entry.name.split('.')[0]));
  const functions = Object.keys(pricing).filter((name) => ![...elsewhere, ...columns].includes(name));
  expect(functions.filter((name) => !named.has(name))).toEqual([]);
});
