/**
 * The source of the kernel: for each model, once for a batch and once for a chain, a loop for price and Greeks and a loop that reads
 * the questions of implied volatility; the loops that answer them; all from the formulas of the scalar twin.
 */
import { GREEK_NAMES } from '../../src/pricing/batch/columns.js';
import { FRACTION, KIND, LOG_MONEYNESS } from '../../src/pricing/batch/formulas/black-implied.js';
import { createConstantTable, emitLoop, type ConstantTable, type Stage } from './emit.js';
import { readFormulas, type Graph, type Node } from './graph.js';

const FORMULAS = [
  'math/exponential.ts',
  'math/logarithm.ts',
  'math/tail-slope.ts',
  'pricing/implied-volatility-guess.ts',
  'pricing/bachelier-implied-volatility.ts',
  ...['places', 'elementary', 'black', 'black-implied', 'bachelier', 'inverse'].map(
    (name) => `pricing/batch/formulas/${name}.ts`,
  ),
].map((path) => `src/${path}`);

interface Model {
  name: string;
  isOrdinary: string;
  greeks: string;
  question: string;
  /** Spot models have a dividend yield, forward models a shift. */
  isSpot: boolean;
}

const models: Model[] = [
  {
    name: 'BlackScholes',
    isOrdinary: 'isOrdinary',
    greeks: 'blackScholesGreeks',
    question: 'blackScholesQuestion',
    isSpot: true,
  },
  {
    name: 'Black76',
    isOrdinary: 'isOrdinaryForward',
    greeks: 'black76Greeks',
    question: 'black76Question',
    isSpot: false,
  },
  {
    name: 'Bachelier',
    isOrdinary: 'isOrdinaryBachelier',
    greeks: 'bachelierGreeks',
    question: 'bachelierQuestion',
    isSpot: false,
  },
  {
    name: 'Inverse',
    isOrdinary: 'isOrdinaryForward',
    greeks: 'inverseGreeks',
    question: 'inverseQuestion',
    isSpot: false,
  },
];

/** Answers by kind of question: the loop's name, the formula and the list it goes through. */
const answers = [
  { name: 'answerLower', formula: 'lowerDeviation', kind: 1 },
  { name: 'answerMiddle', formula: 'middleDeviation', kind: 2 },
  { name: 'answerUpper', formula: 'upperDeviation', kind: 3 },
  { name: 'answerBachelier', formula: 'bachelierDeviation', kind: 1 },
];

/** Vectors of two rows that go through a loop side by side; more where it waits for one operation after another most. */
const COPIES = 2;
const ANSWER_COPIES = 4;

/** Greeks that come with the price at little cost: the stages of a loop end here. */
const FIRST_ORDER = 7;

const rowInputs = ['strike', 'volatility', 'marketPrice'];
const sharedInputs = ['spot', 'timeToExpiry', 'rate', 'dividendYield'];

const PARAMETERS =
  'scratch: usize, columns: usize, stride: usize, isCall: usize, status: usize, wanted: i32, shift: f64';
const CHAIN_PARAMETERS = 'spot: f64, timeToExpiry: f64, rate: f64, dividendYield: f64';

interface Form {
  isChain: boolean;
  suffix: string;
  parameters: string;
  greeksAt: number;
}

const forms: Form[] = [
  {
    isChain: false,
    suffix: '',
    parameters: PARAMETERS,
    greeksAt: rowInputs.length + sharedInputs.length,
  },
  {
    isChain: true,
    suffix: 'Chain',
    parameters: `${PARAMETERS}, ${CHAIN_PARAMETERS}`,
    greeksAt: rowInputs.length,
  },
];

