/**
 * SABR on a stated interval of log-moneyness: g >= 0 by interval arithmetic, or a stretch where g < 0 with the butterfly that
 * collects. Nothing is said about strikes outside the interval, where the expansion usually has negative density.
 */
import type { Interval } from '../../math/interval.js';
import { interval } from '../../math/interval.js';
import type { SabrParameters } from '../smile/parameters.js';
import { requireSabr } from '../smile/sabr.js';
import type { Witness } from './butterfly-witness.js';
import type { Certificate } from './certificate.js';
import type { Enclosure } from './interval-search.js';
import { certifyOnInterval } from './interval-search.js';
import { sabrDensity, sabrVariance } from './sabr-enclosure.js';
import type { SliceAt } from './trade.js';
import { butterflyTrade } from './trade.js';

const SAMPLES = 128;

/**
 * The certificate of the slice on [from, to]; the margin of a proof is a lower bound of g there. 'undecided' where the boxes run
 * out, which they also do where the expansion gives no positive volatility.
 */
export function certifySabr(given: SabrParameters, domain: [number, number]): Certificate {
  const p = requireSlice(given);
  const base = { kind: 'butterfly' as const, domain, method: 'interval' as const, parameters: [p] };
  // No time left: intrinsic values, as for a variance of 0 everywhere.
  if (p.timeToExpiry === 0) return { ...base, verdict: 'proved', method: 'closed-form' };
  const enclosure = sabrDensity(p, 2);
  const search = certifyOnInterval(enclosure, domain);
  if (search.verdict === 'proved') return { ...base, verdict: 'proved', margin: search.lowest };
  if (search.verdict === 'undecided') return { ...base, verdict: 'undecided' };
  const witness = sabrWitness(p, enclosure, domain, search.k);
  return { ...base, verdict: 'refuted', margin: witness.value, witness };
}

/** The fields of the slice alone. Throws InputError for parameters out of SABR's domain. The strike is not part of a slice. */
function requireSlice(given: SabrParameters): SabrParameters {
  requireSabr(given, 'obloj');
  const { forward, timeToExpiry, alpha, beta, rho, nu, shift } = given;
  return { forward, timeToExpiry, alpha, beta, rho, nu, ...(shift === undefined ? {} : { shift }) };
}

/** w and g at k, from the middle of their enclosures. */
export function sabrSliceAt(p: SabrParameters, enclosure: Enclosure): (k: number) => SliceAt {
  const middle = ({ lower, upper }: Interval): number => 0.5 * (lower + upper);
  return (k) => {
    const at = interval(k);
    const w = sabrVariance(p, at);
    return { w: w === undefined ? NaN : middle(w[0]!), g: middle(enclosure(at)) };
  };
}

function sabrWitness(p: SabrParameters, enclosure: Enclosure, [from, to]: [number, number], known: number): Witness {
  const isNegative = (k: number): boolean => enclosure(interval(k)).upper < 0;
  const slice = sabrSliceAt(p, enclosure);
  const net = Array.from({ length: SAMPLES + 1 }, (_, i) => (i === SAMPLES ? to : from + ((to - from) * i) / SAMPLES));
  const worst = [known, ...net.filter(isNegative)].reduce((x, y) => (slice(y).g < slice(x).g ? y : x));
  let lower = edge(isNegative, worst, net.filter((k) => k < worst && !isNegative(k)).at(-1) ?? from);
  let upper = edge(isNegative, worst, net.find((k) => k > worst && !isNegative(k)) ?? to);
  const opposite: Enclosure = (box) => {
    const g = enclosure(box);
    return interval(-g.upper, -g.lower);
  };
  // The ends are negative; that all between them is has to be shown, on a shorter stretch where it cannot be.
  for (let i = 0; i < 60; i++) {
    const search = lower < upper ? certifyOnInterval(opposite, [lower, upper], 512) : undefined;
    if (search?.verdict === 'proved' && search.lowest > 0) break;
    [lower, upper] = [lower + 0.125 * (worst - lower), upper + 0.125 * (worst - upper)];
    if (i === 59) [lower, upper] = [worst, worst];
  }
  const legs = butterflyTrade([lower, upper], worst, slice);
  const trade = legs.trade.map((leg) => ({ ...leg, timeToExpiry: p.timeToExpiry }));
  return { k: worst, value: slice(worst).g, interval: [lower, upper], trade, credit: legs.credit };
}

/** The last point from `inside` towards `outside` that is negative, to a relative 2^-40 of the way. */
function edge(isNegative: (k: number) => boolean, inside: number, outside: number): number {
  if (isNegative(outside)) return outside;
  let [near, far] = [inside, outside];
  for (let i = 0; i < 40; i++) {
    const middle = 0.5 * (near + far);
    if (isNegative(middle)) near = middle;
    else far = middle;
  }
  return near;
}
