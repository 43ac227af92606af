/**
 * The covariance of slices that certification has moved. With F_i = J_i'J_i the information of each slice over its own chi-square per degree
 * of freedom, and A the gradients of the conditions they touch, which the errors of the quotes do not move them off,
 *
 *   [ F  A' ]^-1
 *   [ A  0  ]      its upper left block: F^-1 projected on A dx = 0
 *
 * carried to the parameters. Aitchison and Silvey, "Maximum-likelihood estimation of parameters subject to restraints" (1958).
 */
import { derivative } from '../../math/jet.js';
import { lossWeight } from '../../math/least-squares/loss.js';
import type { Matrix } from '../../math/matrix.js';
import { costDerivatives } from './cost-derivatives.js';
import type { SliceFit } from './fit.js';
import { touchingGroups } from './joint-fits.js';
import { jointSystem, touching } from './joint-system.js';
import type { JointSlice } from './joint-system.js';
import { saddleOf } from './saddle.js';
import { SVI_BOUNDS, sviJets } from './smile-jets.js';

const TWO_SIDED = 1.959963984540054;
/** Domain of the parameters. */
const LOWER: Record<string, number> = { a: -Infinity, b: 0, rho: -1, m: -Infinity, sigma: 0 };
const UPPER: Record<string, number> = { a: Infinity, b: 2, rho: 1, m: Infinity, sigma: Infinity };

/** The fits of a surface in order of expiry, those that were moved with the covariance of where they are. */
export function withCertifiedCovariance<F extends SliceFit>(fits: readonly F[]): F[] {
  return touchingGroups(fits).flatMap(({ from, to, slices }) => {
    const group = fits.slice(from, to);
    return slices === undefined ? group : projected(group, slices);
  });
}

function projected<F extends SliceFit>(fits: readonly F[], slices: readonly JointSlice[]): F[] {
  const { n, offsets, conditions } = jointSystem(slices, touching(slices));
  const information = new Float64Array(n * n);
  const jets = slices.map(({ parameters, held }) =>
    sviJets(
      parameters,
      SVI_BOUNDS.filter((_, j) => held[j]),
    ),
  );
  slices.forEach(({ quotes, weight }, s) => {
    const { free } = jets[s]!;
    for (const { quote: i, residual, model } of costDerivatives(quotes, jets[s]!).terms) {
      const precision = weight * lossWeight(quotes.loss, residual, quotes.deadzone[i]) * quotes.inverseError[i]! ** 2;
      for (let a = 0; a < free; a++) {
        for (let b = 0; b < free; b++) {
          const at = (offsets[s]! + a) * n + offsets[s]! + b;
          information[at]! += precision * derivative(model, a) * derivative(model, b);
        }
      }
    }
  });
  const saddle = saddleOf(
    n,
    information,
    conditions.map(({ gradient }) => gradient),
  );
  if (!saddle.ok) return [...fits];
  return fits.map((fit, s) => {
    const { free, parameters } = jets[s]!;
    const slopes = parameters.map((parameter) => Array.from({ length: free }, (_, a) => derivative(parameter, a)));
    const columns = slopes.map((row) => {
      const side = new Float64Array(n);
      side.set(row, offsets[s]);
      return saddle.step(side).subarray(offsets[s], offsets[s]! + free);
    });
    const covariance: Matrix = slopes.map((row) =>
      columns.map((column) => -row.reduce((sum, slope, a) => sum + slope * column[a]!, 0)),
    );
    const values = fit.parameters as unknown as Record<string, number>;
    const interval95 = Object.fromEntries(
      fit.parameterNames.map((name, i): [string, [number, number]] => {
        const reach = TWO_SIDED * Math.sqrt(Math.max(0, covariance[i]![i]!));
        const value = values[name]!;
        return [name, [Math.max(LOWER[name]!, value - reach), Math.min(UPPER[name]!, value + reach)]];
      }),
    );
    return { ...fit, covariance, interval95 };
  });
}