/** Where a loop finds its inputs. */
function inputTexts(form: Form): Map<string, (copy: number) => string> {
  const texts = new Map<string, (copy: number) => string>();
  const column = (name: string, place: number): void => {
    texts.set(name, (copy) => `v128.load(at + ${place} * stride, ${16 * copy})`);
  };
  rowInputs.forEach(column);
  sharedInputs.forEach((name, i) => {
    if (form.isChain) texts.set(name, () => `f64x2.splat(${name})`);
    else column(name, rowInputs.length + i);
  });
  texts.set('omega', (copy) => `loadOmega(isCall + row, ${copy})`);
  texts.set('shift', () => 'f64x2.splat(shift)');
  return texts;
}

/** The arguments all formulas of a model have, shifted. */
function modelArguments(graph: Graph, model: Model, form: Form): Record<string, Node> {
  const input = (name: string): Node => graph.input(name, form.isChain && sharedInputs.includes(name));
  const shifted = (name: string): Node =>
    model.isSpot ? input(name) : graph.sum(input(name), graph.input('shift', true));
  return {
    omega: input('omega'),
    underlying: shifted('spot'),
    strike: shifted('strike'),
    timeToExpiry: input('timeToExpiry'),
    volatility: input('volatility'),
    marketPrice: input('marketPrice'),
    rate: input('rate'),
    dividendYield: input('dividendYield'),
  };
}

function evaluateLoop(createGraph: () => Graph, model: Model, form: Form, table: ConstantTable): string {
  const graph = createGraph();
  const { omega, underlying, strike, timeToExpiry, volatility, rate, dividendYield } = modelArguments(
    graph,
    model,
    form,
  );
  const contract = [underlying!, strike!, timeToExpiry!, volatility!, rate!, ...(model.isSpot ? [dividendYield!] : [])];
  const isOrdinary = graph.call(model.isOrdinary, contract)!;
  const results = new Map<number, Node>();
  graph.call(model.greeks, [results, omega!, ...contract]);
  const store = (place: number): Stage['stores'][number] => ({
    nodes: [results.get(place)!],
    text: ([local], copy) => `v128.store(to${place} + ((row << 3) & mask${place}), ${local!}, ${16 * copy});`,
  });
  const targets = GREEK_NAMES.map(
    (_, place) => `const mask${place} = maskOf(wanted, ${place});
const to${place} = targetOf(columns + ${form.greeksAt + place} * stride, mask${place}, scratch);`,
  );
  const places = GREEK_NAMES.map((_, place) => place);
  const { before, body } = emitLoop(
    {
      inputs: inputTexts(form),
      copies: COPIES,
      stages: [
        {
          stores: [
            { nodes: [isOrdinary], text: ([local], copy) => `storeStatus(status + row, ${copy}, ${local});` },
            store(0),
          ],
        },
        { condition: 'wanted >>> 1', stores: places.slice(1, FIRST_ORDER).map(store) },
        { condition: `wanted >>> ${FIRST_ORDER}`, stores: places.slice(FIRST_ORDER).map(store) },
      ],
    },
    table,
  );
  return `export function evaluate${model.name}${form.suffix}(first: i32, end: i32, ${form.parameters}): void {
${targets.join('\n')}
${before}
for (let row: usize = <usize>first; row < <usize>end; row += ${2 * COPIES}) {
const at = columns + (row << 3);
${body}
}
}`;
}

