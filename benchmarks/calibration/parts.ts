/** Where the time of an SVI slice goes: its stages by themselves, over the slices that one search settles. */
import type { SliceInput } from '../../src/market/slice.js';
import { fitQuotes, quotePool } from '../../src/volatility/calibration/quotes.js';
import type { FitQuotes } from '../../src/volatility/calibration/quotes.js';
import { emptyBox, sviBox } from '../../src/volatility/calibration/svi-box.js';
import type { SviBox } from '../../src/volatility/calibration/svi-box.js';
import { lineariseSvi, sviNormal } from '../../src/volatility/calibration/svi-objective.js';
import type { SviNormal } from '../../src/volatility/calibration/svi-objective.js';
import { descendProfile, profileCost, stepProfile, takeProblem } from '../../src/volatility/calibration/svi-profile.js';
import { firstLinearQuotes, setStart } from '../../src/volatility/calibration/svi-projection.js';
import { sviReport } from '../../src/volatility/calibration/svi-report.js';
import { sviSearch } from '../../src/volatility/calibration/svi-search.js';
import type { SviSearch } from '../../src/volatility/calibration/svi-search.js';
import { calibrateSvi } from '../../src/volatility/calibration/svi.js';
import { microsecondsOfEach, quantile } from './measure.js';

const PLACES = [0.05, 0.25, 0.4, 0.55, 0.75, 0.95];
const RATIO = 0.15;

interface Stages {
  slice: SliceInput;
  quotes: FitQuotes;
  box: SviBox;
  linear: SviNormal;
  /** The best of the grid, where the descent ended, and the point after the step. */
  start: Float64Array;
  near: Float64Array;
  last: Float64Array;
  found: SviSearch;
  normal: SviNormal;
}

export interface PartTime {
  part: string;
  median: number;
}

/** Medians over the slices whose fit is inside all bounds after one search; how many of the slices these are. */
export function sviParts(slices: readonly SliceInput[]): { share: number; parts: PartTime[] } {
  const cases = slices.flatMap((slice) => {
    const fit = calibrateSvi(slice);
    return fit.ok && fit.diagnostics.starts === 1 && fit.diagnostics.atBound.length === 0 ? [stages(slice)] : [];
  });
  const pool = quotePool(64);
  const box = emptyBox();
  const x = new Float64Array(5);
  const linear = sviNormal(64);
  const work = { here: sviNormal(64), there: sviNormal(64) };
  const runs: [string, (one: Stages) => unknown][] = [
    ['the whole call', ({ slice }) => calibrateSvi(slice)],
    [
      'validation: quotes checked and copied, box of the search',
      ({ slice }) => sviBox(fitQuotes(slice, {}, pool), box),
    ],
    [
      'start: linear problem and grid of six',
      (one) => {
        startOf(one, linear, x);
      },
    ],
    [
      'descent: Newton on the profile of the linear problem',
      (one) => (
        x.set(one.start),
        takeProblem(one.quotes, one.linear),
        descendProfile(one.quotes, one.linear, one.box, x)
      ),
    ],
    [
      'one Newton step on the problem of the volatilities',
      (one) => (x.set(one.near), lineariseSvi(one.quotes, x, linear) && stepProfile(one.quotes, linear, one.box, x)),
    ],
    ['search that confirms the minimum', (one) => (x.set(one.last), sviSearch(one.quotes, one.box, x, 0, work))],
    [
      'report: residuals, covariance, intervals, condition, weak direction',
      (one) => sviReport(one.slice, {}, one.quotes, one.box, one.normal, one.found, 1, true),
    ],
  ];
  const parts = runs.map(([part, run]) => ({ part, median: quantile(microsecondsOfEach(cases, run, 20), 0.5) }));
  return { share: cases.length / slices.length, parts };
}

/** What every stage begins with. */
function stages(slice: SliceInput): Stages {
  const quotes = fitQuotes(slice, {});
  const box = sviBox(quotes);
  const linear = sviNormal(quotes.count);
  const start = new Float64Array(5);
  startOf({ quotes, box }, linear, start);
  const near = start.slice();
  descendProfile(quotes, linear, box, near);
  const last = near.slice();
  const around = sviNormal(quotes.count);
  if (lineariseSvi(quotes, last, around)) stepProfile(quotes, around, box, last);
  const work = { here: sviNormal(quotes.count), there: sviNormal(quotes.count) };
  const found = sviSearch(quotes, box, last.slice(), 0, work);
  return { slice, quotes, box, linear, start, near, last, found, normal: work.here };
}

function startOf({ quotes, box }: Pick<Stages, 'quotes' | 'box'>, linear: SviNormal, x: Float64Array): void {
  firstLinearQuotes(quotes, linear);
  takeProblem(quotes, linear);
  let least = Infinity;
  let best = PLACES[0]!;
  for (const place of PLACES) {
    setStart(box, place, RATIO, x);
    const cost = profileCost(quotes, linear, box, x[3]!, x[4]!);
    if (cost < least) {
      least = cost;
      best = place;
    }
  }
  setStart(box, best, RATIO, x);
}
