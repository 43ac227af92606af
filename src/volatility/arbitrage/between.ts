/**
 * Freedom from butterfly arbitrage between two expiries, at every time between them and for every k at once, by the rule that
 * interpolates (k is ln(K/F) at each time):
 *
 *   price            a convex combination of undiscounted prices is convex in the strike where both are: free if the two slices are
 *   essvi            theta, psi = theta phi and rho psi linear. If both slices are in the box of Gatheral and Jacquier and the wing
 *                    slopes psi (1 +- rho) do not fall, the slices between are in the box
 *   total-variance   w linear: not free by theory. Proved by the coefficients of mixture-enclosure.ts on |k| <= K and in both wings
 *
 * A certificate of a pair is of the kind 'butterfly' with the two slices for parameters; its method tells the rule: 'convex-combination',
 * 'closed-form' and 'interval' in this order. It is 'proved' or 'undecided', never 'refuted': the rules have no arbitrage that shows.
 * Calendar arbitrage between two slices that are in order is excluded by each rule (docs/maths-no-arbitrage.md).
 */
import { requireOneOf } from '../../check.js';
import type { SmileParameters } from '../smile/parameters.js';
import { certifyButterfly, isFlat, isInSufficientBox } from './butterfly.js';
import type { Certificate } from './certificate.js';
import type { HyperbolicSlice } from './hyperbola.js';
import { isRawSvi } from './hyperbola.js';
import { certifyOnInterval } from './interval-search.js';
import { enclosedHyperbola, farFromTheMoney, mixtureEnclosure, turned } from './mixture-enclosure.js';
import { isSabrRecord, requireHyperbolic } from './requirements.js';
import { wingRisesAsFast } from './variance-gap.js';

export type InterpolationRule = 'total-variance' | 'essvi' | 'price';

const RULES: readonly InterpolationRule[] = ['total-variance', 'essvi', 'price'];
const METHODS = { 'total-variance': 'interval', essvi: 'closed-form', price: 'convex-combination' } as const;

/**
 * Certifies all slices between two. 'undecided' where one of the two is not proved itself, where its conditions are sufficient only and
 * not met, and for SABR. Throws InputError for parameters that are no smile and for a rule it does not know.
 */
export function certifyBetween(earlier: SmileParameters, later: SmileParameters, rule: InterpolationRule): Certificate {
  const method = METHODS[requireOneOf('rule', rule, RULES)];
  const claim = { kind: 'butterfly' as const, method, domain: 'all-k' as const };
  if (isSabrRecord(earlier) || isSabrRecord(later)) {
    return { ...claim, verdict: 'undecided', parameters: [{ ...earlier }, { ...later }] };
  }
  const slices = [requireHyperbolic(earlier), requireHyperbolic(later)] as const;
  const isFree =
    slices.every((slice) => certifyButterfly(slice).verdict === 'proved') && isFreeBetween(slices, rule, 2);
  return { ...claim, verdict: isFree ? 'proved' : 'undecided', parameters: [...slices] };
}

/** Whether the slices between two that are free are shown to be free as well; `order` is that of the enclosures. */
export function isFreeBetween(
  [earlier, later]: readonly [HyperbolicSlice, HyperbolicSlice],
  rule: InterpolationRule,
  order: 1 | 2,
): boolean {
  if (rule === 'price') return true;
  if (rule === 'total-variance') return isFlat(earlier) && isFlat(later) ? true : isMixtureFree(earlier, later, order);
  if (isRawSvi(earlier) || isRawSvi(later) || earlier.theta === 0) return false;
  return (
    isInSufficientBox(earlier) &&
    isInSufficientBox(later) &&
    wingRisesAsFast(earlier, later, true) &&
    wingRisesAsFast(earlier, later, false)
  );
}

/** Parts into which the shares are halved, and boxes for each of them. */
const PARTS = 16;
const BOXES = 16_384;

function isMixtureFree(earlier: HyperbolicSlice, later: HyperbolicSlice, order: 1 | 2): boolean {
  const ends = [earlier, later].map(enclosedHyperbola) as [
    ReturnType<typeof enclosedHyperbola>,
    ReturnType<typeof enclosedHyperbola>,
  ];
  const far = farFromTheMoney(ends);
  const isFree = (from: number, to: number): boolean => {
    const search = (wing: boolean, [first, second]: typeof ends, domain: [number, number]): boolean =>
      certifyOnInterval(mixtureEnclosure(first, second, { from, to, order, wing }), domain, BOXES).verdict === 'proved';
    const turnedEnds = [turned(ends[0]), turned(ends[1])] as typeof ends;
    if (
      search(false, ends, [-far, far]) &&
      search(true, ends, [0, 1 / far]) &&
      search(true, turnedEnds, [0, 1 / far])
    ) {
      return true;
    }
    const middle = 0.5 * (from + to);
    return to - from > 1 / PARTS && isFree(from, middle) && isFree(middle, to);
  };
  return isFree(0, 1);
}
