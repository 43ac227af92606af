/**
 * What is computed at the nodes of a rule, by columns. A loop of one function keeps its numbers in registers; the same calls from the
 * middle of a long function put each argument and each result on the heap.
 */
import { gaussian, hazardExcess } from '../../math/mills.js';

/** Work space, one number a node. */
export interface NodeColumns {
  /** ln of the boundary met there, and how far it is from where it ends at expiry. */
  readonly edge: Float64Array;
  readonly depth: Float64Array;
  /** Time from now, and the standard deviation until then. */
  readonly time: Float64Array;
  readonly width: Float64Array;
  /** d- */
  readonly minus: Float64Array;
  /** e^(-rt - d-^2 / 2), the boundary, e^(-rt), S e^(-qt) */
  readonly density: Float64Array;
  readonly level: Float64Array;
  readonly discount: Float64Array;
  readonly decay: Float64Array;
  /** The hazard rate's excess at |d-| and |d+|. */
  readonly minusExcess: Float64Array;
  readonly plusExcess: Float64Array;
}

export function nodeColumns(count: number): NodeColumns {
  const column = (): Float64Array => new Float64Array(count);
  return {
    edge: column(),
    depth: column(),
    time: column(),
    width: column(),
    minus: column(),
    density: column(),
    level: column(),
    discount: column(),
    decay: column(),
    minusExcess: column(),
    plusExcess: column(),
  };
}

/** e(z) of math/mills.ts in place; z of 0 or more. */
export function hazardExcesses(z: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) z[i] = hazardExcess(z[i]!);
}

/** e^(-z^2/2) in place. */
export function gaussians(z: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) z[i] = gaussian(z[i]!);
}
