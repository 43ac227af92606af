/** An instrument's fields from a record whose values come from a file: which there are, and what each may hold. */
import { InputError } from '../../errors.js';
import { parseInstant } from '../../market/date.js';
import type { Instant } from '../../market/quote.js';
import type { Instrument } from '../instrument.js';
import { requireInstrument } from '../validate.js';
import { RowRefusal } from './rejection.js';

const COMMON = ['id', 'kind', 'underlying', 'settlement', 'multiplier'] as const;
const OPTION = [
  'style',
  'exercise',
  'type',
  'strike',
  'expiry',
  'fixedFx',
  'fxVolatility',
  'correlation',
  'divisor',
] as const;
const KINDS: Readonly<Record<string, readonly string[]>> = {
  option: [...COMMON, ...OPTION],
  future: [...COMMON, 'style', 'expiry'],
  perpetual: [...COMMON, 'style'],
  spot: COMMON,
  'leveraged-token': [...COMMON, 'targetLeverage', 'nav', 'leverage'],
};

/** Every field an instrument of some kind has, but its id. */
export const instrumentFields: readonly string[] = [...new Set(Object.values(KINDS).flat())].filter(
  (name) => name !== 'id',
);

/**
 * The instrument a record says. `at` is the path to it ('instrument.' or empty). Throws InputError or RowRefusal naming a field that is
 * missing, may not hold what it holds, or that instruments of the kind do not have.
 */
export function instrumentFrom(record: Readonly<Record<string, unknown>>, at: string): Instrument {
  const given = withoutNulls(record);
  const instrument = 'expiry' in given ? { ...given, expiry: instantOf(`${at}expiry`, given['expiry']) } : given;
  // Checked field by field on the next line.
  const result = instrument as unknown as Instrument;
  requireInstrument(result, at);
  const known = KINDS[result.kind]!;
  for (const name of Object.keys(instrument)) {
    if (!known.includes(name)) {
      throw new RowRefusal('unknown-field', `${at}${name}`, `${at}${name} is no field of a ${result.kind}`);
    }
  }
  return result;
}

/** A record without the fields that are null: JSON's way to say that there is none. */
export function withoutNulls(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}

/** An instant: milliseconds since 1970, or a date and time with its offset as text. Throws InputError for anything else. */
export function instantOf(field: string, value: unknown): Instant {
  const instant = typeof value === 'string' ? parseInstant(value) : value;
  if (typeof instant !== 'number' || !Number.isFinite(instant)) {
    throw new InputError(
      field,
      value,
      'milliseconds since 1970 or a date and time with its offset, like 2026-03-27T08:00:00Z',
    );
  }
  return instant;
}
