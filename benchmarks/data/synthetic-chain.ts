/**
 * A synthetic BTC option chain in the shape of Deribit's book summary, made from a stated eSSVI surface. It is not market data.
 *
 * True volatilities come from one eSSVI slice an expiry, w(k) = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)), with
 * theta = atmVolatility^2 T and phi = eta / sqrt(theta). True coin prices are Black(F, K) / F. Around each price a seeded market
 * maker quotes a spread that is flat in volatility near the money and widens with the square of the number of standard
 * deviations, with a small error in its middle; bid and ask are then rounded outwards to the venue's ticks. A few bids, asks and
 * whole rows are missing, a few rows are stale (quoted on an older forward and dated so), a few are crossed.
 *
 * The surface is free of static arbitrage by the sufficient conditions of Gatheral and Jacquier (2014) for butterflies and of
 * Hendriks and Martini (2019) for calendar spreads. The same seed gives the same chain, to the byte.
 */
import { InputError } from '../../src/errors.js';
import { black76 } from '../../src/pricing/black76.js';
import type { OptionType } from '../../src/pricing/option.js';
import type { SsviSlice } from '../../src/volatility/smile/parameters.js';
import { ssvi } from '../../src/volatility/smile/ssvi.js';

/** One row of get_book_summary_by_currency, with the venue's field names. */
export interface BookSummaryRow {
  instrument_name: string;
  bid_price: number | null;
  ask_price: number | null;
  mid_price: number | null;
  mark_price: number;
  /** Percent. */
  mark_iv: number;
  underlying_price: number;
  underlying_index: string;
  estimated_delivery_price: number;
  interest_rate: number;
  open_interest: number;
  volume: number;
  volume_usd: number;
  last: number | null;
  creation_timestamp: number;
  base_currency: string;
  quote_currency: string;
}

/** What one expiry was made from. */
export interface SyntheticSlice {
  /** '30JAN26' */
  label: string;
  /** 08:00 UTC of the day, in milliseconds. */
  expiry: number;
  /** Years, ACT/365. */
  timeToExpiry: number;
  forward: number;
  parameters: SsviSlice;
}

export interface SyntheticChain {
  /** Says that the rows are synthetic; it stands at the head of the written file. */
  description: string;
  asOf: number;
  index: number;
  rows: BookSummaryRow[];
  /** The truth, in order of expiry. */
  slices: SyntheticSlice[];
  /** Names of the instruments quoted on an older forward. */
  stale: string[];
  /** Names of the instruments whose bid is above their ask. */
  crossed: string[];
}

export interface SyntheticOptions {
  /** A whole number other than 0. Default 20260113. */
  seed?: number | undefined;
  /** How many times nearer to each other the strikes lie: 1, or 2.5 for more than 2,000 instruments. Default 1. */
  finer?: number | undefined;
}

const asOf = Date.UTC(2026, 0, 13, 12);
const index = 96_480.25;
const millisecondsPerDay = 86_400_000;
const staleRows = 8;
const crossedRows = 5;

/** Days follow the venue's listing rule: four dailies, four Fridays, then last Fridays of months and quarters. */
const expiries = [
  { day: [2026, 0, 14], atmVolatility: 0.36, rho: -0.12, eta: 1.3, future: false },
  { day: [2026, 0, 15], atmVolatility: 0.38, rho: -0.14, eta: 1.3, future: false },
  { day: [2026, 0, 16], atmVolatility: 0.39, rho: -0.16, eta: 1.28, future: true },
  { day: [2026, 0, 17], atmVolatility: 0.375, rho: -0.15, eta: 1.25, future: false },
  { day: [2026, 0, 23], atmVolatility: 0.395, rho: -0.14, eta: 1.15, future: true },
  { day: [2026, 0, 30], atmVolatility: 0.4, rho: -0.12, eta: 1.1, future: true },
  { day: [2026, 1, 6], atmVolatility: 0.405, rho: -0.1, eta: 1.05, future: false },
  { day: [2026, 1, 27], atmVolatility: 0.415, rho: -0.06, eta: 0.95, future: true },
  { day: [2026, 2, 27], atmVolatility: 0.425, rho: -0.02, eta: 0.9, future: true },
  { day: [2026, 5, 26], atmVolatility: 0.445, rho: 0.04, eta: 0.8, future: true },
  { day: [2026, 8, 25], atmVolatility: 0.455, rho: 0.07, eta: 0.76, future: true },
  { day: [2026, 11, 25], atmVolatility: 0.46, rho: 0.09, eta: 0.74, future: true },
] as const;

