/**
 * A developer's own smile, written as a formula in k = ln(K/F) and named parameters:
 *
 *   customSmile('a + b*(rho*(k-m) + sqrt((k-m)^2 + sigma^2))', { parameters: ['a', 'b', 'rho', 'm', 'sigma'] })
 *
 * The derivatives in the parameters are symbolic and everything is compiled once. The formula becomes code: it must be the
 * developer's own and never come from an untrusted source.
 */
import { derivative, parse } from 'mathjs';
import type { EvalFunction, MathNode } from 'mathjs';
import { requireArray, requireOneOf, requireText } from '../../check.js';
import { InputError } from '../../errors.js';

export interface CustomSmile {
  parameters: string[];
  lower?: number[] | undefined;
  upper?: number[] | undefined;
  /** What the formula gives: total variance or volatility. */
  output: 'variance' | 'volatility';
  /** The formula's value at log-moneyness k; p in the order of `parameters`. */
  value(p: ArrayLike<number>, k: number): number;
  /** Its derivatives in the parameters, in the same order. */
  gradient(p: ArrayLike<number>, k: number): number[];
}

const constants = new Set(['pi', 'e', 'tau']);

/**
 * Compiles a formula. Throws InputError where it cannot be parsed or differentiated, uses a name that is neither `k` nor a
 * parameter, or where bounds and parameters do not match. The default output is total variance.
 */
export function customSmile(
  expression: string,
  o: {
    parameters: string[];
    lower?: number[] | undefined;
    upper?: number[] | undefined;
    output?: 'variance' | 'volatility' | undefined;
  },
): CustomSmile {
  requireText('expression', expression);
  requireParameterNames(o.parameters);
  const { parameters } = o;
  const output = o.output === undefined ? 'variance' : requireOneOf('output', o.output, ['variance', 'volatility']);
  requireBounds(parameters, o.lower, o.upper);

  const tree = parseExpression(expression);
  requireKnownNames(expression, tree, parameters);
  const value = tree.compile();
  const slopes = parameters.map((name) => differentiate(expression, tree, name).compile());
  const scope: Record<string, number> = {};
  const enter = (p: ArrayLike<number>, k: number): void => {
    if (p.length !== parameters.length) throw new InputError('p', p, `${parameters.length} numbers`);
    for (let i = 0; i < parameters.length; i++) scope[parameters[i]!] = p[i]!;
    scope['k'] = k;
  };
  const evaluate = (compiled: EvalFunction): number => {
    const result: unknown = compiled.evaluate(scope);
    // A root or logarithm out of its domain gives a complex number: not a value of the smile.
    return typeof result === 'number' ? result : NaN;
  };
  return {
    parameters: [...parameters],
    lower: o.lower && [...o.lower],
    upper: o.upper && [...o.upper],
    output,
    value(p, k) {
      enter(p, k);
      return evaluate(value);
    },
    gradient(p, k) {
      enter(p, k);
      return slopes.map(evaluate);
    },
  };
}

function parseExpression(expression: string): MathNode {
  try {
    return parse(expression);
  } catch (error) {
    throw new InputError(
      'expression',
      expression,
      `a formula (${error instanceof Error ? error.message : 'unreadable'})`,
    );
  }
}

function differentiate(expression: string, tree: MathNode, name: string): MathNode {
  try {
    return derivative(tree, name);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'no derivative';
    throw new InputError('expression', expression, `differentiable in ${name} (${why})`);
  }
}

function requireParameterNames(parameters: unknown): void {
  const names = requireArray('parameters', parameters);
  if (names.length === 0) throw new InputError('parameters', parameters, 'at least one name');
  for (const name of names) {
    if (typeof name !== 'string' || !/^[A-Za-z_]\w*$/.test(name) || name === 'k' || constants.has(name)) {
      throw new InputError('parameters', name, 'a name other than k and the constants pi, e, tau');
    }
  }
  if (new Set(names).size !== names.length) throw new InputError('parameters', names, 'names that differ');
}

function requireBounds(parameters: string[], lower: number[] | undefined, upper: number[] | undefined): void {
  for (const [field, bounds] of [
    ['lower', lower],
    ['upper', upper],
  ] as const) {
    if (bounds === undefined) continue;
    if (
      requireArray(field, bounds).length !== parameters.length ||
      bounds.some((x) => typeof x !== 'number' || isNaN(x))
    ) {
      throw new InputError(field, bounds, `${parameters.length} numbers`);
    }
  }
  const crossed = lower?.findIndex((x, i) => upper !== undefined && x > upper[i]!) ?? -1;
  if (crossed >= 0)
    throw new InputError('lower', lower?.[crossed], `at most the upper bound of ${parameters[crossed]!}`);
}

function requireKnownNames(expression: string, tree: MathNode, parameters: string[]): void {
  const known = new Set([...parameters, 'k', ...constants]);
  tree.traverse((node, path, parent) => {
    // The root has no parent, whatever the types say.
    const isFunctionName = (parent as MathNode | null)?.type === 'FunctionNode' && path === 'fn';
    if (node.type !== 'SymbolNode' || isFunctionName) return;
    const name = node.toString();
    if (!known.has(name))
      throw new InputError('expression', expression, `a formula in k and the parameters, without ${name}`);
  });
}
