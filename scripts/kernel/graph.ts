/**
 * Formulas as graphs of vector operations: the functions of src/pricing/batch/formulas, which know no branches and no loops, are
 * followed statement by statement with symbols for their arguments; calls are followed too. Equal operations are one node.
 *
 * What a formula may hold: const and let, arithmetic, comparisons, && and ||, the conditional operator (both sides are computed), assignments,
 * Math.sqrt, Math.abs and Math.fround, the functions of lanes.ts, calls of other formulas, elements of arrays at constant places.
 * Anything else is an error that names the line.
 */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

export type Operation =
  | 'input'
  | 'constant'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'neg'
  | 'sqrt'
  | 'abs'
  | 'fround'
  | 'powerOfTwo'
  | 'exponentGap'
  | 'areModerate'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'eq'
  | 'ne'
  | 'and'
  | 'or'
  | 'same'
  | 'min'
  | 'max'
  | 'negateWhere'
  | 'select';

export interface Node {
  /** In order of creation, so every operand comes before. */
  id: number;
  operation: Operation;
  operands: readonly Node[];
  /** Of a constant. */
  value: number;
  /** Of an input. */
  name: string;
  /** The same in all lanes and rows: made of constants and of inputs that are. */
  isUniform: boolean;
}

/** An array in a formula: what was last assigned to its elements. */
type Elements = Map<number, Node>;
type Symbol = Node | Elements;

export interface Graph {
  input(name: string, isUniform: boolean): Node;
  /** Follows a formula and returns its value; array arguments collect results. */
  call(formula: string, symbols: readonly Symbol[]): Node | undefined;
  /** What stands outside the formulas: a sum. */
  sum(a: Node, b: Node): Node;
  nodes: readonly Node[];
}

const BINARY = new Map<ts.SyntaxKind, Operation>([
  [ts.SyntaxKind.PlusToken, 'add'],
  [ts.SyntaxKind.MinusToken, 'sub'],
  [ts.SyntaxKind.AsteriskToken, 'mul'],
  [ts.SyntaxKind.SlashToken, 'div'],
  [ts.SyntaxKind.LessThanToken, 'lt'],
  [ts.SyntaxKind.LessThanEqualsToken, 'le'],
  [ts.SyntaxKind.GreaterThanToken, 'gt'],
  [ts.SyntaxKind.GreaterThanEqualsToken, 'ge'],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, 'eq'],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, 'ne'],
  [ts.SyntaxKind.AmpersandAmpersandToken, 'and'],
  [ts.SyntaxKind.BarBarToken, 'or'],
]);
const MASKS = new Set<Operation>(['areModerate', 'lt', 'le', 'gt', 'ge', 'eq', 'ne', 'and', 'or', 'same']);
const INTRINSICS = new Map<string, Operation>([
  ['Math.sqrt', 'sqrt'],
  ['Math.abs', 'abs'],
  ['Math.fround', 'fround'],
  ['powerOfTwo', 'powerOfTwo'],
  ['exponentGap', 'exponentGap'],
  ['areModerate', 'areModerate'],
]);

export function isMask(node: Node): boolean {
  return MASKS.has(node.operation);
}

/** The formulas of the given sources, ready to be followed. Names are unique among them. */
export function readFormulas(paths: readonly string[]): () => Graph {
  const formulas = new Map<string, ts.FunctionDeclaration>();
  const globals = new Map<string, ts.Expression>();
  for (const path of paths) {
    const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true);
    for (const statement of source.statements) {
      if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) {
        formulas.set(statement.name.text, statement);
      }
      if (!ts.isVariableStatement(statement)) continue;
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (ts.isIdentifier(name) && initializer !== undefined) globals.set(name.text, initializer);
      }
    }
  }
  return () => createGraph(formulas, globals);
}

function fail(at: ts.Node, problem: string): never {
  const file = at.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(at.getStart());
  throw new Error(`${file.fileName}:${line + 1}: ${problem}: ${at.getText()}`);
}

