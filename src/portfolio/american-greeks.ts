/**
 * American options on a surface: the spot model at the volatility of the strike, with the rate r and the yield q of the snapshot, or
 * those the surface's discount factor and forward imply, F = S e^((r - q) T).
 *
 * The pricing engine gives value, delta, gamma, vega, theta and rhos. The rest follow: in the strike by homogeneity,
 *
 *   K V_K = V - S V_S,   K^2 V_KK = S^2 V_SS,
 *
 * in spot and volatility by central differences of those, and in time through the equation the value satisfies while it is held,
 *
 *   V_t = r V - (r - q) S V_S - sigma^2 S^2 V_SS / 2,
 *
 * differentiated. They are good to about four digits, and mean little within a step of the exercise boundary, where gamma jumps.
 * Theta is at a still spot here, not at a still forward.
 */
import { american } from '../pricing/american.js';
import type { Greeks } from '../pricing/greeks.js';
import type { SpotOption } from '../pricing/option.js';
import type { OptionInstrument } from './instrument.js';
import type { ExpiryView, UnderlyingView } from './market-view.js';
import { zeroGreeks } from './spot-greeks.js';

/** Of the deviation sigma sqrt(T), for the spot; of the volatility. */
const SPOT_STEP = 0.01;
const VOLATILITY_STEP = 0.005;

/** Of a yield that is implied, 2^-40: less than forwards say, and markets that differ in the spot alone have one yield. */
const YIELD_STEP = 2 ** -40;

/**
 * The rate and the yield an American option is priced with. Both stay as time passes: the share's forward for the expiry comes nearer
 * to the spot, where that of European options stays.
 */
export function americanCarry(market: UnderlyingView, expiry: ExpiryView): { rate: number; dividendYield: number } {
  const rate = market.market.americanRate ?? expiry.rate;
  const implied = (): number => Math.round((rate - expiry.carry) / YIELD_STEP) * YIELD_STEP;
  return { rate, dividendYield: market.market.americanDividendYield ?? implied() };
}

/** What american.price takes, at the volatility of the option's strike. */
export function americanTerms(
  { type, strike }: OptionInstrument,
  market: UnderlyingView,
  expiry: ExpiryView,
  volatility: number,
): SpotOption {
  const { timeToExpiry } = expiry;
  return { type, spot: market.spot, strike, timeToExpiry, volatility, ...americanCarry(market, expiry) };
}

/** The value alone, the Greeks at 0: a fifth of the work or less. */
export function americanValue(terms: SpotOption): Greeks {
  return { ...zeroGreeks, price: american.price(terms) };
}

/** All seventeen. */
export function americanGreeks(terms: SpotOption): Greeks {
  const { spot: S, strike: K, timeToExpiry, volatility: sigma, rate = 0, dividendYield = 0 } = terms;
  const first = american.greeks(terms);
  const { delta, gamma, vega } = first;
  // The engine's two ways to the value agree to its own error: one of them is the value everywhere.
  const price = american.price(terms);
  const greeks: Greeks = {
    ...zeroGreeks,
    ...first,
    price,
    dualDelta: K > 0 ? (price - S * delta) / K : 0,
    dualGamma: K > 0 ? (gamma * S * S) / K / K : 0,
  };
  // Exercised now, or without chance: nothing bends.
  if (gamma === 0 || vega === 0) return greeks;
  const dS = SPOT_STEP * sigma * Math.sqrt(timeToExpiry) * S;
  const ds = VOLATILITY_STEP * sigma;
  const [up, down] = [american.greeks({ ...terms, spot: S + dS }), american.greeks({ ...terms, spot: S - dS })];
  const high = american.greeks({ ...terms, volatility: sigma + ds });
  const low = american.greeks({ ...terms, volatility: sigma - ds });
  const speed = (up.gamma - down.gamma) / (2 * dS);
  const fourth = (up.gamma - 2 * gamma + down.gamma) / (dS * dS);
  const vanna = (high.delta - low.delta) / (2 * ds);
  const zomma = (high.gamma - low.gamma) / (2 * ds);
  const carry = rate - dividendYield;
  const variance = sigma * sigma;
  return {
    ...greeks,
    vanna,
    zomma,
    speed,
    volga: (high.vega - low.vega) / (2 * ds),
    ultima: (high.vega - 2 * vega + low.vega) / (ds * ds),
    charm: rate * delta - carry * (delta + S * gamma) - variance * S * (gamma + 0.5 * S * speed),
    veta: rate * vega - carry * S * vanna - sigma * S * S * (gamma + 0.5 * sigma * zomma),
    color: rate * gamma - carry * (2 * gamma + S * speed) - variance * (gamma + 2 * S * speed + 0.5 * S * S * fourth),
  };
}
