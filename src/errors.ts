/**
 * What can go wrong, in three kinds that are never mixed: a caller's mistake throws {@link InputError}; data that cannot give
 * an answer is a {@link Failure} in a discriminated result; rows left out of a partial success are listed as {@link Rejection}s.
 */

/** A caller's mistake: `field` holds `value`, which does not meet `requirement`. */
export class InputError extends Error {
  readonly field: string;
  readonly value: unknown;
  readonly requirement: string;

  constructor(field: string, value: unknown, requirement: string) {
    super(`${field} must be ${requirement}, got ${describe(value)}`);
    this.name = 'InputError';
    this.field = field;
    this.value = value;
    this.requirement = requirement;
  }
}

/** Data that cannot give an answer. `value` and `limit` are the numbers that decided it, where there are any. */
export type Failure<Reason extends string> = {
  ok: false;
  reason: Reason;
  message: string;
  value?: number | undefined;
  limit?: number | undefined;
};

/** A row left out: its place in the input, its name, a machine-readable reason and the number that decided it against its limit. */
export interface Rejection<Reason extends string = string> {
  index: number;
  id: string;
  reason: Reason;
  value: number;
  limit: number;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 80 ? `'${value.slice(0, 77)}...'` : `'${value}'`;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
