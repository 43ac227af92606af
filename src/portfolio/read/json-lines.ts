/**
 * Where in a JSON text a value begins: the line of every path, for messages about a file that a person has to mend. The text is
 * parsed by JSON.parse; it is scanned here only once something is wrong with it. RFC 8259.
 */

export interface JsonPlaces {
  /** The line, from 1, on which the value of a path begins ('result.3.size'); of the longest part of it that is there. */
  lineOf: (path: string) => number;
  /** The line where the text stops being JSON, and what stands there; undefined for JSON. */
  fault: { line: number; found: string } | undefined;
}

interface Container {
  path: string;
  isArray: boolean;
  /** Of the element that is read now. */
  index: number;
  key: string;
}

const TOKEN =
  /[ \t\n\r]*(?:("(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([{}[\],:]))/uy;

/** Values further inside have the line of what they are in. */
const DEEPEST = 8;

/** What may come next: a value, a key, what closes the container, or what follows a value. */
type Expected = 'value' | 'value-or-close' | 'key' | 'key-or-close' | 'colon' | 'separator';

/** Scans a text once. */
export function jsonPlaces(text: string): JsonPlaces {
  const lines = new Map<string, number>();
  const stack: Container[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let counted = 0;
  let line = 1;
  let expected: Expected = 'value';

  const lineAt = (offset: number): number => {
    for (; counted < offset; counted++) if (text[counted] === '\n') line++;
    return line;
  };
  const isDone = (): boolean => stack.length === 0 && expected === 'separator';
  const step = (): boolean => {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) return false;
    const [whole, string, literal, punctuation] = match;
    const start = at + whole.length - (string ?? literal ?? punctuation ?? '').length;
    const top = stack[stack.length - 1];
    const isValue = literal !== undefined || punctuation === '{' || punctuation === '[' || string !== undefined;
    if (string !== undefined && top !== undefined && (expected === 'key' || expected === 'key-or-close')) {
      top.key = JSON.parse(string) as string;
      expected = 'colon';
    } else if (isValue && (expected === 'value' || expected === 'value-or-close')) {
      const isDeep = stack.length > DEEPEST;
      const path = top === undefined ? '' : isDeep ? top.path : pathOf(top);
      if (!isDeep) lines.set(path, lineAt(start));
      expected = 'separator';
      if (punctuation !== undefined) {
        const isArray = punctuation === '[';
        stack.push({ path, isArray, index: 0, key: '' });
        expected = isArray ? 'value-or-close' : 'key-or-close';
      }
    } else if (punctuation === ':' && expected === 'colon') expected = 'value';
    else if (punctuation === ',' && expected === 'separator' && top !== undefined) {
      top.index++;
      expected = top.isArray ? 'value' : 'key';
    } else if (top !== undefined && punctuation === (top.isArray ? ']' : '}')) {
      if (expected !== 'separator' && !expected.endsWith('close')) return false;
      stack.pop();
      expected = 'separator';
    } else return false;
    at += whole.length;
    return true;
  };

  while (!isDone() && step());
  const rest = /\S/.exec(text.slice(at));
  const fault =
    isDone() && rest === null
      ? undefined
      : { line: lineAt(at + (rest?.index ?? text.length - at)), found: foundAt(text, at + (rest?.index ?? Infinity)) };
  return {
    fault,
    lineOf(path) {
      for (let known = path; known !== ''; known = known.slice(0, Math.max(0, known.lastIndexOf('.')))) {
        const place = lines.get(known);
        if (place !== undefined) return place;
      }
      return lines.get('') ?? 1;
    },
  };
}

function pathOf({ path, isArray, index, key }: Container): string {
  const name = isArray ? String(index) : key;
  return path === '' ? name : `${path}.${name}`;
}

function foundAt(text: string, at: number): string {
  return at >= text.length ? 'the end of the text' : `'${text.slice(at, at + 12).split('\n', 1)[0]!}'`;
}
