/**
 * The smile behind foreign exchange quotes: at-the-money volatility, risk reversals and market strangles.
 *
 *   sigma(K_ATM) = sigma_ATM
 *   sigma(K_C) - sigma(K_P) = RR              strikes with delta +-D at their own smile volatility
 *   C(K_mC) + P(K_mP) on the smile = C(K_mC) + P(K_mP) at the one volatility sigma_ATM + MS,
 *                                             strikes with delta +-D at that volatility
 *
 * A market strangle is a price, not a smile volatility: the smile strangle SS = (sigma(K_C) + sigma(K_P))/2 - sigma_ATM is what
 * is solved for. Given SS for each wing the smile's points are explicit, so there is one equation for each unknown; Broyden's
 * method starts from SS = MS. Between the points, ln sigma is the polynomial in N(ln(K/F)/(sigma_ATM sqrt(T))) through them.
 *
 * Sources: Reiswich and Wystup, FX volatility smile construction (2010); Clark, Foreign Exchange Option Pricing (2011), chapter 3
 * (the shape of the polynomial); Broyden (1965).
 */
import {
  requireArray,
  requireFinite,
  requireNonNegative,
  requireObject,
  requireOneOf,
  requirePositive,
} from '../check.js';
import { InputError, type Failure } from '../errors.js';
import { exp } from '../math/exponential.js';
import { log, logRatio } from '../math/logarithm.js';
import { normalCdf, normalPdf } from '../math/normal.js';
import { outOfTheMoneyValue } from './black.js';
import type { OnCurves } from './curves.js';
import { checkFxMarket, deltaRule, deltaUnder, type DeltaConvention, type FxMarket } from './fx-delta.js';
import type { OptionType } from './option.js';
import { strikeFromDelta } from './strike-from-delta.js';

export interface FxSmileQuotes extends FxMarket {
  /** At-the-money volatility. */
  atm: number;
  /** K = F, or the strike of the straddle without delta. */
  atmKind: 'forward' | 'delta-neutral';
  convention: DeltaConvention;
  /** By delta (0.25, 0.1), each once: volatility of the call less that of the put, and market strangle over `atm`. */
  wings: { delta: number; riskReversal: number; marketStrangle: number }[];
}

export interface FxSmile {
  ok: true;
  atmStrike: number;
  /** By strike: puts, the at-the-money point (with the delta of its call), calls. */
  points: { strike: number; volatility: number; delta: number }[];
  /** (sigma(K_C) + sigma(K_P))/2 - sigma_ATM of each wing, as quoted. */
  smileStrangles: number[];
  forward: number;
  /** sigma_ATM sqrt(T). */
  atmDeviation: number;
}

export type FxSmileResult = FxSmile | Failure<'no-convergence' | 'delta-unreachable'>;

const MAXIMUM_STEPS = 100;
/** In volatility: far below any quote, far above rounding. */
const TOLERANCE = 1e-14;

interface Wing {
  delta: number;
  riskReversal: number;
  marketStrangle: number;
  /** Strikes of the market strangle. */
  callStrike: number;
  putStrike: number;
  /** Undiscounted price of the market strangle, and its vega. */
  price: number;
  vega: number;
}

/**
 * Strikes and volatilities of the smile that reprices the quotes. Rates may be numbers or curves; `timeToExpiry`, `atm` and
 * `atm` + each market strangle are above 0, deltas between 0 and 1; anything else throws an InputError. Quotes no smile of this
 * shape meets are a failure 'no-convergence' (with the largest miss, in volatility), those whose strikes do not exist
 * 'delta-unreachable'.
 */
