import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonPlaces } from '../../../src/portfolio/read/json-lines.js';

describe('the places of JSON text', () => {
  const text = '\uFEFF{ "result": [\n  { "a": 1,\n    "b c": {"d": [true,\n null]} },\n  "x\\"]"\n] }\n';

  it('are the lines on which values begin', () => {
    const { lineOf, fault } = jsonPlaces(text);
    expect(fault).toBeUndefined();
    expect(
      ['', 'result', 'result.0', 'result.0.a', 'result.0.b c', 'result.0.b c.d.0', 'result.0.b c.d.1'].map(lineOf),
    ).toEqual([1, 1, 2, 2, 3, 3, 4]);
    expect(lineOf('result.1')).toBe(5);
  });

  it('are those of the nearest value that is there', () => {
    const { lineOf } = jsonPlaces(text);
    expect(lineOf('result.0.size')).toBe(2);
    expect(lineOf('result.7.size')).toBe(1);
    expect(lineOf('other')).toBe(1);
  });

  it.each([
    ['{"a": 1,\n "b": }', 2, "'}'"],
    ['[1,\n2,\n3', 3, 'the end of the text'],
    ['[1,\n2]\n\n x', 4, "'x'"],
    ['{"a" 1}', 1, "'1}'"],
    ['[1,\n]', 2, "']'"],
    ['{"a": 1,\n}', 2, "'}'"],
    ['[01]', 1, "'1]'"],
    ["['a']", 1, "''a']'"],
    ['[1}', 1, "'}'"],
    ['["a\nb"]', 1, `'"a'`],
    ['', 1, 'the end of the text'],
    ['nul', 1, "'nul'"],
  ])('%j is not JSON', (broken, line, found) => {
    expect(() => JSON.parse(broken) as unknown).toThrow();
    expect(jsonPlaces(broken).fault).toEqual({ line, found });
  });

  it('agree with JSON.parse about what is JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.nat(4), fc.string({ maxLength: 2 }), (json, at, length, patch) => {
        const from = at % (json.length + 1);
        for (const one of [json, json.slice(0, from) + patch + json.slice(from + length)]) {
          let isJson = true;
          try {
            JSON.parse(one);
          } catch {
            isJson = false;
          }
          expect(jsonPlaces(one).fault === undefined, one).toBe(isJson);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of deep nesting do not overflow a stack', () => {
    expect(jsonPlaces('['.repeat(200_000)).fault).toEqual({ line: 1, found: 'the end of the text' });
  });
});
