/**
 * What the other side of the open interest would have to trade to stay hedged, under an assumption about who holds what.
 *
 *   gamma exposure   sum s gamma OI m S^2 / 100    currency of delta that a rise of 1% adds to the dealers' book
 *   vanna exposure   sum s vanna OI m S / 100      the same per volatility point
 *   charm exposure   sum s charm OI m S / 365      the same per calendar day
 *
 * s = +1 where dealers are long the option, -1 where short; m units per contract. Dealers with positive gamma sell into rises and buy
 * into falls, which damps moves; with negative gamma they amplify them. A flip is a spot at which the gamma exposure, with every Greek
 * computed anew, changes sign. Greeks are in the spot, the forward moving in proportion.
 */
import { requireArray, requireFinite, requireNonNegative, requireOneOf, requirePositive } from '../check.js';
import { InputError } from '../errors.js';
import type { Rejection } from '../errors.js';
import type { OptionChain } from '../market/chain.js';
import type { RawQuote } from '../market/quote.js';
import { brent } from '../math/brent.js';
import { exp } from '../math/exponential.js';
import { log, logRatio } from '../math/logarithm.js';
import { normalPdf } from '../math/normal.js';
import { compensatedSum } from '../math/sum.js';
import { black76 } from '../pricing/black76.js';
import { openMarket } from './market-view.js';
import type { ExpiryView, UnderlyingView } from './market-view.js';
import type { MarketSnapshot } from './snapshot.js';
import { greeksBySpot } from './spot-greeks.js';

export interface DealerExposureOptions {
  /** +1 where dealers are long the option, -1 where short, or a signed share; calls +1 and puts -1 where missing. */
  sign?: ((q: RawQuote) => number) | undefined;
  /** Spots of the profile, rising; 121 from half to twice the spot where missing. */
  spots?: readonly number[] | undefined;
  /** What a strike's volatility does as the spot moves along the profile: stays, or moves with the spot. */
  smile?: 'sticky-strike' | 'sticky-delta' | undefined;
}

export interface DealerExposure {
  /** Currency of delta per rise of 1% of the spot. */
  gammaPerPercent: number;
  /** Currency of delta per rise of all volatilities by one point. */
  deltaPerVolPoint: number;
  /** Currency of delta per calendar day. */
  charmPerDay: number;
  /** Spots at which the gamma exposure changes sign, the nearest to the spot first. */
  flips: number[];
  /** The strike with the largest gamma exposure of calls, whatever its sign; Infinity without calls. */
  callWall: number;
  /** The same of puts; 0 without puts. */
  putWall: number;
  /** Rising strikes. */
  byStrike: { strike: number; gammaPerPercent: number }[];
  /** The gamma exposure at each spot of the grid. */
  profile: { spot: number; gammaPerPercent: number }[];
  /** Who is taken to hold what: not data. */
  assumption: string;
  /** Quotes left out. */
  rejected: Rejection<'no-open-interest' | 'expired' | 'no-forward' | 'no-volatility'>[];
}

/**
 * Of the chain's open interest, with volatilities and forwards of the snapshot. Throws InputError where the snapshot has no market for
 * the chain's underlying, a sign is not finite, or the spots do not rise.
 */
export function dealerExposure(c: OptionChain, s: MarketSnapshot, o: DealerExposureOptions = {}): DealerExposure {
  const market = openMarket(s).underlying(c.underlying);
  if (market === undefined) {
    throw new InputError('chain.underlying', c.underlying, `one of ${Object.keys(s.underlyings).join(', ')}`);
  }
  const multiplier = requirePositive('chain.multiplier', c.multiplier);
  const sticky =
    requireOneOf('smile', o.smile ?? 'sticky-strike', ['sticky-strike', 'sticky-delta']) === 'sticky-strike';
  const spots = o.spots === undefined ? spotGrid(market.spot) : requireSpots(o.spots);
  const { holdings, rejected } = read(c, market, o.sign ?? callsLongPutsShort);
  const { spot } = market;
  const delta = spot * multiplier;
  const total = (f: (h: Holding) => number): number => compensatedSum(holdings.map(f));
  const exposures = holdings.map((h) => (multiplier * h.size * gammaCash(h, h.volatility, h.forward)) / 100);
  const gammaAt = (at: number): number =>
    (multiplier * total((h) => h.size * gammaCash(h, volatilityAt(h, at / spot, sticky), (h.forward * at) / spot))) /
    100;
  const gammas = spots.map(gammaAt);
  return {
    gammaPerPercent: compensatedSum(exposures),
    deltaPerVolPoint: (total((h) => h.size * h.vanna) * delta) / 100,
    charmPerDay: (total((h) => h.size * h.charm) * delta) / 365,
    flips: signChanges(gammaAt, spots, gammas).sort((a, b) => Math.abs(a - spot) - Math.abs(b - spot)),
    callWall: wallOf('call', holdings, exposures) ?? Infinity,
    putWall: wallOf('put', holdings, exposures) ?? 0,
    byStrike: sumByStrike(holdings, exposures),
    profile: spots.map((at, k) => ({ spot: at, gammaPerPercent: gammas[k]! })),
    assumption: assumptionOf(c, o.sign !== undefined),
    rejected,
  };
}

function callsLongPutsShort({ type }: RawQuote): number {
  return type === 'call' ? 1 : -1;
}

