export type { DisplacedOption, ForwardOption, InverseOption, OptionType, SpotOption } from './option.js';
export type { GreekName, Greeks } from './greeks.js';
export type { ImpliedVolatility } from './implied-volatility.js';
export type { Model } from './model.js';
