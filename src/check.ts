/** Argument checks: each returns the value it was given, or throws an InputError that names the field. */
import { InputError } from './errors.js';

export function requireFinite(field: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new InputError(field, value, 'a finite number');
  return value;
}

export function requirePositive(field: string, value: unknown): number {
  if (typeof value !== 'number' || !(value > 0) || value === Infinity) {
    throw new InputError(field, value, 'a finite number above 0');
  }
  return value;
}

export function requireNonNegative(field: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0) || value === Infinity) {
    throw new InputError(field, value, 'a finite number, 0 or more');
  }
  return value;
}

/** Zero or more; Infinity is allowed because its limit is defined. */
export function requireNonNegativeOrInfinite(field: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0)) throw new InputError(field, value, 'a number, 0 or more');
  return value;
}

export function requireWithin(field: string, value: unknown, lower: number, upper: number): number {
  if (typeof value !== 'number' || !(value >= lower && value <= upper)) {
    throw new InputError(field, value, `a number from ${lower} to ${upper}`);
  }
  return value;
}

export function requireOneOf<T extends string>(field: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) throw new InputError(field, value, `one of ${allowed.join(', ')}`);
  return value as T;
}

export function requireText(field: string, value: unknown): string {
  if (typeof value !== 'string') throw new InputError(field, value, 'text');
  return value;
}

export function requireArray(field: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new InputError(field, value, 'an array');
  return value as readonly unknown[];
}

export function requireObject(field: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(field, value, 'an object');
  }
  return value as Readonly<Record<string, unknown>>;
}
