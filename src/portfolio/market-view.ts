/**
 * A view on a snapshot: what one expiry of one underlying is worth knowing, and what one unit of a currency is worth in another.
 * The snapshot stays plain data; its view, and the smile of each expiry, are made once and kept beside it.
 *
 *   forward          of the surface at the expiry: log-linear in time between its expiries, from the spot at time 0
 *   volatility       of the surface at the strike and expiry, interpolated in its variance clock; held by strike and expiry as
 *                    the snapshot's asOf moves past the surface's
 *   discount factor  e^(-r T) with the surface's r at the expiry and T from the snapshot's asOf
 *
 * An exchange rate between a coin and anything else moves with the coin's spot, whichever path leads to it: X ~ S^1 from the coin,
 * S^-1 to it. `powers` says so, and is why a coin's delta differs between numeraires.
 */
import { requireObject } from '../check.js';
import { exp } from '../math/exponential.js';
import { logRatio } from '../math/logarithm.js';
import { yearFraction } from '../market/clock.js';
import type { Currency, Instant } from '../market/quote.js';
import { rateFromDiscountFactor } from '../pricing/discounting.js';
import { discountFactorAt, forwardAt } from '../volatility/surface/forward-curve.js';
import { smileAtMaturity } from '../volatility/surface/interpolation.js';
import type { SmileAt } from '../volatility/surface/smile-at.js';
import { volatilityPoint, type SmilePoint } from '../volatility/surface/smile-point.js';
import type { SabrParameters } from '../volatility/smile/parameters.js';
import type { TotalVariance } from '../volatility/smile/total-variance.js';
import { isSabr } from '../volatility/smile/smile.js';
import { createFx, type FxTable } from './fx.js';
import type { FxRate, MarketSnapshot, UnderlyingMarket } from './snapshot.js';
import { requireSnapshot } from './validate.js';

/** The currency in which coins are quoted, and inverse contracts sized. */
export const COIN_QUOTE: Currency = 'USD';

export type Variance = Pick<TotalVariance, 'w' | 'dw' | 'd2w'>;

export interface ExpiryView {
  /** Years from the snapshot's asOf; 0 or less once expired. */
  timeToExpiry: number;
  /** Years from the surface's asOf. */
  surfaceTime: number;
  forward: number;
  discountFactor: number;
  /** Continuously compounded, per year, of the discount factor. */
  rate: number;
  /** ln(F/S) a year, over the surface's own time to the expiry. */
  carry: number;
  /** Total variance over timeToExpiry at k = ln(K/F), with its derivatives; without any once expired. */
  variance(k: number): Variance;
  /** The volatility of a strike with its slopes in k = ln(K/F); undefined where the surface has none. */
  smile(strike: number): SmilePoint | undefined;
  /** The slice at this expiry, where it is one of SABR. */
  sabr: SabrParameters | undefined;
}

export interface UnderlyingView {
  name: string;
  market: UnderlyingMarket;
  spot: number;
  /** Undefined where the surface has no forward for it. */
  expiry(at: Instant): ExpiryView | undefined;
}

export interface Conversion {
  /** Units of the second currency for one of the first. */
  rate: number;
  /** How the rate moves with the spots of coins: rate ~ product of spot^power. */
  powers: readonly { underlying: string; power: 1 | -1 }[];
}

export interface MarketView {
  snapshot: MarketSnapshot;
  asOf: Instant;
  underlying(name: string): UnderlyingView | undefined;
  /** Undefined where no rates lead from one currency to the other. */
  conversion(from: Currency, to: Currency): Conversion | undefined;
  /** Whether any rate or spot of the snapshot prices the currency. */
  knows(currency: Currency): boolean;
}

const views = new WeakMap<MarketSnapshot, MarketView>();

/** The view of a snapshot. Throws InputError naming the first field of the snapshot that is not as it must be. */
export function openMarket(snapshot: MarketSnapshot): MarketView {
  requireObject('snapshot', snapshot);
  const known = views.get(snapshot);
  if (known !== undefined) return known;
  requireSnapshot(snapshot);
  const fx = tableOf(snapshot);
  return newView(snapshot, () => fx);
}

/** The view of a snapshot made from parts that were checked, and are not checked again. */
export function openDerived(snapshot: MarketSnapshot): MarketView {
  let fx: FxTable | undefined;
  return views.get(snapshot) ?? newView(snapshot, () => (fx ??= tableOf(snapshot)));
}

function tableOf(snapshot: MarketSnapshot): FxTable {
  return createFx(allRates(snapshot), { allowTriangularGap: snapshot.allowTriangularGap });
}

