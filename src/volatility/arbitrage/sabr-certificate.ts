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
import { certifyOnInterval, negativeStretch } from './interval-search.js';
import { sabrDensity, sabrVariance } from './sabr-enclosure.js';
import type { SliceAt } from './trade.js';
import { butterflyTrade } from './trade.js';

/**
 * The certificate of the slice on [from, to]; the margin of a proof is a lower bound of g there. 'undecided' where the boxes run
 * out, which they also do where the expansion gives no positive volatility.
 */
export function certifySabr(given: SabrParameters, domain: [number, number]): Certificate {
  const p = requireSabrSlice(given);
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
export function requireSabrSlice(given: SabrParameters): SabrParameters {
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

function sabrWitness(p: SabrParameters, enclosure: Enclosure, domain: [number, number], known: number): Witness {
  const slice = sabrSliceAt(p, enclosure);
  const { worst, stretch } = negativeStretch(enclosure, domain, known, (k) => slice(k).g);
  const legs = butterflyTrade(stretch, worst, slice);
  const trade = legs.trade.map((leg) => ({ ...leg, timeToExpiry: p.timeToExpiry }));
  return { k: worst, value: slice(worst).g, interval: stretch, trade, credit: legs.credit };
}
