/**
 * AssemblyScript text for a loop over rows: the operations of a graph as f64x2 instructions on several vectors at a time, whose
 * chains of dependent operations then overlap.
 *
 * Constants lie in a table in memory and are loaded where they are used, for V8 needs several instructions for a vector constant.
 * V8 keeps loads in the order of the text and everything else as late as it can, so an operation whose result is needed late comes
 * late: else its constants are loaded early and spilled. What is the same in all rows is computed before the loop.
 */
import type { Node, Operation } from './graph.js';

const MNEMONICS: Partial<Record<Operation, string>> = {
  add: 'f64x2.add',
  sub: 'f64x2.sub',
  mul: 'f64x2.mul',
  div: 'f64x2.div',
  sqrt: 'f64x2.sqrt',
  // min(a, b) is b < a ? b : a, and max(a, b) is a < b ? b : a.
  min: 'f64x2.pmin',
  max: 'f64x2.pmax',
  lt: 'f64x2.lt',
  le: 'f64x2.le',
  gt: 'f64x2.gt',
  ge: 'f64x2.ge',
  eq: 'f64x2.eq',
  ne: 'f64x2.ne',
  and: 'v128.and',
  or: 'v128.or',
};

/** Cycles from an operation to its result, where it is not one or two. */
const LATENCIES: Partial<Record<Operation, number>> = {
  constant: 0,
  input: 5,
  add: 3,
  sub: 3,
  mul: 3,
  select: 3,
  powerOfTwo: 5,
  exponentGap: 6,
  fround: 8,
  div: 13,
  sqrt: 21,
};

/** Nodes by the cycles from their begin to the end of the last that needs them, the most first: operands before what they enter. */
function byUrgency(needed: ReadonlySet<Node>): Node[] {
  const cycles = new Map<Node, number>();
  const backwards = [...needed].sort((a, b) => b.id - a.id);
  for (const node of backwards) {
    const all = (cycles.get(node) ?? 0) + (LATENCIES[node.operation] ?? 2);
    cycles.set(node, all);
    for (const operand of node.operands) cycles.set(operand, Math.max(cycles.get(operand) ?? 0, all));
  }
  return backwards.sort((a, b) => cycles.get(b)! - cycles.get(a)! || a.id - b.id);
}

/** Doubles for vector constants, each once. */
export interface ConstantTable {
  place(value: number): number;
  values: readonly number[];
}

export function createConstantTable(): ConstantTable {
  const values: number[] = [];
  return {
    values,
    place(value) {
      const found = values.findIndex((other) => Object.is(other, value));
      return found >= 0 ? found : values.push(value) - 1;
    },
  };
}

/** A part of the loop's body: what it stores, and the text that stores it. A condition holds for this and all further stages. */
export interface Stage {
  condition?: string;
  stores: { nodes: readonly Node[]; text: (locals: readonly string[], copy: number) => string }[];
}

export interface Loop {
  /** Text that gives an input, by name and copy; of a uniform input copy is 0. */
  inputs: ReadonlyMap<string, (copy: number) => string>;
  /** Vectors of two rows at a time. */
  copies: number;
  stages: readonly Stage[];
}

/** 3 x 2^51, whose sum with a whole number holds that number in its low bits. */
const ROUND = 6755399441055744;

/** The double whose bits are 0xF000000000000000. */
const HIGH_BITS = -(2 ** 769);