function createGraph(
  formulas: ReadonlyMap<string, ts.FunctionDeclaration>,
  globals: ReadonlyMap<string, ts.Expression>,
): Graph {
  const nodes: Node[] = [];
  const known = new Map<string, Node>();
  const globalSymbols = new Map<string, Symbol>();

  function make(operation: Operation, operands: readonly Node[], value = 0, name = '', isUniform = true): Node {
    const text = Object.is(value, -0) ? '-0' : String(value);
    const key = `${operation} ${operands.map(({ id }) => id).join(' ')} ${text} ${name}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const uniform = isUniform && operands.every((operand) => operand.isUniform);
    const node: Node = { id: nodes.length, operation, operands, value, name, isUniform: uniform };
    nodes.push(node);
    known.set(key, node);
    return node;
  }

  const constant = (value: number): Node => make('constant', [], value);

  function apply(operation: Operation, operands: readonly Node[]): Node {
    const [a, b] = operands;
    if (operation === 'neg' && a!.operation === 'constant') return constant(-a!.value);
    if (b !== undefined && a!.operation === 'constant' && b.operation === 'constant') {
      if (operation === 'add') return constant(a!.value + b.value);
      if (operation === 'sub') return constant(a!.value - b.value);
      if (operation === 'mul') return constant(a!.value * b.value);
      if (operation === 'div') return constant(a!.value / b.value);
    }
    // Exact for every number, so that a leading coefficient of 1 costs nothing.
    if (operation === 'mul' && a!.operation === 'constant' && a!.value === 1) return b!;
    if (operation === 'eq' && isMask(a!) && isMask(b!)) return make('same', operands);
    return make(operation, operands);
  }

  /** The smaller, the larger and the negative have instructions of their own. */
  function choose(mask: Node, yes: Node, no: Node): Node {
    if (yes === no) return yes;
    const [a, b] = mask.operands;
    if (mask.operation === 'lt' && yes === a && no === b) return make('min', [b, a]);
    if (mask.operation === 'gt' && yes === a && no === b) return make('max', [b, a]);
    if (yes.operation === 'neg' && yes.operands[0] === no) return make('negateWhere', [mask, no]);
    return make('select', [mask, yes, no]);
  }

  function global(at: ts.Identifier): Symbol {
    const { text } = at;
    const found = globalSymbols.get(text);
    if (found !== undefined) return found;
    const initializer = globals.get(text);
    if (initializer === undefined) return fail(at, 'unknown name');
    const symbol: Symbol = ts.isNewExpression(initializer) ? new Map<number, Node>() : evaluate(initializer, new Map());
    globalSymbols.set(text, symbol);
    return symbol;
  }

  function lookUp(at: ts.Expression, scope: Map<string, Symbol>): Symbol {
    if (!ts.isIdentifier(at)) return fail(at, 'not a name');
    return scope.get(at.text) ?? global(at);
  }

  function element(at: ts.ElementAccessExpression, scope: Map<string, Symbol>): [Elements, number] {
    const array = lookUp(at.expression, scope);
    const place = evaluate(at.argumentExpression, scope);
    if (!(array instanceof Map) || place.operation !== 'constant')
      return fail(at, 'not an element at a constant place');
    return [array, place.value];
  }

  function evaluate(at: ts.Expression, scope: Map<string, Symbol>): Node {
    if (ts.isParenthesizedExpression(at) || ts.isNonNullExpression(at)) return evaluate(at.expression, scope);
    if (ts.isNumericLiteral(at)) return constant(Number(at.text));
    if (ts.isIdentifier(at)) {
      const symbol = lookUp(at, scope);
      return symbol instanceof Map ? fail(at, 'an array is no value') : symbol;
    }
    if (ts.isPrefixUnaryExpression(at) && at.operator === ts.SyntaxKind.MinusToken) {
      return apply('neg', [evaluate(at.operand, scope)]);
    }
    if (ts.isBinaryExpression(at)) {
      const operation = BINARY.get(at.operatorToken.kind);
      if (operation === undefined) return fail(at, 'not an operation of a formula');
      return apply(operation, [evaluate(at.left, scope), evaluate(at.right, scope)]);
    }
    if (ts.isConditionalExpression(at)) {
      const [mask, yes, no] = [at.condition, at.whenTrue, at.whenFalse].map((part) => evaluate(part, scope));
      if (!isMask(mask!)) return fail(at.condition, 'not a comparison');
      return choose(mask!, yes!, no!);
    }
    if (ts.isElementAccessExpression(at)) {
      const [array, place] = element(at, scope);
      return array.get(place) ?? fail(at, 'read before it is assigned');
    }
    if (ts.isCallExpression(at)) return called(at, scope) ?? fail(at, 'has no value');
    return fail(at, 'not part of a formula');
  }

  function called(at: ts.CallExpression, scope: Map<string, Symbol>): Node | undefined {
    const name = at.expression.getText();
    const intrinsic = INTRINSICS.get(name);
    if (intrinsic !== undefined)
      return apply(
        intrinsic,
        at.arguments.map((argument) => evaluate(argument, scope)),
      );
    const symbols = at.arguments.map((argument) => {
      const symbol = ts.isIdentifier(argument) ? lookUp(argument, scope) : undefined;
      return symbol instanceof Map ? symbol : evaluate(argument, scope);
    });
    return formulas.has(name) ? call(name, symbols) : fail(at, 'unknown function');
  }

  function call(formula: string, symbols: readonly Symbol[]): Node | undefined {
    const declaration = formulas.get(formula);
    if (declaration?.body === undefined) throw new Error(`there is no formula ${formula}`);
    if (declaration.parameters.length !== symbols.length) throw new Error(`${formula} has other arguments`);
    const scope = new Map(declaration.parameters.map(({ name }, i) => [name.getText(), symbols[i]!]));
    for (const statement of declaration.body.statements) {
      if (ts.isReturnStatement(statement)) {
        return statement.expression === undefined ? undefined : evaluate(statement.expression, scope);
      }
      follow(statement, scope);
    }
    return undefined;
  }

  function follow(statement: ts.Statement, scope: Map<string, Symbol>): void {
    if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (initializer === undefined) fail(statement, 'without a value');
        scope.set(name.getText(), evaluate(initializer, scope));
      }
      return;
    }
    if (!ts.isExpressionStatement(statement)) fail(statement, 'not a statement of a formula');
    const { expression } = statement;
    if (ts.isCallExpression(expression)) {
      called(expression, scope);
      return;
    }
    if (!ts.isBinaryExpression(expression) || expression.operatorToken.kind !== ts.SyntaxKind.EqualsToken) {
      fail(statement, 'not an assignment');
    }
    const value = evaluate(expression.right, scope);
    if (ts.isElementAccessExpression(expression.left)) {
      const [array, place] = element(expression.left, scope);
      array.set(place, value);
    } else {
      scope.set(expression.left.getText(), value);
    }
  }

  return {
    nodes,
    call,
    sum: (a, b) => apply('add', [a, b]),
    input: (name, isUniform) => make('input', [], 0, name, isUniform),
  };
}
