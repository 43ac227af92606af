/**
 * The code examples of the documentation as modules. An expression statement followed by `// => value` becomes a check that the
 * expression gives the value: a number to the digits shown, anything else exactly.
 */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

export interface Example {
  /** 'README.md:12' */
  name: string;
  source: string;
}

/** The fenced `ts` blocks of a markdown file. */
export function examplesOf(file: URL, name: string): Example[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => ({
    name: `${name}:${text.slice(0, match.index).split('\n').length}`,
    source: match[1]!,
  }));
}

/** The example with its imports of the package rewritten by `resolve` and its `// =>` comments turned into calls of `check`. */
export function checkedSource(
  example: Example,
  resolve: (specifier: string) => string,
): { source: string; checks: number } {
  const file = ts.createSourceFile('example.ts', example.source, ts.ScriptTarget.ES2023, true);
  const edits: { start: number; end: number; text: string }[] = [];
  let checks = 0;
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
      const { text } = statement.moduleSpecifier;
      edits.push({
        start: statement.moduleSpecifier.getStart(file),
        end: statement.moduleSpecifier.end,
        text: JSON.stringify(resolve(text)),
      });
    }
    const expected = expectedAfter(example.source, statement.end);
    if (expected === undefined) continue;
    if (!ts.isExpressionStatement(statement)) throw new Error(`${example.name}: '// =>' follows no expression`);
    const { expression } = statement;
    checks += 1;
    edits.push({
      start: expression.getStart(file),
      end: expression.end,
      text: `check(${expression.getText(file)}, ${JSON.stringify(expected)})`,
    });
  }
  const source = edits
    .sort((left, right) => right.start - left.start)
    .reduce(
      (text, { start, end, text: replacement }) => text.slice(0, start) + replacement + text.slice(end),
      example.source,
    );
  return { source, checks };
}

/** Throws unless the value is what the comment says. */
export function check(value: unknown, expected: string): void {
  const shown = typeof value === 'number' ? toDigitsOf(value, expected) : JSON.stringify(value);
  const wanted = typeof value === 'number' ? expected : JSON.stringify(evaluate(expected));
  if (shown !== wanted) throw new Error(`the documentation says ${expected}, the code gives ${shown}`);
}

function expectedAfter(source: string, end: number): string | undefined {
  return /^[ \t]*\/\/ => (.+)$/m.exec(source.slice(end).split('\n', 1)[0]!)?.[1]?.trim();
}

/** The value with as many decimals, or in as many digits of exponent form, as the text shows. */
function toDigitsOf(value: number, text: string): string {
  const decimals = /^-?\d+(?:\.(\d+))?(e[+-]\d+)?$/.exec(text);
  if (decimals === null) return String(value);
  const shown = decimals[1]?.length ?? 0;
  return decimals[2] === undefined ? value.toFixed(shown) : value.toExponential(shown);
}

function evaluate(text: string): unknown {
  return JSON.parse(text.startsWith("'") ? JSON.stringify(text.slice(1, -1)) : text);
}