/** Strike grids: steps of `step` USD as far as `reach` from the money, as a ratio of the forward. */
const dailyGrid = [
  { step: 500, reach: 0.03 },
  { step: 1000, reach: 0.08 },
  { step: 2000, reach: 0.16 },
];
const weeklyGrid = [
  { step: 1000, reach: 0.12 },
  { step: 2000, reach: 0.22 },
  { step: 5000, reach: 0.42 },
];
const monthlyGrid = [
  { step: 2000, reach: 0.2 },
  { step: 5000, reach: 0.45 },
  { step: 10_000, reach: 0.85 },
];
const quarterlyGrid = [
  { step: 5000, reach: 0.4 },
  { step: 10_000, reach: 1.3 },
  { step: 20_000, reach: 2.2 },
];

/** Makes the chain and the truth it was made from. */
export function syntheticChain({ seed = 20_260_113, finer = 1 }: SyntheticOptions = {}): SyntheticChain {
  if (!Number.isInteger(seed) || (seed | 0) === 0) throw new InputError('seed', seed, 'a whole number other than 0');
  if (!Number.isInteger(500 / finer)) throw new InputError('finer', finer, 'a divisor of 500');
  const random = xorshift(seed);
  const slices = expiries.map((expiry) => truthOf(expiry));
  const quoted = slices.flatMap((slice, position) => {
    const underlyingIndex = `${expiries[position]!.future ? '' : 'SYN.'}BTC-${slice.label}`;
    return strikesOf(slice, finer).flatMap((strike) =>
      (['call', 'put'] as const).map((type) => ({
        slice,
        strike,
        type,
        row: quote(slice, strike, type, underlyingIndex, random),
      })),
    );
  });

  // Stale and crossed rows are chosen among two-sided quotes out of the money, where they would reach a fit.
  const candidates = quoted.filter(
    ({ slice, strike, type, row }) =>
      row.bid_price !== null && row.ask_price !== null && (type === 'call') === strike > slice.forward,
  );
  const take = () => candidates.splice(Math.floor(random() * candidates.length), 1)[0]!;
  const stale = Array.from({ length: staleRows }, () => {
    const { slice, strike, type, row } = take();
    const older = { ...slice, forward: slice.forward * (1 + 0.03 * (random() < 0.5 ? -1 : 1)) };
    const old = quote(older, strike, type, row.underlying_index, random);
    setQuotes(row, old.bid_price, old.ask_price ?? row.ask_price);
    row.creation_timestamp = asOf - Math.round((60 + 180 * random()) * 60_000);
    return row.instrument_name;
  });
  const crossed = Array.from({ length: crossedRows }, () => {
    const { row } = take();
    const [bid, ask] = [row.bid_price!, row.ask_price!];
    setQuotes(row, roundToTick(ask + tickAt(ask), Math.round), bid);
    return row.instrument_name;
  });

  return {
    description: 'Synthetic quotes made from a stated eSSVI surface (scripts/synthetic-chain.ts): not market data.',
    asOf,
    index,
    rows: quoted.map(({ row }) => row),
    slices,
    stale: stale.sort(),
    crossed: crossed.sort(),
  };
}

/** The file's text: the API's envelope with the description at its head, one row a line. */
export function syntheticChainText(chain: SyntheticChain): string {
  const rows = chain.rows.map((row) => JSON.stringify(row)).join(',\n');
  return `{"jsonrpc":"2.0","description":${JSON.stringify(chain.description)},"result":[\n${rows}\n]}\n`;
}

function truthOf({ day, atmVolatility, rho, eta }: (typeof expiries)[number]): SyntheticSlice {
  const expiry = Date.UTC(day[0], day[1], day[2], 8);
  const timeToExpiry = (expiry - asOf) / (365 * millisecondsPerDay);
  const theta = atmVolatility * atmVolatility * timeToExpiry;
  const carry = 0.055 - 0.01 * Math.sqrt(timeToExpiry);
  const month = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'][day[1]]!;
  return {
    label: `${day[2]}${month}${day[0] % 100}`,
    expiry,
    timeToExpiry,
    forward: Number((index * Math.exp(carry * timeToExpiry)).toFixed(2)),
    parameters: { theta, rho, phi: eta / Math.sqrt(theta) },
  };
}

