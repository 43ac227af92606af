/**
 * What the engines allocate, by the heap profiler, printed as JSON: bytes a call beside the limit of each. Run by the test of the same
 * name in a process of its own, where modules are what they are in use: vitest makes a property of every import.
 */
import { Session } from 'node:inspector/promises';
import { american, type AmericanOption } from '../../src/pricing/american.js';
import { americanRows } from '../../src/pricing/american/rows.js';

const put: AmericanOption = {
  type: 'put',
  spot: 95,
  strike: 100,
  timeToExpiry: 1,
  volatility: 0.25,
  rate: 0.05,
  dividendYield: 0.02,
};
/** Bytes a call that are allowed. Numbers boxed at each node would be 8, 35 and 300 kilobytes of collocation, 3 megabytes of differences. */
const LIMITS = {
  fast: 5000,
  default: 6000,
  accurate: 9000,
  twoEdges: 15_000,
  greeks: 9000,
  /** Of a hundred rows. */
  ladder: 200_000,
  differences: 400_000,
};

let calls = 0;
/** Never the edges of the call before. */
const moved = (option = put): AmericanOption => ({
  ...option,
  volatility: option.volatility * (1 + 1e-9 * (calls = (calls + 1) % 1000)),
});

interface ProfileNode {
  selfSize: number;
  children: ProfileNode[];
}

function sizeOf({ selfSize, children }: ProfileNode): number {
  return children.reduce((sum, child) => sum + sizeOf(child), selfSize);
}

/** Bytes a call, those collected in between too. Numbers are on the heap until the compiler has seen enough: the least of some rounds. */
async function bytesPerCall(call: () => unknown, repeats: number, enough: number): Promise<number> {
  const session = new Session();
  session.connect();
  let least = Infinity;
  for (let round = 0; round < 12 && least > enough; round++) {
    for (let i = 0; i < 3 * repeats; i++) call();
    await session.post('HeapProfiler.startSampling', {
      samplingInterval: 256,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    } as object);
    for (let i = 0; i < repeats; i++) call();
    const { profile } = await session.post('HeapProfiler.stopSampling');
    least = Math.min(least, sizeOf(profile.head) / repeats);
  }
  session.disconnect();
  return least;
}

const length = 100;
const filled = (value: number): Float64Array => new Float64Array(length).fill(value);
const input = {
  isCall: new Uint8Array(length),
  spot: Float64Array.from({ length }, (_, i) => 85 + 0.3 * i),
  strike: filled(100),
  timeToExpiry: filled(1),
  volatility: filled(0.25),
  rate: filled(0.05),
  dividendYield: filled(0.02),
};
const output = { price: new Float64Array(length), status: new Uint8Array(length) };
const negative = { ...put, rate: -0.02, dividendYield: -0.05 };
const paying = { ...put, dividends: [{ timeToExDate: 0.4, amount: 2 }], dividendModel: 'spot' } as const;

const measured: [name: keyof typeof LIMITS, repeats: number, call: () => unknown][] = [
  ['fast', 1000, () => american.price(moved(), 'fast')],
  ['default', 500, () => american.price(moved())],
  ['accurate', 50, () => american.price(moved(), 'accurate')],
  ['twoEdges', 50, () => american.price(moved(negative), 'fast')],
  ['greeks', 500, () => american.greeks(moved(), 'fast')],
  [
    'ladder',
    50,
    () => {
      americanRows(input, output, 0, length, 'default');
    },
  ],
  ['differences', 5, () => american.price(paying, 'fast')],
];
const found: Record<string, { bytes: number; limit: number }> = {};
for (const [name, repeats, call] of measured) {
  const limit = LIMITS[name];
  found[name] = { bytes: Math.round(await bytesPerCall(call, repeats, limit)), limit };
}
console.log(JSON.stringify(found));
