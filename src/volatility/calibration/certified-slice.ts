/** One SVI slice proved free of butterfly arbitrage, and the record of an SVI slice whose parameters certification has moved. */
import { certifyButterfly } from '../arbitrage/butterfly.js';
import type { SviParameters } from '../smile/parameters.js';
import { toSsviSlice } from '../smile/essvi-wings.js';
import { isSvi } from '../smile/smile.js';
import { withCertifiedCovariance } from './certified-covariance.js';
import { certifySlices } from './certified-slices.js';
import { searchEssviSlice } from './essvi-slice.js';
import type { FitFailure, SliceFit } from './fit.js';
import type { FitQuotes } from './quotes.js';
import type { SviBox } from './svi-box.js';
import { sviNormal } from './svi-objective.js';
import { sviReport, toSearchPoint } from './svi-report.js';

/** The fit itself where it is proved, else the best slice found that is. */
export function certifiedSlice(
  fit: SliceFit<SviParameters>,
  quotes: FitQuotes,
  box: SviBox,
): SliceFit<SviParameters> | FitFailure {
  const butterfly = certifyButterfly(fit.parameters);
  if (butterfly.verdict === 'proved') return { ...fit, butterfly };
  const weight = costWeight(fit);
  const anchor = toSsviSlice(searchEssviSlice(quotes, undefined).slice);
  const certified = certifySlices([{ quotes, box, weight, parameters: fit.parameters }], [anchor]);
  const parameters = certified?.parameters[0];
  if (certified === undefined || parameters === undefined || !isSvi(parameters)) {
    const message = 'no slice was found that is proved free of butterfly arbitrage';
    return { ok: false, reason: 'not-certifiable', message, rejected: fit.rejected };
  }
  const { iterations, atBound } = certified;
  const moved = movedFit(fit, quotes, box, parameters, iterations, weight, atBound?.[0]);
  return { ...withCertifiedCovariance([moved])[0]!, butterfly: certified.butterfly[0] };
}

/** What a slice's cost counts for beside others: by the noise its own fit leaves, so that no slice counts for more than its quotes. */
export function costWeight(fit: SliceFit): number {
  return 1 / Math.max(1, fit.diagnostics.chiSquarePerDof);
}

/** The record of the fit at other parameters, which it is bound to by the conditions against arbitrage. */
export function movedFit(
  fit: SliceFit<SviParameters>,
  quotes: FitQuotes,
  box: SviBox,
  parameters: SviParameters,
  iterations: number,
  weight: number,
  atBound: readonly string[] = [],
): SliceFit<SviParameters> {
  const x = new Float64Array(5);
  toSearchPoint(box, parameters, x);
  const { diagnostics } = fit;
  const found = {
    x,
    cost: NaN,
    onFloor: false,
    iterations: diagnostics.iterations + iterations,
    termination: diagnostics.termination,
  };
  const objective = { ...fit.objective, moved: { from: fit.parameters, weight } };
  const moved = sviReport(fit.input, objective, quotes, box, sviNormal(quotes.count), found, diagnostics.starts, false);
  const all = new Set(['arbitrage', ...atBound, ...moved.diagnostics.atBound]);
  return { ...moved, parameters, diagnostics: { ...moved.diagnostics, atBound: [...all] } };
}