function strikesOf({ forward, timeToExpiry }: SyntheticSlice, finer: number): number[] {
  const days = timeToExpiry * 365;
  const grid = days < 5 ? dailyGrid : days < 20 ? weeklyGrid : days < 60 ? monthlyGrid : quarterlyGrid;
  const strikes = new Set<number>();
  for (const { step: coarse, reach } of grid) {
    const step = coarse / finer;
    const lowest = Math.max(step, Math.ceil((forward * (1 - reach)) / step) * step);
    for (let strike = lowest; strike <= forward * (1 + reach); strike += step) {
      if (strike >= 20_000) strikes.add(strike);
    }
  }
  return [...strikes].sort((left, right) => left - right);
}

function quote(
  slice: SyntheticSlice,
  strike: number,
  type: OptionType,
  underlyingIndex: string,
  random: () => number,
): BookSummaryRow {
  const { forward, timeToExpiry, label, parameters } = slice;
  const k = Math.log(strike / forward);
  const volatility = Math.sqrt(ssvi.totalVariance(parameters, k) / timeToExpiry);
  const deviations = Math.abs(k) / Math.sqrt(parameters.theta);
  const outOfTheMoney = (type === 'call') === k > 0;
  const greeks = black76.greeks({ type, forward, strike, timeToExpiry, volatility });
  const price = greeks.price / forward;

  // Half-spread: in volatility, wider for short expiries and far strikes; in the money also wider in price.
  const halfVolatility = (0.003 + 0.01 * Math.exp(-25 * timeToExpiry)) * (1 + 0.15 * deviations * deviations);
  const half = (halfVolatility * greeks.vega) / forward + (outOfTheMoney ? 0 : 0.0015 * Math.min(deviations, 2.5));
  const error = Math.max(-1, Math.min(1, 0.4 * normal(random))) * half;
  const bid = roundToTick(Math.max(0, price + error - half), Math.floor);
  let ask = roundToTick(price + error + half, Math.ceil);
  if (ask <= bid) ask = roundToTick(bid + tickAt(bid), Math.round);

  const draw = random();
  const emptyRow = !outOfTheMoney && deviations > 1.2 && draw < 0.6;
  const noBid = bid === 0 || draw > 0.98 || emptyRow;
  const noAsk = (draw > 0.96 && draw <= 0.97) || (deviations > 4 && draw > 0.88) || emptyRow;
  const activity = Math.exp(-0.4 * deviations + 0.9 * normal(random)) * (outOfTheMoney ? 1 : 0.2);
  const volume = Math.round(120 * activity * random()) / 10;
  const row: BookSummaryRow = {
    instrument_name: `BTC-${label}-${strike}-${type === 'call' ? 'C' : 'P'}`,
    bid_price: null,
    ask_price: null,
    mid_price: null,
    mark_price: Number(price.toFixed(8)),
    mark_iv: Number((100 * volatility).toFixed(2)),
    underlying_price: forward,
    underlying_index: underlyingIndex,
    estimated_delivery_price: index,
    interest_rate: 0,
    open_interest: Math.round(4000 * activity) / 10,
    volume,
    volume_usd: Number((volume * price * index).toFixed(2)),
    last: volume > 0 ? roundToTick(price, Math.round) : null,
    creation_timestamp: asOf,
    base_currency: 'BTC',
    quote_currency: 'BTC',
  };
  setQuotes(row, noBid ? null : bid, noAsk ? null : ask);
  return row;
}

function setQuotes(row: BookSummaryRow, bid: number | null, ask: number | null): void {
  row.bid_price = bid;
  row.ask_price = ask;
  row.mid_price = bid === null || ask === null ? null : Number((0.5 * (bid + ask)).toFixed(5));
}

/** The venue's tick: 0.0001 coin below 0.005, 0.0005 from there on. */
function tickAt(price: number): number {
  return price < 0.005 ? 0.0001 : 0.0005;
}

function roundToTick(price: number, round: (ticks: number) => number): number {
  const tick = tickAt(price);
  return Number((round(Number((price / tick).toFixed(9))) * tick).toFixed(4));
}

/** A standard normal by Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Uniform on (0, 1): Marsaglia's 32-bit xorshift, "Xorshift RNGs" (2003). */
function xorshift(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}
