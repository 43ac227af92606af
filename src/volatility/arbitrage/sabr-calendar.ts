/**
 * Two slices of which one is SABR, or both: w_2 >= w_1 on a stated interval of log-moneyness by interval arithmetic, or a stretch where
 * it fails with the spread that collects. Beyond the interval nothing is said.
 */
import type { Interval } from '../../math/interval.js';
import { interval, subtract, wholeLine } from '../../math/interval.js';
import type { IntervalSeries } from '../../math/interval-series.js';
import { subtractSeries, taylorForm } from '../../math/interval-series.js';
import type { SabrParameters, SmileParameters } from '../smile/parameters.js';
import type { Certificate } from './certificate.js';
import type { HyperbolicSlice } from './hyperbola.js';
import type { Enclosure } from './interval-search.js';
import { certifyOnInterval, negativeStretch } from './interval-search.js';
import { enclosedHyperbola, hyperbolaVariance } from './mixture-enclosure.js';
import { isSabrRecord, requireHyperbolic } from './requirements.js';
import { requireSabrSlice } from './sabr-certificate.js';
import { sabrVariance } from './sabr-enclosure.js';
import { calendarTrade, noTrade } from './trade.js';

/**
 * The certificate of the pair on [from, to]; the margin of a proof is a lower bound of w_2 - w_1 there. 'undecided' where the boxes run
 * out, as they do where the two touch, and where a shift makes k another thing for one slice than for the other.
 */
export function certifySabrCalendar(
  earlier: SmileParameters,
  later: SmileParameters,
  domain: [number, number],
): Certificate {
  const slices = [earlier, later].map(requireSlice) as [
    SabrParameters | HyperbolicSlice,
    SabrParameters | HyperbolicSlice,
  ];
  const base = { kind: 'calendar' as const, domain, method: 'interval' as const, parameters: [...slices] };
  const enclosure = gapEnclosure(...slices, 2);
  if (enclosure === undefined) return { ...base, verdict: 'undecided' };
  const search = certifyOnInterval(enclosure, domain);
  if (search.verdict === 'proved') return { ...base, verdict: 'proved', margin: search.lowest };
  if (search.verdict === 'undecided') return { ...base, verdict: 'undecided' };
  const gap = middleOf(enclosure);
  const { worst, stretch } = negativeStretch(enclosure, domain, search.k, gap);
  // The strike, a rounded exponential, has to lie in the stretch as well.
  const room = 4 * Number.EPSILON * (1 + Math.abs(worst));
  const k = Math.min(stretch[1] - room, Math.max(stretch[0] + room, worst));
  const spread =
    stretch[1] - stretch[0] > 2 * room
      ? calendarTrade(k, (x) => ({ later: varianceAt(slices[1])(x), excess: -gap(x) }))
      : noTrade;
  const witness = { k: worst, value: gap(worst), interval: stretch, ...spread };
  return { ...base, verdict: 'refuted', margin: witness.value, witness };
}

function requireSlice(p: SmileParameters): SabrParameters | HyperbolicSlice {
  return isSabrRecord(p) ? requireSabrSlice(p) : requireHyperbolic(p);
}

/** w_2 - w_1 over a box of k; undefined where k is not the same log-moneyness for both. */
export function gapEnclosure(
  earlier: SabrParameters | HyperbolicSlice,
  later: SabrParameters | HyperbolicSlice,
  order: 1 | 2,
): Enclosure | undefined {
  const frames = [earlier, later].map((p) => (isSabrRecord(p) && (p.shift ?? 0) !== 0 ? p.shift! / p.forward : 0));
  if (frames[0] !== frames[1]) return undefined;
  const [first, second] = [varianceSeries(earlier), varianceSeries(later)];
  const at = (box: Interval): IntervalSeries | undefined => {
    const [w1, w2] = [first(box), second(box)];
    return w1 === undefined || w2 === undefined ? undefined : subtractSeries(w2, w1);
  };
  return (box) => {
    const over = at(box);
    if (over === undefined || box.lower === box.upper) return over?.[0] ?? wholeLine;
    const middle = interval(0.5 * (box.lower + box.upper));
    const thin = at(middle);
    return thin === undefined ? wholeLine : taylorForm(thin, over, subtract(box, middle), order);
  };
}

/** Taylor coefficients of w over a box; undefined where nothing is known. */
function varianceSeries(p: SabrParameters | HyperbolicSlice): (box: Interval) => IntervalSeries | undefined {
  if (isSabrRecord(p)) return (box) => sabrVariance(p, box);
  const h = enclosedHyperbola(p);
  return (box) => hyperbolaVariance(h, box);
}

/** w at k, from the middle of its enclosure. */
export function varianceAt(p: SabrParameters | HyperbolicSlice): (k: number) => number {
  const series = varianceSeries(p);
  return middleOf((box) => series(box)?.[0] ?? wholeLine);
}

/** The middle of an enclosure at a point; NaN where nothing is known. */
export function middleOf(enclosure: Enclosure): (k: number) => number {
  return (k) => {
    const { lower, upper } = enclosure(interval(k));
    return 0.5 * (lower + upper);
  };
}