/** Statements to stand before the loop, and in it. */
export function emitLoop({ inputs, copies, stages }: Loop, table: ConstantTable): { before: string; body: string } {
  const before: string[] = [];
  const done = new Set<Node>();
  let temporaries = 0;

  const local = (node: Node, copy: number): string => (node.isUniform ? `u${node.id}` : `v${node.id}_${copy}`);
  const load = (value: number): string => `v128.load64_splat(CONSTANTS + ${8 * table.place(value)})`;

  /** Constants of an operation, loaded once for all copies. */
  function operands(node: Node, lines: string[]): ((copy: number) => string)[] {
    return node.operands.map((operand) => {
      if (operand.operation !== 'constant') return (copy) => local(operand, copy);
      const name = `c${temporaries++}`;
      lines.push(`const ${name} = ${load(operand.value)};`);
      return () => name;
    });
  }

  function constant(value: number, lines: string[]): string {
    const name = `c${temporaries++}`;
    lines.push(`const ${name} = ${load(value)};`);
    return name;
  }

  function emit(node: Node, lines: string[]): void {
    const count = node.isUniform ? 1 : copies;
    const assign = (text: (copy: number) => string): void => {
      for (let copy = 0; copy < count; copy++) lines.push(`const ${local(node, copy)} = ${text(copy)};`);
    };
    const [a, b, c] = operands(node, lines);
    switch (node.operation) {
      case 'constant':
        return;
      case 'input':
        assign(inputs.get(node.name)!);
        return;
      case 'select':
        assign((copy) => `v128.bitselect(${b!(copy)}, ${c!(copy)}, ${a!(copy)})`);
        return;
      case 'same':
        assign((copy) => `v128.not(v128.xor(${a!(copy)}, ${b!(copy)}))`);
        return;
      case 'fround':
        assign((copy) => `f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(${a!(copy)}))`);
        return;
      // The sign bit from the table: V8 makes the masks of its own neg and abs anew each time.
      case 'neg':
      case 'abs': {
        const sign = constant(-0, lines);
        const operation = node.operation === 'neg' ? 'xor' : 'andnot';
        assign((copy) => `v128.${operation}(${a!(copy)}, ${sign})`);
        return;
      }
      case 'negateWhere': {
        const sign = constant(-0, lines);
        assign((copy) => `v128.xor(${b!(copy)}, v128.and(${a!(copy)}, ${sign}))`);
        return;
      }
      case 'areModerate': {
        // Exponents less that of 2^-128: all are below 256 where the bits above are 0.
        const least = constant(2 ** -128, lines);
        const high = constant(HIGH_BITS, lines);
        const zero = constant(0, lines);
        const shifted = (text: string): string => `i64x2.sub(${text}, ${least})`;
        assign(
          (copy) =>
            `i64x2.eq(v128.and(v128.or(v128.or(${shifted(a!(copy))}, ${shifted(b!(copy))}), ${shifted(c!(copy))}), ${high}), ${zero})`,
        );
        return;
      }
      case 'powerOfTwo': {
        const shift = constant(ROUND + 1023, lines);
        assign((copy) => `i64x2.shl(f64x2.add(${a!(copy)}, ${shift}), 52)`);
        return;
      }
      case 'exponentGap': {
        // The high words' difference plus 0x40080000, the high word of 3, which rounds it and makes it positive; its upper 12 bits become the low bits of 2^52.
        const round = constant(3, lines);
        const bits = constant(2 ** 52, lines);
        const bias = constant(2 ** 52 + 1024, lines);
        const gap = (copy: number): string => `i32x4.add(i32x4.sub(${a!(copy)}, ${b!(copy)}), ${round})`;
        assign((copy) => `f64x2.sub(v128.or(i64x2.shr_u(${gap(copy)}, 52), ${bits}), ${bias})`);
        return;
      }
      default: {
        const mnemonic = MNEMONICS[node.operation]!;
        assign(
          (copy) => `${mnemonic}(${[a, b].flatMap((text) => (text === undefined ? [] : [text(copy)])).join(', ')})`,
        );
      }
    }
  }

  /** Emits what nodes need. */
  function require(roots: readonly Node[], lines: string[]): void {
    const needed = new Set<Node>();
    const visit = (node: Node): void => {
      if (needed.has(node) || done.has(node)) return;
      needed.add(node);
      node.operands.forEach(visit);
    };
    roots.forEach(visit);
    for (const node of byUrgency(needed)) {
      emit(node, node.isUniform ? before : lines);
      done.add(node);
    }
  }

  const body: string[] = [];
  for (const { condition, stores } of stages) {
    const lines: string[] = [];
    const roots = stores.flatMap((store) => store.nodes);
    require(roots, lines);
    for (const { nodes: stored, text } of stores) {
      for (let copy = 0; copy < copies; copy++) {
        const names = stored.map((node) => (node.operation === 'constant' ? load(node.value) : local(node, copy)));
        lines.push(text(names, copy));
      }
    }
    body.push(...(condition === undefined ? lines : [`if (${condition}) {`, ...lines]));
  }
  for (const { condition } of stages) if (condition !== undefined) body.push('}');
  return { before: before.join('\n'), body: body.join('\n') };
}
