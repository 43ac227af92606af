/**
 * American quotes made European: the premium of early exercise taken out at the volatility each price implies.
 *
 *   V_E = V_A - premium,   V_A(sigma) = the quote,   premium = V_A(sigma) - Black(F, K, sigma) DF
 *
 * The carry of each expiry is that at which calls and puts near the money have one volatility (american-carry.ts); rate and cash
 * dividends are the caller's. One volatility a strike is taken for the whole life of the option, as is usual; what that leaves
 * open, and what the errors of carry and rate do to the premium, grows with the premium, and out-of-the-money quotes have the
 * smallest.
 */
import type { Failure, Rejection } from '../errors.js';
import { exp } from '../math/exponential.js';
import { medianOf } from '../math/summary.js';
import { zeroRate } from '../pricing/curves.js';
import { americanCarry } from './american-carry.js';
import type { CarryTerms } from './american-carry.js';
import type { OptionChain } from './chain.js';
import { byExpiry, impliedSpot, MINIMUM_PAIRS, nextDayExercise } from './de-americanise-expiries.js';
import type { DeAmericaniseReason, Verdict } from './de-americanise-expiries.js';
import { checkArguments } from './de-americanise-options.js';
import type { DeAmericaniseOptions } from './de-americanise-options.js';
import { premiumRemover } from './de-americanise-quote.js';
import type { EuropeanEquivalent } from './de-americanise-quote.js';
import type { Instant, RawQuote } from './quote.js';

export type { DeAmericaniseReason } from './de-americanise-expiries.js';
export type { DeAmericaniseOptions } from './de-americanise-options.js';
export type { EuropeanEquivalent } from './de-americanise-quote.js';

export interface DeAmericanisedExpiry {
  expiry: Instant;
  timeToExpiry: number;
  forward: number;
  /** r - q a year: ln(F/S)/T where there are no cash dividends. */
  carry: number;
  /** Of the carry: two standard deviations either way, from bid and ask and from what the pairs scatter beyond them. */
  interval: [number, number];
  source: 'pairs' | 'given';
  rate: number;
  discountFactor: number;
  /** At two standard deviations of the rate; the upper end at most 1 where the rate is not given. */
  discountInterval: [number, number];
  pairsUsed: number;
  /** Near-the-money pairs, and how many have call and put volatilities within each other's bid-ask. */
  near: number;
  equal: number;
  /** Of the pairs' forwards by strike: 0 where rate and dividends are the market's. */
  slope: number;
  /** Median over the expiry's quotes, and of it relative to the half-spread. */
  medianPremium: number;
  largestModelRisk: number;
}

export type DeAmericanised =
  | {
      ok: true;
      /** European, at the prices without the premium, with the discount factors; without last and mark prices and the venue's volatilities and forwards. */
      chain: OptionChain;
      /** That the options are on, without a dividend of the next day. */
      spot: number;
      expiries: DeAmericanisedExpiry[];
      /** One for each quote of `chain`, in its order. */
      quotes: EuropeanEquivalent[];
      /** By index in the chain given. */
      rejected: Rejection<DeAmericaniseReason>[];
    }
  | (Failure<'no-spot' | 'no-carry'> & { rejected: Rejection<DeAmericaniseReason>[] });

const DEFAULT_RATE = 0.025;
const DEFAULT_RATE_ERROR = 0.025;
/** Doubt left about a rate that is given without any: a basis point. */
const LEAST_RATE_ERROR = 1e-4;

/**
 * The European chain behind an American one, ready for `sliceInputs` and `calibrateSurface`. Every quote is in the result's chain or in
 * `rejected`; a bid that no volatility gives is left out of its quote, which becomes one-sided. Failures: 'no-spot' where the chain has
 * none and none is given (or implied); 'no-carry' where no expiry has pairs that tell it (value the expiries, limit 1).
 * Throws InputError on a chain that is not American and linear, and on options out of range.
 */
