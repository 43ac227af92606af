/**
 * A report of exposure as JSON, and back. JSON has no infinity and no NaN: such numbers are the texts 'Infinity', '-Infinity' and 'NaN',
 * so that reading what was written gives the same record.
 */
import { requireObject } from '../check.js';
import { InputError } from '../errors.js';
import type { ExposureReport } from './exposure-figures.js';
import { recordJson } from './record-json.js';

const NON_FINITE: Readonly<Record<string, number>> = { Infinity, '-Infinity': -Infinity, NaN };
/** Fields whose text is a text. */
const NAMES = new Set([
  'account',
  'numeraire',
  'underlying',
  'currency',
  'positionId',
  'expiry',
  'delta',
  'largest',
  'ids',
  'expired',
]);

/** The text of a report, ending in a newline. */
export function exposureJson(report: ExposureReport): string {
  return recordJson(report);
}

/** The report of a text. Throws InputError for what is not JSON or not of this schema. */
export function exposureFromJson(text: string): ExposureReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError('text', text, 'JSON');
  }
  const { schema } = requireObject('report', value);
  if (schema !== 1) throw new InputError('schema', schema, '1');
  return decode(value, '') as ExposureReport;
}

/** `name` is the nearest field's, that of the array for its elements. */
function decode(value: unknown, name: string): unknown {
  if (typeof value === 'string')
    return !NAMES.has(name) && Object.hasOwn(NON_FINITE, value) ? NON_FINITE[value] : value;
  if (Array.isArray(value)) return value.map((element) => decode(element, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decode(inner, key)]));
}
