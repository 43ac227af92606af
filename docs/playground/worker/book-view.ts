/** An account in the calibrated market, as the page shows it: what it is exposed to, and its profit over spot and volatility. */
import {
  coinDelta,
  exposureMetrics,
  instrumentOf,
  netGreeks,
  openSurface,
  payoffProfile,
  scenarioGrid,
  snapshotOf,
  underlyingOf,
} from 'zomma';
import type { Account, FutureInstrument, Instrument, MarketSnapshot, OptionChain, Position, SurfaceFit } from 'zomma';
import type { LineChart } from 'zomma/report/charts/line-chart.js';
import type { BookRequest, BookView, Holding, Measure } from '../protocol.js';

export interface BookMarket {
  chain: OptionChain;
  exercise: 'european' | 'american';
  fit: SurfaceFit & { ok: true };
}

const SPOT_MOVES = [-0.3, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.3];
const VOLATILITY_MOVES = [-0.3, -0.15, 0, 0.25, 0.5];

export function bookView({ holdings, cash }: BookRequest, market: BookMarket): BookView {
  const { chain, fit } = market;
  const underlying = underlyingOf(chain.underlying);
  // Without a spot in the file the nearest forward stands for it.
  const spot = chain.spot ?? fit.fits[0]!.input.forward;
  const snapshot = snapshotOf([{ surface: fit.surface, fits: fit.fits, underlying, spot }]);
  const excluded: string[] = [];
  const positions: Position[] = [];
  for (const [i, holding] of holdings.entries()) {
    const instrument = instrumentNamed(holding, market);
    if (typeof instrument === 'string') excluded.push(instrument);
    else positions.push(positionOf(instrument, holding, i, snapshot, underlying));
  }
  const account: Account = {
    id: 'playground',
    reportingCurrency: chain.settlement === 'inverse' ? 'USD' : chain.premiumCurrency,
    cash: { [chain.premiumCurrency]: cash },
    positions,
  };
  return {
    ok: true,
    measures: measures(account, snapshot, underlying),
    profit: profit(account, snapshot),
    profile: profile(account, snapshot, underlying),
    excluded,
  };
}

/** Of the chain's own quotes, or by a venue's name; a sentence where it is neither. */
function instrumentNamed({ instrument: id }: Holding, { chain, exercise }: BookMarket): Instrument | string {
  const quote = chain.quotes.find(({ instrument }) => instrument === id);
  const underlying = underlyingOf(chain.underlying);
  if (quote !== undefined) {
    const { type, strike, expiry } = quote;
    const { settlement: style, premiumCurrency: settlement, multiplier } = chain;
    return { id, kind: 'option', underlying, settlement, multiplier, style, exercise, type, strike, expiry };
  }
  const named = instrumentOf(id);
  if (!named.ok) return named.message;
  if (named.instrument.underlying !== underlying) return `${id}: not on ${underlying}`;
  return named.instrument;
}

/** Entered at the market: a profit of 0 until something moves. */
function positionOf(
  instrument: Instrument,
  { quantity }: Holding,
  i: number,
  snapshot: MarketSnapshot,
  underlying: string,
): Position {
  const position = { id: `${i + 1}: ${instrument.id}`, instrument, quantity };
  if (instrument.kind !== 'future' && instrument.kind !== 'perpetual') return position;
  return { ...position, entryPrice: markOf(instrument, snapshot, underlying) };
}

function markOf({ expiry }: FutureInstrument, { underlyings, asOf }: MarketSnapshot, underlying: string): number {
  const { spot, surface } = underlyings[underlying]!;
  if (expiry === undefined || !(expiry > asOf)) return spot;
  return openSurface(surface).forward((expiry - asOf) / (365 * 86_400_000));
}

function measures(account: Account, snapshot: MarketSnapshot, underlying: string): Measure[] {
  const currency = account.reportingCurrency;
  const { spot } = snapshot.underlyings[underlying]!;
  const exposure = exposureMetrics(account, snapshot);
  const greeks = netGreeks(account.positions, snapshot, { numeraire: currency });
  const delta = greeks.byUnderlying[underlying]?.delta ?? 0;
  const { total } = greeks;
  const coins = Object.entries(coinDelta(account, snapshot));
  const decimals = Math.abs(spot) < 1000 ? 2 : 0;
  const money = (name: string, value: number): Measure => ({ name, unit: currency, value, decimals });
  const ratio = (name: string, value: number): Measure => ({ name, unit: 'x equity', value, decimals: 3 });
  return [
    { name: 'net delta of the positions', unit: underlying, value: delta, decimals: 4 },
    money('net gamma per 1% move', total.gammaPerPercent),
    money('net vega per volatility point', total.vegaPerPoint),
    money('net theta per day', total.thetaPerDay),
    money('net rho per basis point', total.rhoPerBasisPoint),
    ...coins.flatMap(([coin, { coinDelta: inCoin, usdDelta }]): Measure[] => [
      { name: 'delta counted in coin', unit: coin, value: inCoin, decimals: 4 },
      { name: 'delta counted in dollars', unit: coin, value: usdDelta, decimals: 4 },
    ]),
    money('equity', exposure.equity),
    money('gross notional', exposure.grossNotional),
    ratio('gross leverage', exposure.grossLeverage),
    ratio('delta leverage', exposure.deltaLeverage),
    ratio('effective leverage', exposure.effectiveLeverage),
  ];
}

function profit(account: Account, snapshot: MarketSnapshot): (BookView & { ok: true })['profit'] {
  const { portfolio } = scenarioGrid(account, snapshot, {
    spot: SPOT_MOVES,
    volatility: VOLATILITY_MOVES,
    horizonDays: [0],
    volatilityKind: 'relative',
  });
  return {
    spot: SPOT_MOVES,
    volatility: VOLATILITY_MOVES,
    values: VOLATILITY_MOVES.map((_, v) => SPOT_MOVES.map((__, s) => portfolio[s * VOLATILITY_MOVES.length + v]!)),
    currency: account.reportingCurrency,
  };
}

function profile(account: Account, snapshot: MarketSnapshot, underlying: string): LineChart | undefined {
  const { positions, reportingCurrency: numeraire } = account;
  if (!positions.some(({ instrument }) => instrument.kind === 'option')) return undefined;
  const { spot } = snapshot.underlyings[underlying]!;
  const spots = Array.from({ length: 201 }, (_, i) => spot * (0.5 + i / 200));
  const curve = (horizonDays?: number): [number, number][] => {
    const { pnl } = payoffProfile(positions, snapshot, { spots, numeraire, horizonDays });
    return spots.map((at, i) => [at, pnl[i]!]);
  };
  return {
    x: `price of ${underlying}`,
    y: `profit (${numeraire})`,
    zero: true,
    series: [
      { name: 'at the next expiry', points: curve() },
      { name: 'now', points: curve(0) },
    ],
    marks: [{ at: spot, label: 'spot' }],
  };
}
