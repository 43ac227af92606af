/**
 * Option symbols of the US exchanges (OCC Symbology Initiative, 2010): root, expiry as YYMMDD, C or P, strike in
 * thousandths over eight digits: SPXW220207C02400000 is the SPXW call of 7 February 2022 struck at 2400. The root may be
 * padded with blanks to six characters; a digit at its end marks an adjusted contract.
 */
import { requireFinite, requireOneOf, requirePositive, requireText } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Failure } from '../../errors.js';
import type { OptionType } from '../../pricing/option.js';
import { dateOf, findCivilDay } from '../date.js';
import type { CivilDay } from '../date.js';
import { usSettlement } from '../expiry.js';
import type { Instant } from '../quote.js';

export interface OsiOption {
  root: string;
  type: OptionType;
  strike: number;
  /** The day in the symbol. */
  day: CivilDay;
}

export type OsiSymbol = ({ ok: true; expiry: Instant } & OsiOption) | Failure<'unreadable-instrument'>;

const SYMBOL = /^([A-Z]{1,5}\d?) *(\d{2})(\d{2})(\d{2})([CP])(\d{8})$/;

/** Reads a symbol of 2010 or later; the expiry is the root's settlement instant (the open for AM-settled roots, else the close). */
export function parseOsiSymbol(symbol: string): OsiSymbol {
  const match = SYMBOL.exec(requireText('symbol', symbol));
  const day = match === null ? undefined : findCivilDay(2000 + Number(match[2]), Number(match[3]), Number(match[4]));
  const strike = match === null ? 0 : Number(match[6]) / 1000;
  if (match === null || day === undefined || Number(match[2]) < 10 || !(strike > 0)) {
    return { ok: false, reason: 'unreadable-instrument', message: `'${symbol}' is no US option symbol` };
  }
  const root = match[1]!;
  return { ok: true, root, type: match[5] === 'C' ? 'call' : 'put', strike, day, expiry: usSettlement(root, day) };
}

/** Writes a symbol without padding; the inverse of {@link parseOsiSymbol}. Throws {@link InputError} where there is none. */
export function formatOsiSymbol(option: OsiOption): string {
  if (!/^[A-Z]{1,5}\d?$/.test(requireText('root', option.root))) {
    throw new InputError(
      'root',
      option.root,
      'one to five capital letters, and a digit where the contract is adjusted',
    );
  }
  const { year, month, day } = dateOf(requireFinite('day', option.day));
  if (year < 2010 || year > 2099) throw new InputError('day', option.day, 'a day from 2010 to 2099');
  const thousandths = Math.round(requirePositive('strike', option.strike) * 1000);
  if (thousandths < 1 || thousandths > 99_999_999 || Math.abs(thousandths / 1000 - option.strike) > 1e-9) {
    throw new InputError('strike', option.strike, 'a multiple of 0.001 below 100000');
  }
  const date = [year % 100, month, day].map((part) => String(part).padStart(2, '0')).join('');
  const letter = requireOneOf('type', option.type, ['call', 'put']) === 'call' ? 'C' : 'P';
  return `${option.root}${date}${letter}${String(thousandths).padStart(8, '0')}`;
}
