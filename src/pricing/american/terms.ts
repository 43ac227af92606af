/** What an American option says, read and checked, and its value where nothing is left to chance. */
import { requireFinite, requireNonNegative, requireObject, requireOneOf, requirePositive } from '../../check.js';
import { InputError } from '../../errors.js';
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';
import type { CashDividend } from '../curves.js';
import type { OptionType, SpotOption } from '../option.js';
import { canonicalPut, type CanonicalPut } from './canonical-put.js';
import { DIVIDEND_MODELS, readDividends, type DividendModel, type DividendSchedule } from './dividends.js';
import type { DifferenceProblem } from './finite-difference.js';

/** Exercise at any time to expiry. Rates are flat; `dividendYield` comes on top of cash dividends. */
export interface AmericanOption extends SpotOption {
  /** Cash per share; those at time 0 have left the spot. */
  dividends?: readonly CashDividend[] | undefined;
  /** What the volatility is the volatility of; 'affine' where missing. */
  dividendModel?: DividendModel | undefined;
}

export interface AmericanTerms {
  readonly isCall: boolean;
  readonly spot: number;
  readonly strike: number;
  readonly timeToExpiry: number;
  readonly volatility: number;
  readonly rate: number;
  readonly dividendYield: number;
  readonly dividends: DividendSchedule | undefined;
}

const OPTION_TYPES: readonly OptionType[] = ['call', 'put'];
/** |rT| and |qT| stay below this, which keeps every discount factor a double. */
export const LARGEST_EXPONENT = 300;

export function readTerms(option: Omit<AmericanOption, 'volatility'>, volatility: number): AmericanTerms {
  requireObject('option', option);
  const isCall = requireOneOf('type', option.type, OPTION_TYPES) === 'call';
  const spot = requirePositive('spot', option.spot);
  const strike = requireNonNegative('strike', option.strike);
  const timeToExpiry = requireNonNegative('timeToExpiry', option.timeToExpiry);
  const rate = requireFinite('rate', option.rate ?? 0);
  const dividendYield = requireFinite('dividendYield', option.dividendYield ?? 0);
  for (const [field, value] of [['rate', rate] as const, ['dividendYield', dividendYield] as const]) {
    if (!(Math.abs(value * timeToExpiry) < LARGEST_EXPONENT)) {
      throw new InputError(field, value, `such that |${field} x timeToExpiry| is below ${LARGEST_EXPONENT}`);
    }
  }
  const model = requireOneOf('dividendModel', option.dividendModel ?? 'affine', DIVIDEND_MODELS);
  const dividends = readDividends(option.dividends, model, spot, rate - dividendYield, timeToExpiry);
  return { isCall, spot, strike, timeToExpiry, volatility, rate, dividendYield, dividends };
}

export function intrinsicValue({ isCall, spot, strike }: AmericanTerms): number {
  return Math.max(isCall ? spot - strike : strike - spot, 0);
}

export function putOf(terms: AmericanTerms): CanonicalPut {
  const { isCall, spot, strike, timeToExpiry, volatility, rate, dividendYield } = terms;
  return canonicalPut(isCall, spot, strike, timeToExpiry, volatility, rate, dividendYield);
}

export function differenceProblem(terms: AmericanTerms, exercise: 'american' | 'european'): DifferenceProblem {
  return { ...terms, exercise };
}

/** The best of exercising on a known path: its value, 0 where it never pays, and when. */
export interface CertainValue {
  value: number;
  exerciseTime: number;
}

/**
 * The option without volatility: the maximum over t of omega (S_t e^(-rt) - K e^(-rt)). Between ex-dates S_t e^(-rt) = c e^(-qt), so
 * there is one turning point at most, e^((r - q)t) = r K / (q c); a dividend is still in the share just before its ex-date.
 */
export function certainValue(terms: AmericanTerms): CertainValue {
  const { isCall, spot, strike, timeToExpiry, rate, dividendYield, dividends } = terms;
  const omega = isCall ? 1 : -1;
  let best: CertainValue = {
    value: Math.max(omega * (spot - strike), 0),
    exerciseTime: best0(omega, spot, strike, timeToExpiry),
  };
  let share = spot;
  let from = 0;
  const consider = (t: number): void => {
    const value = omega * (share * exp(-dividendYield * t) - strike * exp(-rate * t));
    if (value > best.value) best = { value, exerciseTime: t };
  };
  const piece = (to: number): void => {
    const ratio = (rate * strike) / (dividendYield * share);
    const turn = ratio > 0 && rate !== dividendYield ? log(ratio) / (rate - dividendYield) : NaN;
    if (turn > from && turn < to) consider(turn);
    consider(from);
    consider(to);
  };
  for (let i = 0; i < (dividends?.times.length ?? 0); i++) {
    const time = dividends!.times[i]!;
    if (time > timeToExpiry) break;
    piece(time);
    share = Math.max(share - dividends!.amounts[i]! * exp((dividendYield - rate) * time), 0);
    from = time;
  }
  piece(timeToExpiry);
  return best;
}

function best0(omega: number, spot: number, strike: number, timeToExpiry: number): number {
  return omega * (spot - strike) > 0 ? 0 : timeToExpiry;
}