function assumptionOf({ style }: OptionChain, given: boolean): string {
  const who = given
    ? 'dealers hold each option with the sign given'
    : 'dealers are long every call and short every put of the open interest';
  const early = style === 'american' ? '; early exercise is left out' : '';
  return `Assumed, not observed: ${who}${early}.`;
}

interface Holding {
  quote: RawQuote;
  expiry: ExpiryView;
  /** s x open interest, in contracts. */
  size: number;
  forward: number;
  volatility: number;
  /** Per unit, in the spot. */
  vanna: number;
  charm: number;
}

function read(
  c: OptionChain,
  market: UnderlyingView,
  sign: (q: RawQuote) => number,
): { holdings: Holding[]; rejected: DealerExposure['rejected'] } {
  const holdings: Holding[] = [];
  const rejected: DealerExposure['rejected'] = [];
  c.quotes.forEach((quote, index) => {
    const reject = (reason: DealerExposure['rejected'][number]['reason'], value: number, limit: number): void => {
      rejected.push({ index, id: quote.instrument, reason, value, limit });
    };
    const { type, strike, openInterest } = quote;
    if (openInterest === undefined) {
      reject('no-open-interest', NaN, 0);
      return;
    }
    requireNonNegative(`chain.quotes[${index}].openInterest`, openInterest);
    const expiry = market.expiry(quote.expiry);
    if (expiry === undefined) {
      reject('no-forward', quote.expiry, 0);
      return;
    }
    const { forward, discountFactor, timeToExpiry } = expiry;
    if (timeToExpiry <= 0) {
      reject('expired', timeToExpiry, 0);
      return;
    }
    const volatility = expiry.smile(strike)?.volatility;
    if (volatility === undefined) {
      reject('no-volatility', strike, 0);
      return;
    }
    const greeks = greeksBySpot(
      black76.greeks({ type, forward, strike, timeToExpiry, volatility, discountFactor }),
      forward / market.spot,
    );
    const size = openInterest * requireFinite(`sign(${quote.instrument})`, sign(quote));
    holdings.push({ quote, expiry, size, forward, volatility, vanna: greeks.vanna, charm: greeks.charm });
  });
  return { holdings, rejected };
}

/** gamma S^2 of one unit, the same as gamma F^2 in the forward: DF F phi(d1)/(sigma sqrt T). */
function gammaCash({ quote, expiry }: Holding, volatility: number, forward: number): number {
  const deviation = volatility * Math.sqrt(expiry.timeToExpiry);
  if (!(deviation > 0)) return 0;
  const d1 = logRatio(forward, quote.strike) / deviation + 0.5 * deviation;
  return (expiry.discountFactor * forward * normalPdf(d1)) / deviation;
}

/** Of the holding's strike after the spot has moved by `ratio`. */
function volatilityAt({ quote, expiry, volatility }: Holding, ratio: number, sticky: boolean): number {
  return sticky ? volatility : (expiry.smile(quote.strike / ratio)?.volatility ?? volatility);
}

const GRID = 120;

/** Evenly spaced in ln S from half to twice the spot, which is one of them. */
function spotGrid(spot: number): number[] {
  const step = (2 * log(2)) / GRID;
  return Array.from({ length: GRID + 1 }, (_, k) => (k === GRID / 2 ? spot : spot * exp((k - GRID / 2) * step)));
}

function requireSpots(spots: readonly number[]): readonly number[] {
  requireArray('spots', spots).forEach((spot, k) => {
    requirePositive(`spots[${k}]`, spot);
    if (k > 0 && !(spots[k]! > spots[k - 1]!)) throw new InputError(`spots[${k}]`, spot, `above ${spots[k - 1]!}`);
  });
  return spots;
}

/** Where f changes sign between neighbours of the grid, and points of it where f is 0 between two signs. */
function signChanges(f: (x: number) => number, x: readonly number[], values: readonly number[]): number[] {
  const roots: number[] = [];
  let last = 0;
  values.forEach((value, k) => {
    if (value === 0) return;
    if (last !== 0 && values[last - 1]! > 0 !== value > 0) {
      const from = last - 1;
      roots.push(brent(f, x[from]!, x[k]!, { atLower: values[from]!, atUpper: value }));
    }
    last = k + 1;
  });
  return roots;
}

function sumByStrike(holdings: readonly Holding[], exposures: readonly number[]): DealerExposure['byStrike'] {
  const strikes = new Map<number, number[]>();
  holdings.forEach(({ quote }, k) => {
    const list = strikes.get(quote.strike) ?? [];
    list.push(exposures[k]!);
    strikes.set(quote.strike, list);
  });
  return [...strikes]
    .map(([strike, list]) => ({ strike, gammaPerPercent: compensatedSum(list) }))
    .sort((a, b) => a.strike - b.strike);
}

function wallOf(
  type: RawQuote['type'],
  holdings: readonly Holding[],
  exposures: readonly number[],
): number | undefined {
  const own = holdings.map((_, k) => k).filter((k) => holdings[k]!.quote.type === type && exposures[k] !== 0);
  const rows = sumByStrike(
    own.map((k) => holdings[k]!),
    own.map((k) => exposures[k]!),
  );
  if (rows.length === 0) return undefined;
  return rows.reduce((most, row) => (Math.abs(row.gammaPerPercent) > Math.abs(most.gammaPerPercent) ? row : most))
    .strike;
}