function questionLoop(createGraph: () => Graph, model: Model, form: Form, table: ConstantTable): string {
  const graph = createGraph();
  const { omega, underlying, strike, timeToExpiry, marketPrice, rate, dividendYield } = modelArguments(
    graph,
    model,
    form,
  );
  const results = new Map<number, Node>();
  graph.call(model.question, [
    results,
    omega!,
    underlying!,
    strike!,
    timeToExpiry!,
    marketPrice!,
    rate!,
    ...(model.isSpot ? [dividendYield!] : []),
  ]);
  const kind = results.get(KIND)!;
  const { before, body } = emitLoop(
    {
      inputs: inputTexts(form),
      copies: COPIES,
      stages: [
        {
          stores: [
            {
              nodes: [results.get(LOG_MONEYNESS)!],
              text: ([local], copy) => `v128.store(slot, ${local}, ${16 * copy});`,
            },
            {
              nodes: [results.get(FRACTION)!],
              text: ([local], copy) => `v128.store(slot, ${local}, SECOND + ${16 * copy});`,
            },
            {
              nodes: [kind],
              text: ([local], copy) =>
                `storeStatus(status + row, ${copy}, f64x2.gt(${local}, f64x2.splat(0))); appendRows(scratch, ${local}, slot + ${16 * copy});`,
            },
          ],
        },
      ],
    },
    table,
  );
  return `export function question${model.name}${form.suffix}(first: i32, end: i32, ${form.parameters}): void {
clearLists(scratch);
${before}
for (let row: usize = <usize>first; row < <usize>end; row += ${2 * COPIES}) {
const at = columns + (row << 3);
const slot = scratch + ((row - <usize>first) << 3);
${body}
}
}`;
}

function answerLoop(createGraph: () => Graph, answer: (typeof answers)[number], table: ConstantTable): string {
  const graph = createGraph();
  const value = graph.call(answer.formula, [graph.input('first', false), graph.input('second', false)])!;
  const list = (copy: number): string => `list + ${8 * copy}`;
  const { body } = emitLoop(
    {
      inputs: new Map([
        ['first', (copy) => `gatherFirst(${list(copy)})`],
        ['second', (copy) => `gatherSecond(${list(copy)})`],
      ]),
      copies: ANSWER_COPIES,
      stages: [{ stores: [{ nodes: [value], text: ([local], copy) => `scatterAnswer(${list(copy)}, ${local!});` }] }],
    },
    table,
  );
  return `export function ${answer.name}(scratch: usize): void {
const end = listOf(scratch, ${answer.kind}) + 4 * <usize>filledLength(scratch, ${answer.kind}, ${2 * ANSWER_COPIES});
for (let list = listOf(scratch, ${answer.kind}); list < end; list += ${8 * ANSWER_COPIES}) {
${body}
}
}`;
}

/** Answers of a block are standard deviations: over the root of time they are volatilities. */
function finishLoop(form: Form): string {
  const time = form.isChain ? 'f64x2.splat(timeToExpiry)' : `v128.load(at + ${rowInputs.length + 1} * stride)`;
  return `export function finish${form.suffix}(first: i32, end: i32, ${form.parameters}): void {
for (let row: usize = <usize>first; row < <usize>end; row += 2) {
const at = columns + (row << 3);
const answer = v128.load(scratch + ((row - <usize>first) << 3), ANSWER);
v128.store(at + ${form.greeksAt + GREEK_NAMES.length} * stride, f64x2.div(answer, f64x2.sqrt(${time})));
}
}`;
}

const HELPERS = [
  'ANSWER',
  'SECOND',
  'appendRows',
  'clearLists',
  'filledLength',
  'gatherFirst',
  'gatherSecond',
  'listOf',
  'loadOmega',
  'maskOf',
  'scatterAnswer',
  'storeStatus',
  'targetOf',
];

/** The whole module, in AssemblyScript. */
export function kernelSource(): string {
  const createGraph = readFormulas(FORMULAS);
  const table = createConstantTable();
  const loops = [
    ...models.flatMap((model) =>
      forms.flatMap((form) => [
        evaluateLoop(createGraph, model, form, table),
        questionLoop(createGraph, model, form, table),
      ]),
    ),
    ...answers.map((answer) => answerLoop(createGraph, answer, table)),
    ...forms.map(finishLoop),
  ];
  return [
    `import { ${HELPERS.join(', ')} } from './rows';`,
    `const CONSTANTS: usize = memory.data<f64>([${table.values.map(literal).join(', ')}]);`,
    ...loops,
    '',
  ].join('\n');
}

/** A double as AssemblyScript writes it: a whole number needs its point. */
function literal(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