function newView(snapshot: MarketSnapshot, table: () => FxTable): MarketView {
  const { asOf, underlyings } = snapshot;
  const opened = new Map<string, UnderlyingView>();
  const conversions = new Map<string, Conversion | undefined>();
  const marketOf = (name: string): UnderlyingMarket | undefined =>
    Object.hasOwn(underlyings, name) ? underlyings[name] : undefined;
  const view: MarketView = {
    snapshot,
    asOf,
    underlying(name) {
      const known = opened.get(name);
      if (known !== undefined) return known;
      const market = marketOf(name);
      if (market === undefined) return undefined;
      const result = openUnderlying(name, market, asOf);
      opened.set(name, result);
      return result;
    },
    conversion(from, to) {
      const key = `${from}/${to}`;
      if (conversions.has(key)) return conversions.get(key);
      const rate = from === to ? 1 : table().rate(from, to);
      const powers: { underlying: string; power: 1 | -1 }[] = [];
      if (from !== to && marketOf(from) !== undefined) powers.push({ underlying: from, power: 1 });
      if (from !== to && marketOf(to) !== undefined) powers.push({ underlying: to, power: -1 });
      const conversion = rate === undefined ? undefined : { rate, powers };
      conversions.set(key, conversion);
      return conversion;
    },
    knows: (currency) => table().currencies.has(currency),
  };
  views.set(snapshot, view);
  return view;
}

/** The table, and the spot of every underlying the table does not price. */
function allRates({ fx, underlyings }: MarketSnapshot): FxRate[] {
  const priced = new Set(fx.flatMap((rate) => [rate.base, rate.quote]));
  const spots = Object.entries(underlyings).filter(([name]) => name !== COIN_QUOTE && !priced.has(name));
  return [...fx, ...spots.map(([base, { spot }]) => ({ base, quote: COIN_QUOTE, rate: spot }))];
}

function openUnderlying(name: string, market: UnderlyingMarket, asOf: Instant): UnderlyingView {
  const expiries = new Map<Instant, ExpiryView | undefined>();
  return {
    name,
    market,
    spot: market.spot,
    expiry(at) {
      if (expiries.has(at)) return expiries.get(at);
      const result = openExpiry(market, asOf, at);
      expiries.set(at, result);
      return result;
    },
  };
}

function openExpiry({ spot, surface }: UnderlyingMarket, asOf: Instant, expiry: Instant): ExpiryView | undefined {
  const slice = surface.slices.find((other) => other.expiry === expiry);
  const surfaceTime = slice?.timeToExpiry ?? yearFraction(surface.asOf, expiry);
  const timeToExpiry = expiry <= asOf ? yearFraction(asOf, expiry) : surfaceTime - yearFraction(surface.asOf, asOf);
  if (timeToExpiry <= 0) {
    return settled(timeToExpiry, spot);
  }
  if (surface.slices.length === 0 || surfaceTime <= 0) return undefined;
  const forward = forwardAt(surface.slices, spot, surfaceTime);
  const atSurface = slice?.discountFactor ?? discountFactorAt(surface.slices, surfaceTime);
  const rate = rateFromDiscountFactor(atSurface, surfaceTime);
  if (!(forward > 0 && forward < Infinity) || !(atSurface > 0)) return undefined;
  const share = timeToExpiry / surfaceTime;
  let smileAt: SmileAt | undefined;
  const variance = (k: number): Variance => {
    smileAt ??= smileAtMaturity(surface, surfaceTime);
    const { w, dw, d2w } = smileAt(k);
    return { w: share * w, dw: share * dw, d2w: share * d2w };
  };
  return {
    timeToExpiry,
    surfaceTime,
    forward,
    discountFactor: surface.asOf === asOf ? atSurface : exp(-rate * timeToExpiry),
    rate,
    carry: logRatio(forward, spot) / surfaceTime,
    variance,
    smile(strike) {
      const point = variance(strike === 0 ? 0 : logRatio(strike, forward));
      if (point.w === 0) return { volatility: 0, slope: 0, curvature: 0 };
      return point.w > 0 && point.w < Infinity ? volatilityPoint(point, timeToExpiry) : undefined;
    },
    sabr: slice !== undefined && surface.shift === undefined && isSabr(slice.parameters) ? slice.parameters : undefined,
  };
}

/** An expiry that has come: everything is worth what it is at the spot. */
export function settled(timeToExpiry: number, spot: number): ExpiryView {
  const variance = (): Variance => ({ w: 0, dw: 0, d2w: 0 });
  return {
    timeToExpiry,
    surfaceTime: timeToExpiry,
    forward: spot,
    discountFactor: 1,
    rate: 0,
    carry: 0,
    variance,
    smile: () => undefined,
    sabr: undefined,
  };
}