export function fxSmileStrikes(quotes: OnCurves<FxSmileQuotes>): FxSmileResult {
  const market = checkFxMarket(quotes);
  requirePositive('timeToExpiry', quotes.timeToExpiry);
  const atm = requirePositive('atm', quotes.atm);
  const atmKind = requireOneOf('atmKind', quotes.atmKind, ['forward', 'delta-neutral']);
  const rule = deltaRule(market, quotes.convention);
  const { timeToExpiry } = market;
  const root = Math.sqrt(timeToExpiry);
  const forward = market.spot * exp((market.domesticRate - market.foreignRate) * timeToExpiry);
  const atmDeviation = atm * root;
  const neutral = (rule.premiumAdjusted ? -0.5 : 0.5) * atmDeviation * atmDeviation;
  const atmStrike = atmKind === 'forward' ? forward : forward * exp(neutral);
  const strikeOf = (type: OptionType, volatility: number, delta: number) =>
    strikeFromDelta({ ...market, type, volatility }, type === 'call' ? delta : -delta, quotes.convention);

  const wings: Wing[] = [];
  for (const quote of checkWings(quotes.wings, atm)) {
    const volatility = atm + quote.marketStrangle;
    const call = strikeOf('call', volatility, quote.delta);
    const put = strikeOf('put', volatility, quote.delta);
    if (!call.ok) return unreachable(call);
    if (!put.ok) return unreachable(put);
    const strikes = { callStrike: call.strike, putStrike: put.strike };
    wings.push({ ...quote, ...strikes, ...stranglePrice(forward, strikes, () => volatility, root) });
  }

  /** The smile with these smile strangles, and by how much each market strangle is missed, in volatility. */
  const build = (strangles: readonly number[]): { smile: FxSmile; misses: number[] } | FxSmileResult => {
    const points = [{ strike: atmStrike, volatility: atm, type: 'call' as OptionType }];
    for (let i = 0; i < wings.length; i++) {
      const { delta, riskReversal } = wings[i]!;
      for (const type of ['call', 'put'] as const) {
        const volatility = atm + strangles[i]! + (type === 'call' ? 0.5 : -0.5) * riskReversal;
        if (!(volatility > 0 && volatility < Infinity)) return noConvergence(volatility);
        const found = strikeOf(type, volatility, delta);
        if (!found.ok) return unreachable(found);
        points.push({ strike: found.strike, volatility, type });
      }
    }
    points.sort((a, b) => a.strike - b.strike);
    const smile: FxSmile = {
      ok: true,
      atmStrike,
      points: points.map(({ strike, volatility, type }) => ({
        strike,
        volatility,
        delta: deltaUnder(rule, type === 'call' ? 1 : -1, logRatio(forward, strike), volatility * root),
      })),
      smileStrangles: [...strangles],
      forward,
      atmDeviation,
    };
    const volatilityAt = smileThrough(smile);
    if (volatilityAt === undefined) return noConvergence(NaN);
    const misses = wings.map(
      (wing) => (stranglePrice(forward, wing, volatilityAt, root).price - wing.price) / wing.vega,
    );
    return { smile, misses };
  };

  return solve(wings, build);
}

/** Broyden's method on the inverse Jacobian, from the identity: a smile strangle moves its market strangle about one for one. */
function solve(
  wings: readonly Wing[],
  build: (strangles: readonly number[]) => { smile: FxSmile; misses: number[] } | FxSmileResult,
): FxSmileResult {
  const n = wings.length;
  let strangles = wings.map((wing) => wing.marketStrangle);
  let current = build(strangles);
  const inverse: number[][] = wings.map((_, i) => wings.map((__, j) => (i === j ? 1 : 0)));
  let best = Infinity;
  for (let step = 0; step < MAXIMUM_STEPS; step++) {
    if (!('misses' in current)) return current;
    const { smile, misses } = current;
    best = Math.max(0, ...misses.map(Math.abs));
    if (best <= TOLERANCE) return smile;
    const move = inverse.map((row) => -row.reduce((sum, entry, j) => sum + entry * misses[j]!, 0));
    strangles = strangles.map((strangle, i) => strangle + move[i]!);
    const next = build(strangles);
    if ('misses' in next) {
      // Sherman and Morrison: the inverse now maps the change of the misses to the move that caused it.
      const change = next.misses.map((miss, i) => miss - misses[i]!);
      const mapped = inverse.map((row) => row.reduce((sum, entry, j) => sum + entry * change[j]!, 0));
      const divisor = move.reduce((sum, entry, i) => sum + entry * mapped[i]!, 0);
      const left = Array.from({ length: n }, (_, j) =>
        move.reduce((sum, entry, i) => sum + entry * inverse[i]![j]!, 0),
      );
      if (divisor !== 0) {
        inverse.forEach((row, i) => {
          for (let j = 0; j < n; j++) row[j] = row[j]! + ((move[i]! - mapped[i]!) * left[j]!) / divisor;
        });
      }
    }
    current = next;
  }
  return noConvergence(best);
}

