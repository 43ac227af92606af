/** The fits of a surface that certification has moved, as slices of joint problems: those that touch belong together. */
import { isSvi } from '../smile/smile.js';
import type { SliceFit } from './fit.js';
import { touching } from './joint-system.js';
import type { JointSlice } from './joint-system.js';
import { fitQuotes } from './quotes.js';
import { SVI_BOUNDS } from './smile-jets.js';

/** A run of fits: `slices` where all of them were moved. */
export interface FitGroup {
  from: number;
  /** The one after the last. */
  to: number;
  slices?: JointSlice[] | undefined;
}

/** A fit that certification has moved, as a slice of a joint problem. */
export function jointSlice({ parameters, diagnostics, objective, input }: SliceFit): JointSlice | undefined {
  if (objective?.moved === undefined || !isSvi(parameters)) return undefined;
  const held = SVI_BOUNDS.map((name) => diagnostics.atBound.includes(name));
  return { quotes: fitQuotes(input, objective), weight: objective.moved.weight, parameters, held };
}

/** Fits in order of expiry, in runs of those that touch one another. */
export function touchingGroups(fits: readonly SliceFit[]): FitGroup[] {
  const groups: FitGroup[] = [];
  const all = fits.map(jointSlice);
  all.forEach((slice, i) => {
    const last = groups.at(-1);
    const before = all[i - 1];
    const isJoined =
      slice !== undefined && before !== undefined && touching([before, slice]).some(({ kind }) => kind !== 'density');
    if (isJoined && last?.slices !== undefined) {
      last.to = i + 1;
      last.slices.push(slice);
    } else groups.push({ from: i, to: i + 1, slices: slice && [slice] });
  });
  return groups;
}
