/** JSON text, or what was parsed from it, and the lines of its values. */
import { InputError } from '../../errors.js';
import { jsonPlaces, type JsonPlaces } from './json-lines.js';

export interface ReadJson {
  value: unknown;
  /** The line of a path; 0 where there is no text. */
  lineOf: (path: string) => number;
}

/** Throws InputError naming the line where text is not JSON. */
export function readJson(json: unknown, field = 'json'): ReadJson {
  if (typeof json !== 'string') return { value: json, lineOf: () => 0 };
  let places: JsonPlaces | undefined;
  try {
    const value: unknown = JSON.parse(json.replace(/^\uFEFF/, ''));
    return {
      value,
      lineOf(path) {
        places ??= jsonPlaces(json);
        return places.lineOf(path);
      },
    };
  } catch {
    const { fault } = jsonPlaces(json);
    throw new InputError(field, json, `JSON${fault === undefined ? '' : ` (line ${fault.line} has ${fault.found})`}`);
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
