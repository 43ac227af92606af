/**
 * Displaced (shifted) lognormal model: Black's formula for forward and strike moved by a shift, so that both may be negative.
 *
 *   V = DF B(F + shift, K + shift),  F + shift > 0,  K + shift > 0
 *
 * The shift is a constant, so every Greek is Black's at the shifted point. Source: Rubinstein, Displaced diffusion option
 * pricing (1983).
 */
import { requireFinite, requireObject } from '../check.js';
import { InputError } from '../errors.js';
import { black76 } from './black76.js';
import type { Greeks } from './greeks.js';
import type { Model } from './model.js';
import type { DisplacedOption, ForwardOption } from './option.js';

/** The Black option at the shifted point; what is not shifted is checked there. */
function shifted<Option extends Omit<DisplacedOption, 'volatility'>>(option: Option): Option {
  requireObject('option', option);
  const shift = requireFinite('shift', option.shift);
  const forward = requireFinite('forward', option.forward) + shift;
  const strike = requireFinite('strike', option.strike) + shift;
  if (!(forward > 0 && forward < Infinity))
    throw new InputError('forward', option.forward, `above minus the shift, ${-shift}`);
  if (!(strike > 0 && strike < Infinity))
    throw new InputError('strike', option.strike, `above minus the shift, ${-shift}`);
  return { ...option, forward, strike };
}

/**
 * Value, Greeks and implied volatility of one unit, with the limits of black76. Throw an InputError for a forward or strike not
 * above minus the shift, and for whatever black76 refuses.
 */
export const displaced: Model<DisplacedOption, Greeks> = {
  price: (option) => black76.price(shifted<ForwardOption & DisplacedOption>(option)),
  greeks: (option) => black76.greeks(shifted<ForwardOption & DisplacedOption>(option)),
  impliedVolatility: (option, price) => black76.impliedVolatility(shifted(option), price),
};
