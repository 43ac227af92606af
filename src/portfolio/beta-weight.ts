/**
 * Delta and gamma of several underlyings in units of one index, by their betas to it: a return x of the index is taken to be a return
 * beta x of the underlying.
 *
 *   delta_I = beta S/I delta,   gamma_I = (beta S/I)^2 gamma
 *
 * In cash, I delta_I = beta S delta. Own risk of the underlyings, which beta leaves out, is not in these figures.
 */
import { requireFinite, requireObject, requirePositive } from '../check.js';
import { compensatedSum } from '../math/sum.js';

export interface SpotSensitivity {
  /** Change of value per unit of the spot. */
  delta: number;
  gamma: number;
  spot: number;
}

export interface BetaWeighted {
  /** In units of the index: change of value per point of it. */
  delta: number;
  gamma: number;
  rows: Record<string, { delta: number; gamma: number }>;
}

/**
 * `betas` by the same names; all in one currency. Throws InputError where a beta is missing or a number is not finite, or a spot or the
 * index not above 0.
 */
export function betaWeight(
  g: Record<string, SpotSensitivity>,
  betas: Record<string, number>,
  indexPrice: number,
): BetaWeighted {
  requirePositive('indexPrice', indexPrice);
  requireObject('betas', betas);
  const rows = Object.entries(requireObject('g', g) as typeof g).map(([name, { delta, gamma, spot }]) => {
    const beta = requireFinite(`betas.${name}`, Object.hasOwn(betas, name) ? betas[name] : undefined);
    const ratio = (beta * requirePositive(`g.${name}.spot`, spot)) / indexPrice;
    const row = {
      delta: ratio * requireFinite(`g.${name}.delta`, delta),
      gamma: ratio * ratio * requireFinite(`g.${name}.gamma`, gamma),
    };
    return [name, row] as const;
  });
  return {
    delta: compensatedSum(rows.map(([, row]) => row.delta)),
    gamma: compensatedSum(rows.map(([, row]) => row.gamma)),
    rows: Object.fromEntries(rows),
  };
}

/** Per per cent of the index: the change of value, and of that change. Throws InputError where the index is not above 0. */
export function betaWeightedPerPercent(
  { delta, gamma }: { delta: number; gamma: number },
  indexPrice: number,
): { deltaPerPercent: number; gammaPerPercent: number } {
  const point = requirePositive('indexPrice', indexPrice) / 100;
  return { deltaPerPercent: delta * point, gammaPerPercent: gamma * point * point };
}
