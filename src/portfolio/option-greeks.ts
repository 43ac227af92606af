/**
 * One option in its quote currency: Black's value and Greeks on the forward of its expiry, as derivatives in the spot S, the
 * forward moving in proportion, F = phi S.
 *
 *   theta and its kin hold the forward, the volatility of the strike and r; rho is -T V and dividendRho 0, as in black76
 *   quanto   on the adjusted forward, in units of the settlement currency after the fixed rate
 *   american the spot model, linear options only: see american-greeks.ts
 *   expired  the payoff at the spot: delta 0, 1 or -1, one half on the strike; nothing else
 *
 * With a rule for the smile other than sticky strike, delta and gamma follow the rule and the rest stay partial derivatives.
 */
import { InputError } from '../errors.js';
import { black76 } from '../pricing/black76.js';
import type { Greeks } from '../pricing/greeks.js';
import type { ForwardOption } from '../pricing/option.js';
import { quantoGreeks } from '../pricing/quanto-greeks.js';
import { smileDelta, volatilityMove, type SmileDynamics } from '../volatility/smile/dynamics.js';
import { americanGreeks, americanTerms, americanValue } from './american-greeks.js';
import type { OptionInstrument } from './instrument.js';
import { settled, type ExpiryView, type UnderlyingView } from './market-view.js';
import type { MissingReason } from './missing.js';
import { greeksBySpot } from './spot-greeks.js';

export type OptionGreeks =
  | {
      ok: true;
      /** Per unit of the underlying, in the quote currency; of a quanto, in its settlement currency. */
      greeks: Greeks;
      /** Of the expiry; the spot once expired. */
      forward: number;
      expired: boolean;
    }
  | { ok: false; reason: Extract<MissingReason, 'no-forward' | 'no-volatility'> };

/** What Black needs to know of an option, or what the market lacks. */
export type OptionTerms =
  | { ok: true; terms: ForwardOption; expiry: ExpiryView; slope: number; curvature: number; expired: boolean }
  | Extract<OptionGreeks, { ok: false }>;

/** Reads the market at the option's strike and expiry. Expired: forward the spot, without time or volatility. */
export function optionTerms({ type, strike, expiry: at }: OptionInstrument, market: UnderlyingView): OptionTerms {
  const expiry = market.expiry(at);
  if (expiry === undefined) return { ok: false, reason: 'no-forward' };
  const { forward, discountFactor, timeToExpiry } = expiry;
  if (timeToExpiry <= 0) return { ok: true, terms: payoff(type, strike, forward), expiry, ...flat, expired: true };
  const point = expiry.smile(strike);
  if (point === undefined) return { ok: false, reason: 'no-volatility' };
  const { volatility, slope, curvature } = point;
  const terms: ForwardOption = { type, forward, strike, timeToExpiry, volatility, discountFactor };
  return { ok: true, terms, expiry, slope, curvature, expired: false };
}

const flat = { slope: 0, curvature: 0 };

function payoff(type: ForwardOption['type'], strike: number, forward: number): ForwardOption {
  return { type, forward, strike, timeToExpiry: 0, volatility: 0, discountFactor: 1 };
}

/**
 * Greeks of one unit in the spot, or what the market lacks; of an American option with `priceOnly` the value alone. Throws InputError
 * for a rule the option or the smile does not take, and for American options that are not linear.
 */
export function optionGreeks(
  option: OptionInstrument,
  market: UnderlyingView,
  smile: SmileDynamics,
  priceOnly = false,
): OptionGreeks {
  const found = optionTerms(option, market);
  if (!found.ok) return found;
  const { terms, expired } = found;
  if (option.exercise === 'american' && !expired) {
    if (option.style !== 'linear')
      throw new InputError('exercise', 'american', "'european' unless the style is 'linear'");
    const ours = americanTerms(option, market, found.expiry, terms.volatility);
    if (priceOnly) return { ok: true, greeks: americanValue(ours), forward: terms.forward, expired };
    const greeks = alongSmile(americanGreeks(ours), found, market.spot, smile);
    return { ok: true, greeks, forward: terms.forward, expired };
  }
  return { ok: true, greeks: priced(option, found, market.spot, smile), forward: terms.forward, expired };
}

/** The payoff at the spot as if the option expired now: its intrinsic value. */
export function intrinsicGreeks(option: OptionInstrument, spot: number): OptionGreeks {
  const expiry = settled(0, spot);
  const terms = payoff(option.type, option.strike, spot);
  const found = { ok: true, terms, expiry, ...flat, expired: true } as const;
  return { ok: true, greeks: priced(option, found, spot, 'sticky-strike'), forward: spot, expired: false };
}

function priced(
  option: OptionInstrument,
  { terms, expiry, slope, curvature, expired }: Extract<OptionTerms, { ok: true }>,
  spot: number,
  smile: SmileDynamics,
): Greeks {
  const sticky = smile === 'sticky-strike' || expired;
  if (option.style === 'quanto') {
    if (!sticky) throw new InputError('smile', smile, "'sticky-strike' for quanto options");
    const { fxVolatility = 0, correlation = 0, fixedFx = 1 } = option;
    const greeks = greeksBySpot(quantoGreeks(terms, { fxVolatility, correlation }), terms.forward / spot);
    return scaled(greeks, fixedFx);
  }
  const greeks = black76.greeks(terms);
  if (sticky) return greeksBySpot(greeks, terms.forward / spot);
  const moved = smileDelta(terms, { slope, curvature, sabr: expiry.sabr }, smile);
  return greeksBySpot({ ...greeks, ...moved }, terms.forward / spot);
}

/** Delta and gamma in the spot with the volatility of the strike moving by the rule, the forward in proportion. */
function alongSmile(
  greeks: Greeks,
  { terms, expiry, slope, curvature }: Extract<OptionTerms, { ok: true }>,
  spot: number,
  smile: SmileDynamics,
): Greeks {
  const { delta, gamma, vega, vanna, volga } = greeks;
  if (smile === 'sticky-strike' || vega === 0) return greeks;
  const move = volatilityMove(terms, { slope, curvature, sabr: expiry.sabr }, smile);
  const perSpot = terms.forward / spot;
  const first = move.first * perSpot;
  const second = move.second * perSpot * perSpot;
  return {
    ...greeks,
    delta: delta + vega * first,
    gamma: gamma + 2 * vanna * first + volga * first * first + vega * second,
  };
}

function scaled(greeks: Greeks, factor: number): Greeks {
  const result = { ...greeks };
  for (const name of Object.keys(result) as (keyof Greeks)[]) result[name] *= factor;
  return result;
}
