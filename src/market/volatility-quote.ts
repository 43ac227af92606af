/** A raw quote read as volatilities on its expiry's forward, and a quote whose volatilities have changed. */
import { logRatio } from '../math/logarithm.js';
import { normalCdf, normalPdf } from '../math/normal.js';
import { blackImpliedVolatility } from '../pricing/black-implied-volatility.js';
import type { OptionChain } from './chain.js';
import type { ForwardEstimate } from './expiry-forward.js';
import { quotedSides } from './filter.js';
import type { VolatilityQuote } from './filter.js';

/** Reads a quote as volatilities on the expiry's forward. */
export function volatilityQuote(
  chain: OptionChain,
  index: number,
  timeToExpiry: number,
  expiry: ForwardEstimate,
): VolatilityQuote {
  const { instrument, type, strike } = chain.quotes[index]!;
  const forward = expiry.forward;
  const logMoneyness = logRatio(strike, forward);
  const inTheMoney = type === 'call' ? strike < forward : strike > forward;
  const sides = quotedSides(chain.quotes[index]!);
  const named = { index, instrument, type, strike, logMoneyness, inTheMoney };
  if (sides.in === 'volatility') {
    const volatilityBid = sides.bid ?? 0;
    const volatilityAsk = sides.ask ?? Infinity;
    const volatility = 0.5 * (sides.bid ?? NaN) + 0.5 * (sides.ask ?? NaN);
    return describe({ ...named, price: undefined, volatilityBid, volatilityAsk, volatility }, forward, timeToExpiry);
  }

  const unit = chain.settlement === 'linear' ? expiry.discountFactor : expiry.discountFactor / forward;
  const bid = (sides.bid ?? 0) / unit;
  const ask = (sides.ask ?? Infinity) / unit;
  const implied = (price: number): number => {
    const result = blackImpliedVolatility(forward, strike, timeToExpiry, type, price);
    return result.ok ? result.volatility : result.bound;
  };
  // Prices a rounding apart may come out in the wrong order; the quote's own order is kept.
  const volatilityBid = bid > 0 ? implied(bid) : 0;
  const volatilityAsk = ask < Infinity ? Math.max(volatilityBid, implied(ask)) : Infinity;
  const twoSided = volatilityBid > 0 && volatilityAsk < Infinity;
  const mid = twoSided ? implied(0.5 * bid + 0.5 * ask) : NaN;
  const volatility = Math.min(Math.max(mid, volatilityBid), volatilityAsk);
  const lower = inTheMoney ? Math.abs(forward - strike) : 0;
  const upper = type === 'call' ? forward : strike;
  const price = { bid, ask, lower, upper, unit, tick: (chain.tick ?? 0) / unit };
  return describe({ ...named, price, volatilityBid, volatilityAsk, volatility }, forward, timeToExpiry);
}

/** Adds vega and delta at the volatility, or at the one bound there is. */
export function describe(
  quote: Omit<VolatilityQuote, 'vega' | 'normalisedVega' | 'delta'>,
  forward: number,
  timeToExpiry: number,
): VolatilityQuote {
  const { volatility, volatilityBid, volatilityAsk, logMoneyness, type } = quote;
  const at = !Number.isNaN(volatility) ? volatility : volatilityAsk < Infinity ? volatilityAsk : volatilityBid;
  const s = at * Math.sqrt(timeToExpiry);
  const d1 = s > 0 ? 0.5 * s - logMoneyness / s : -Math.sign(logMoneyness) * Infinity;
  const normalisedVega = Number.isNaN(d1) ? normalPdf(0) : normalPdf(d1);
  const delta = Number.isNaN(d1) ? 0.5 : normalCdf(type === 'call' ? d1 : -d1);
  return { ...quote, normalisedVega, vega: forward * Math.sqrt(timeToExpiry) * normalisedVega, delta };
}
