/** What is known beside an American chain when its premiums of early exercise are taken out, and whether chain and options can be read. */
import {
  requireArray,
  requireFinite,
  requireNonNegative,
  requireObject,
  requireOneOf,
  requirePositive,
  requireText,
} from '../check.js';
import { InputError } from '../errors.js';
import type { Accuracy } from '../pricing/american.js';
import { zeroRate } from '../pricing/curves.js';
import type { CashDividend, Rate } from '../pricing/curves.js';
import type { OptionChain } from './chain.js';

export interface DeAmericaniseOptions {
  /** Continuously compounded, or a curve. Where missing, 2.5% give or take 2.5%: near-the-money pairs hardly tell it. */
  rate?: Rate | undefined;
  /** Standard deviation of the rate, a year; 0 where a rate is given. */
  rateError?: number | undefined;
  /** Cash dividends to come, in the escrowed model; what else the share pays is in the carry. Some 100 times slower. */
  dividends?: readonly CashDividend[] | undefined;
  /**
   * Cash that leaves the share before it trades again. What is held on is an option on the spot without it; calls whose bid is not
   * above what exercise today earns are rejected.
   */
  dividendNextDay?: number | undefined;
  /** Today's, the dividend in it. The chain's where missing. 'implied': the first expiry's forward, discounted, for a spot that is not of the options' instant. */
  spot?: number | 'implied' | undefined;
  /** For expiries whose pairs do not tell the carry; without it their quotes are rejected. */
  dividendYield?: number | undefined;
  /** Of the American engine; 'fast' where missing, within 4e-6 of the strike. */
  accuracy?: Accuracy | undefined;
}

const ACCURACIES: readonly Accuracy[] = ['fast', 'default', 'accurate'];

/** The accuracy, once everything has been looked at. Throws InputError naming what is not as it must be. */
export function checkArguments(chain: OptionChain, options: DeAmericaniseOptions): Accuracy {
  requireObject('chain', chain);
  requireOneOf('chain.style', chain.style, ['american']);
  requireOneOf('chain.settlement', chain.settlement, ['linear']);
  requireFinite('chain.asOf', chain.asOf);
  if (chain.spot !== undefined) requirePositive('chain.spot', chain.spot);
  requireArray('chain.quotes', chain.quotes);
  chain.quotes.forEach((quote, i) => {
    const field = `chain.quotes[${i}]`;
    requireObject(field, quote);
    requireText(`${field}.instrument`, quote.instrument);
    requireOneOf(`${field}.type`, quote.type, ['call', 'put']);
    requirePositive(`${field}.strike`, quote.strike);
    requireFinite(`${field}.expiry`, quote.expiry);
    for (const side of ['bid', 'ask'] as const) {
      if (quote[side] !== undefined) requireNonNegative(`${field}.${side}`, quote[side]);
    }
  });
  requireObject('options', options);
  const { rate, rateError, dividends, dividendNextDay, spot, dividendYield } = options;
  if (rate !== undefined) zeroRate(rate, 1);
  if (rateError !== undefined) requireNonNegative('rateError', rateError);
  if (dividends !== undefined) requireArray('dividends', dividends);
  if (dividendNextDay !== undefined) {
    requireNonNegative('dividendNextDay', dividendNextDay);
    const today = typeof spot === 'number' ? spot : chain.spot;
    if (today !== undefined && !(dividendNextDay < today)) {
      throw new InputError('dividendNextDay', dividendNextDay, 'less than the spot');
    }
  }
  if (spot !== undefined && spot !== 'implied') {
    if (typeof spot === 'string') throw new InputError('spot', spot, "a price or 'implied'");
    requirePositive('spot', spot);
  }
  if (dividendYield !== undefined) requireFinite('dividendYield', dividendYield);
  return requireOneOf('accuracy', options.accuracy ?? 'fast', ACCURACIES);
}
