/** Raw SVI and SSVI on part of the line, for slices that are not free on the whole of it: w > 0 and g >= 0 from one k to another. */
import type { Dyadic } from '../../math/dyadic.js';
import { compare, zero } from '../../math/dyadic.js';
import { log } from '../../math/logarithm.js';
import { refine } from '../../math/real-roots.js';
import { clip, densityWitness, varianceWitness } from './butterfly-witness.js';
import type { Certificate } from './certificate.js';
import type { ExactHyperbola, HyperbolicSlice } from './hyperbola.js';
import { exactHyperbola, minimumSign, slopeSign, totalVarianceSign, variableBounds } from './hyperbola.js';
import type { Stretch } from './negative-density.js';
import { exactPattern, negativeDensity } from './negative-density.js';
import { noTrade } from './trade.js';

const DIGITS = 240;

/** 'undecided' only if a change of sign lies closer to an end of the interval than 240 binary digits or one double can tell. */
export function certifyOnPart(p: HyperbolicSlice, domain: [number, number]): Certificate {
  const base = { kind: 'butterfly' as const, domain, parameters: [p] };
  const h = exactHyperbola(p);
  if (minimumSign(h) <= 0 && !hasPositiveVariance(h, domain)) {
    const witness = varianceWitness(p);
    const part = clip(witness.interval, domain);
    if (part === undefined) return { ...base, verdict: 'undecided', method: 'closed-form' };
    const k = Math.min(part[1], Math.max(part[0], witness.k));
    const inside = witness.trade.every(({ strike }) => isInside(log(strike), domain));
    const trade = inside ? { trade: witness.trade, credit: witness.credit } : noTrade;
    const value = k === witness.k ? witness.value : Math.min(0, witness.value);
    return {
      ...base,
      verdict: 'refuted',
      method: 'closed-form',
      margin: value,
      witness: { k, value, interval: [part[0], part[1]], ...trade },
    };
  }
  if (mayBeNegative(p, h, domain)) {
    const parts = negativeDensity(p)
      .stretches.map((stretch) => clip(stretch, domain))
      .filter((part): part is Stretch => part !== undefined && part[0] < part[1]);
    if (parts.length === 0) return { ...base, verdict: 'undecided', method: 'sturm-exact' };
    const witness = densityWitness(p, parts);
    return { ...base, verdict: 'refuted', method: 'sturm-exact', margin: witness.value, witness };
  }
  return { ...base, verdict: 'proved', method: 'sturm-exact' };
}

function isInside(k: number, [from, to]: [number, number]): boolean {
  return k >= from && k <= to;
}

/** w > 0 from one end to the other: w is convex, so it is above 0 beyond a positive end where it moves away from its lowest point. */
export function hasPositiveVariance(h: ExactHyperbola, [from, to]: readonly [number, number]): boolean {
  const rising = totalVarianceSign(h, from) > 0 && slopeSign(h, from) >= 0;
  return rising || (totalVarianceSign(h, to) > 0 && slopeSign(h, to) <= 0);
}

/** Whether any gap in which the density polynomial is negative, its ends rounded outwards, meets the interval, rounded outwards. */
function mayBeNegative(p: HyperbolicSlice, h: ExactHyperbola, [from, to]: readonly [number, number]): boolean {
  const pattern = exactPattern(p);
  const [lower] = variableBounds(h, from, DIGITS);
  const [, upper] = variableBounds(h, to, DIGITS);
  const roots = pattern.roots.map((root) => refine(pattern.squareFree, root, DIGITS));
  return pattern.signs.some((sign, i) => {
    if (sign >= 0) return false;
    const start: Dyadic = i === 0 ? zero : roots[i - 1]!.lower;
    const endsAfterStart = i === roots.length || compare(roots[i]!.upper, lower) > 0;
    return endsAfterStart && compare(start, upper) < 0;
  });
}
