/** What tests import as 'vitest' when they are run in a page: the same assertions, and a list of tests instead of a runner. */
import { chai, JestChaiExpect, JestExtend } from '@vitest/expect';

export interface Outcome {
  name: string;
  /** Missing where the test has passed. */
  error?: string;
}

type Body = (...values: never[]) => unknown;

chai.use(JestExtend);
chai.use(JestChaiExpect);

export const expect = chai.expect;

const tests: { name: string; body: () => unknown }[] = [];
let path: string[] = [];

export function describe(name: string, body: () => void): void {
  path = [...path, name];
  body();
  path = path.slice(0, -1);
}

/** Options come before the body, as in vitest. */
export function it(name: string, ...rest: readonly unknown[]): void {
  tests.push({ name: [...path, name].join(' > '), body: rest.at(-1) as () => unknown });
}

it.each = (rows: readonly unknown[]) => {
  return (name: string, ...rest: readonly unknown[]): void => {
    for (const row of rows) {
      const values = (Array.isArray(row) ? row : [row]) as never[];
      it(`${name}: ${JSON.stringify(row)}`, () => (rest.at(-1) as Body)(...values));
    }
  };
};

/** Runs what has been listed, in order. */
export async function run(): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, body } of tests) {
    try {
      await body();
      outcomes.push({ name });
    } catch (error) {
      outcomes.push({ name, error: error instanceof Error ? error.message : String(error) });
    }
  }
  return outcomes;
}
