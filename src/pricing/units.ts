/**
 * Trader units. Greeks are mathematical derivatives everywhere else (per 1.00 of volatility, per year, per 1.00 of rate, per
 * unit of spot); these functions rescale them, and carry the new unit in their name. They take any record with the Greek in
 * it and throw an InputError where a number is not finite.
 */
import { requireFinite, requireObject, requirePositive } from '../check.js';

function greek(greeks: unknown, name: string): number {
  return requireFinite(name, requireObject('greeks', greeks)[name]);
}

/** Change of value for one volatility point (0.01). */
function vegaPerPoint(greeks: { vega: number }): number {
  return greek(greeks, 'vega') / 100;
}

/** Change of value with the passing of one day: 1/365 of a year unless `daysPerYear` says otherwise (252 for trading days). */
function thetaPerDay(greeks: { theta: number }, daysPerYear = 365): number {
  return greek(greeks, 'theta') / requirePositive('daysPerYear', daysPerYear);
}

/** Change of value for one basis point (0.0001) of rate. */
function rhoPerBasisPoint(greeks: { rho: number }): number {
  return greek(greeks, 'rho') / 10_000;
}

/** Delta times spot: the value of the underlying that moves like the option, in the currency of the spot. */
function cashDelta(greeks: { delta: number }, spot: number): number {
  return greek(greeks, 'delta') * requireFinite('spot', spot);
}

/** Change of the cash delta for a 1% move of the spot: gamma spot^2 / 100. */
function gammaPerPercent(greeks: { gamma: number }, spot: number): number {
  const level = requireFinite('spot', spot);
  return (greek(greeks, 'gamma') * level * level) / 100;
}

export const units = { vegaPerPoint, thetaPerDay, rhoPerBasisPoint, cashDelta, gammaPerPercent };