function noConvergence(value: number): FxSmileResult {
  return {
    ok: false,
    reason: 'no-convergence',
    message: 'no smile through these strikes reprices the market strangles',
    value,
    limit: TOLERANCE,
  };
}

function unreachable(failure: Failure<'delta-unreachable'>): FxSmileResult {
  const { reason, message, value, limit } = failure;
  return { ok: false, reason, message, value, limit };
}

function checkWings(wings: unknown, atm: number): Pick<Wing, 'delta' | 'riskReversal' | 'marketStrangle'>[] {
  const seen = new Set<number>();
  return requireArray('wings', wings).map((entry, i) => {
    const wing = requireObject(`wings[${i}]`, entry);
    const delta = requirePositive(`wings[${i}].delta`, wing['delta']);
    if (delta >= 1 || seen.has(delta)) throw new InputError(`wings[${i}].delta`, delta, 'below 1 and given once');
    seen.add(delta);
    const marketStrangle = requireFinite(`wings[${i}].marketStrangle`, wing['marketStrangle']);
    if (!(atm + marketStrangle > 0)) {
      throw new InputError(
        `wings[${i}].marketStrangle`,
        marketStrangle,
        `above minus the at-the-money volatility, ${atm}`,
      );
    }
    return { delta, marketStrangle, riskReversal: requireFinite(`wings[${i}].riskReversal`, wing['riskReversal']) };
  });
}

/** Undiscounted price of a strangle and the sum of the vegas. */
function stranglePrice(
  forward: number,
  { callStrike, putStrike }: { callStrike: number; putStrike: number },
  volatilityAt: (strike: number) => number,
  root: number,
): { price: number; vega: number } {
  let price = Math.max(forward - callStrike, 0) + Math.max(putStrike - forward, 0);
  let vega = 0;
  for (const strike of [callStrike, putStrike]) {
    const s = volatilityAt(strike) * root;
    price += outOfTheMoneyValue(forward, strike, s);
    const d1 = logRatio(forward, strike) / s + 0.5 * s;
    vega += forward * normalPdf(d1) * root;
  }
  return { price, vega };
}

/** Where a strike lies on the smile: N(ln(K/F)/(sigma_ATM sqrt(T))). */
function coordinate(smile: FxSmile, strike: number): number {
  return normalCdf(logRatio(strike, smile.forward) / smile.atmDeviation);
}

/** The smile as a function of strike (Newton's divided differences); undefined where two points share a strike. */
function smileThrough(smile: FxSmile): ((strike: number) => number) | undefined {
  const u = smile.points.map(({ strike }) => coordinate(smile, strike));
  const coefficients = smile.points.map(({ volatility }) => log(volatility));
  for (let order = 1; order < u.length; order++) {
    for (let i = u.length - 1; i >= order; i--) {
      const width = u[i]! - u[i - order]!;
      if (!(width > 0)) return undefined;
      coefficients[i] = (coefficients[i]! - coefficients[i - 1]!) / width;
    }
  }
  return (strike) => {
    const at = coordinate(smile, strike);
    let value = 0;
    for (let i = u.length - 1; i >= 0; i--) value = value * (at - u[i]!) + coefficients[i]!;
    return exp(value);
  };
}

/**
 * Volatility of the smile at any strike above 0. Beyond the outermost points the polynomial goes on, in a coordinate that ends at
 * 0 and 1. Throws an InputError for a strike out of range.
 */
export function fxSmileVolatility(smile: FxSmile, strike: number): number {
  requireObject('smile', smile);
  const volatilityAt = smileThrough(smile);
  if (volatilityAt === undefined) throw new InputError('smile', smile, 'a result of fxSmileStrikes');
  return volatilityAt(requireNonNegative('strike', strike));
}