export function deAmericanise(chain: OptionChain, options: DeAmericaniseOptions = {}): DeAmericanised {
  const accuracy = checkArguments(chain, options);
  const { quotes } = chain;
  const rejected: Rejection<DeAmericaniseReason>[] = [];
  const reject = (index: number, verdict: Verdict): void => {
    rejected.push({ index, id: quotes[index]!.instrument, ...verdict });
  };
  const groups = byExpiry(chain, nextDayExercise(chain, options), reject);
  const rateError = options.rateError ?? (options.rate === undefined ? DEFAULT_RATE_ERROR : 0);
  const rateAt = (timeToExpiry: number): number => zeroRate(options.rate ?? DEFAULT_RATE, timeToExpiry);
  const today = options.spot === 'implied' ? impliedSpot(groups, rateAt, chain.spot) : (options.spot ?? chain.spot);
  if (today === undefined) {
    const message = 'the chain has no spot price, and early exercise is exercise into the spot';
    return { ok: false, reason: 'no-spot', message, value: 0, limit: 1, rejected };
  }

  const spot = today - (options.spot === 'implied' ? 0 : (options.dividendNextDay ?? 0));
  const expiries: DeAmericanisedExpiry[] = [];
  const european: { quote: RawQuote; equivalent: EuropeanEquivalent }[] = [];
  for (const { expiry, timeToExpiry, indices, pairs } of groups) {
    const rate = rateAt(timeToExpiry);
    const dividends = options.dividends?.filter(({ timeToExDate }) => timeToExDate <= timeToExpiry);
    const terms: CarryTerms = {
      spot,
      timeToExpiry,
      rate,
      rateError,
      dividends: dividends?.length === 0 ? undefined : dividends,
      accuracy,
    };
    const implied = americanCarry(pairs, terms);
    const told = typeof implied === 'number' ? undefined : implied;
    if (!told && options.dividendYield === undefined) {
      const verdict = { reason: 'no-carry' as const, value: implied as number, limit: MINIMUM_PAIRS };
      for (const index of indices) reject(index, verdict);
      continue;
    }
    const carry = told?.carry ?? rate - options.dividendYield!;
    const carryError = 2 * (told?.standardDeviation ?? 0);
    const remover = premiumRemover(terms, carry, carryError, rateError);
    const found: EuropeanEquivalent[] = [];
    for (const index of indices) {
      const made = remover.remove(quotes[index]!, index);
      if ('reason' in made) reject(index, made);
      else {
        found.push(made.equivalent);
        european.push(made);
      }
    }
    const factor = (r: number): number => exp(-r * timeToExpiry);
    const highest = options.rate === undefined ? Math.max(rate - 2 * rateError, 0) : rate - 2 * rateError;
    expiries.push({
      expiry,
      timeToExpiry,
      forward: remover.forward,
      carry,
      interval: [carry - carryError, carry + carryError],
      source: told ? 'pairs' : 'given',
      rate,
      discountFactor: factor(rate),
      discountInterval: [factor(rate + 2 * rateError), factor(highest)],
      pairsUsed: told?.pairsUsed ?? 0,
      near: told?.near ?? 0,
      equal: told?.equal ?? 0,
      slope: told?.slope ?? 0,
      medianPremium: found.length === 0 ? 0 : medianOf(found.map(({ premium }) => premium)),
      largestModelRisk: found.reduce((most, { modelRisk }) => Math.max(most, modelRisk), 0),
    });
  }
  rejected.sort((a, b) => a.index - b.index);
  if (expiries.length === 0) {
    const message = `none of the ${groups.length} expiries has calls and puts near the money that tell its carry`;
    return { ok: false, reason: 'no-carry', message, value: 0, limit: 1, rejected };
  }
  european.sort((a, b) => a.equivalent.index - b.equivalent.index);
  return {
    ok: true,
    chain: {
      ...chain,
      style: 'european',
      spot,
      discountFactors: expiries.map(({ expiry, timeToExpiry, discountFactor }) => ({
        expiry,
        mean: discountFactor,
        standardDeviation: discountFactor * timeToExpiry * Math.max(rateError, LEAST_RATE_ERROR),
      })),
      quotes: european.map(({ quote }) => quote),
    },
    spot,
    expiries,
    quotes: european.map(({ equivalent }) => equivalent),
    rejected,
  };
}
