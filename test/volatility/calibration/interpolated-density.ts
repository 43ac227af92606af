/**
 * An enclosure of g for a slice interpolated linearly in total variance between two SVI slices, which is no SVI slice: what
 * certifyOnInterval needs to prove g >= 0 from one log-moneyness to another.
 */
import { add, divide, interval, multiply, square, squareRoot, subtract } from '../../../src/math/interval.js';
import type { Interval } from '../../../src/math/interval.js';
import type { Enclosure } from '../../../src/volatility/arbitrage/interval-search.js';
import type { SviParameters } from '../../../src/volatility/smile/parameters.js';

interface Enclosed {
  w: Interval;
  dw: Interval;
  d2w: Interval;
}

/** w and its derivatives over a box, by monotonicity: w' rises, and u/R with it; the least w of a box is at an end or at the vertex. */
function enclose(p: SviParameters, k: Interval): Enclosed {
  const at = (x: number): Enclosed => {
    const u = subtract(interval(x), interval(p.m));
    const sigma = interval(p.sigma);
    const r = squareRoot(add(square(u), square(sigma)));
    const b = interval(p.b);
    const cosine = divide(u, r);
    return {
      w: add(interval(p.a), multiply(b, add(multiply(interval(p.rho), u), r))),
      dw: multiply(b, add(interval(p.rho), cosine)),
      d2w: divide(multiply(b, square(sigma)), multiply(r, square(r))),
    };
  };
  const [from, to] = [at(k.lower), at(k.upper)];
  const dw = interval(from.dw.lower, to.dw.upper);
  const falls = from.dw.lower < 0 && to.dw.upper > 0;
  const root = squareRoot(multiply(subtract(interval(1), interval(p.rho)), add(interval(1), interval(p.rho))));
  const least = add(interval(p.a), multiply(multiply(interval(p.b), interval(p.sigma)), root));
  const w = interval(falls ? least.lower : Math.min(from.w.lower, to.w.lower), Math.max(from.w.upper, to.w.upper));
  const peak = k.lower <= p.m && k.upper >= p.m ? at(p.m).d2w.upper : Math.max(from.d2w.upper, to.d2w.upper);
  return { w, dw, d2w: interval(Math.min(from.d2w.lower, to.d2w.lower), peak) };
}

export function interpolatedDensity(earlier: SviParameters, later: SviParameters, share: number): Enclosure {
  const mix = (x: Interval, y: Interval): Interval =>
    add(multiply(subtract(interval(1), interval(share)), x), multiply(interval(share), y));
  return (k) => {
    const [first, second] = [enclose(earlier, k), enclose(later, k)];
    const w = mix(first.w, second.w);
    if (!(w.lower > 0)) return interval(-Infinity, Infinity);
    const dw = mix(first.dw, second.dw);
    const d2w = mix(first.d2w, second.d2w);
    const half = interval(0.5);
    const straight = subtract(interval(1), multiply(half, divide(multiply(k, dw), w)));
    const steep = multiply(multiply(interval(0.25), square(dw)), add(divide(interval(1), w), interval(0.25)));
    return add(subtract(square(straight), steep), multiply(half, d2w));
  };
}
