/**
 * One expiry of an SSVI surface as a fit of its own. Its parameters (theta, rho, phi) are functions of those of the surface, so that
 *
 *   covariance = J C J',   J = d(theta, rho, phi)/d(theta_i, rho, eta, gamma) or d(theta_i, rho, lambda),
 *
 * with C the covariance of the surface. With S = R + L = 2 eta or 2 / lambda and m the share of smile/ssvi-family.ts, phi = m S / theta:
 *
 *   dphi/dtheta = (m_theta S - phi) / theta,   dphi/dS = (m + m_S S) / theta,   dphi/dgamma = m_gamma S / theta
 *
 * What the quotes of all expiries tell together (condition, weak direction, iterations) is that of the surface.
 */
import type { SliceInput } from '../../market/slice.js';
import type { Matrix } from '../../math/matrix.js';
import type { Certificate } from '../arbitrage/certificate.js';
import type { SsviSlice } from '../smile/parameters.js';
import { ssviTotalVariance } from '../smile/ssvi.js';
import { toSsviWings, wingShare } from '../smile/ssvi-family.js';
import type { SsviCurve, WingShare } from '../smile/ssvi-family.js';
import { addQuoteErrors, noQuoteErrors } from './diagnostics.js';
import type { QuoteErrors } from './diagnostics.js';
import type { FitDiagnostics, FitObjective, SliceFit } from './fit.js';
import type { FitQuotes } from './quotes.js';
import { WING_NORMAL, wingNormal } from './wing-normal.js';

/** What the slices of a finished surface share. */
export interface SsviReport {
  curve: SsviCurve;
  /** Number of expiries. */
  count: number;
  /** Degrees of freedom, at least 1. */
  degrees: number;
  /** In (theta[0], ..., rho, eta, gamma) or (theta[0], ..., rho, lambda). */
  covariance: Matrix;
  interval95: Record<string, [number, number]>;
  diagnostics: FitDiagnostics;
  objective: FitObjective;
}

const TWO_SIDED = 1.959963984540054;
const share: WingShare = { value: 0, byTheta: 0, byWing: 0, byGamma: 0 };
const normal = new Float64Array(WING_NORMAL);

/** The quotes' errors against a slice, added to `total` as well. */
export function ssviQuoteErrors(
  input: SliceInput,
  quotes: FitQuotes,
  smile: SsviSlice,
  total: QuoteErrors,
): { errors: QuoteErrors; residualBp: number[]; residualHalfSpreads: number[] } {
  const volatility = Float64Array.from(quotes.k, (k) => Math.sqrt(ssviTotalVariance(smile, k) / quotes.time));
  addQuoteErrors(total, input, volatility);
  const errors = noQuoteErrors();
  return { errors, ...addQuoteErrors(errors, input, volatility) };
}

/** The fit of expiry number i. */
export function ssviSliceFit(
  surface: SsviReport,
  i: number,
  input: SliceInput,
  quotes: FitQuotes,
  smile: SsviSlice,
  butterfly: Certificate,
  { errors, residualBp, residualHalfSpreads }: ReturnType<typeof ssviQuoteErrors>,
): SliceFit<SsviSlice> {
  const { interval95, diagnostics, objective } = surface;
  const covariance = sliceCovariance(surface, i, smile);
  const reach = TWO_SIDED * Math.sqrt(covariance[2]![2]!);
  const right = 0.5 * smile.theta * smile.phi * (1 + smile.rho);
  const left = 0.5 * smile.theta * smile.phi * (1 - smile.rho);
  const cost = wingNormal(quotes, smile.theta, right, left, normal);
  const own = `theta[${i}]`;
  return {
    ok: true,
    model: 'ssvi',
    parameters: smile,
    parameterNames: ['theta', 'rho', 'phi'],
    covariance,
    interval95: {
      theta: interval95[own]!,
      rho: interval95['rho']!,
      phi: [Math.max(0, smile.phi - reach), smile.phi + reach],
    },
    input,
    objective,
    residualBp,
    residualHalfSpreads,
    diagnostics: {
      ...diagnostics,
      rmseBp: 1e4 * Math.sqrt(errors.sumOfSquares / errors.used),
      maxErrorBp: errors.maxErrorBp,
      rmseHalfSpreads: Math.sqrt(errors.sumInHalfSpreads / errors.spreads),
      shareInsideSpread: errors.inside / errors.spreads,
      quotesUsed: errors.used,
      // The degrees of freedom of the surface are shared out by the quotes.
      chiSquarePerDof: cost > 0 ? (2 * cost * diagnostics.quotesUsed) / (errors.used * surface.degrees) : 0,
      atBound: diagnostics.atBound.flatMap((name) => boundOfSlice(name, own)),
    },
    butterfly,
    rejected: [],
  };
}

/** A bound of the surface in the words of the slice: of the curve's parameters phi tells. */
function boundOfSlice(name: string, own: string): string[] {
  if (name === own) return ['theta'];
  if (name.startsWith('theta[')) return [];
  return [name === 'rho' ? 'rho' : 'phi'];
}

function sliceCovariance({ curve, count, covariance }: SsviReport, i: number, { theta, phi }: SsviSlice): Matrix {
  const { right, left, gamma } = toSsviWings(curve);
  const sum = right + left;
  const isPower = 'eta' in curve;
  wingShare(isPower ? 'power-law' : 'heston-like', theta, sum, gamma, share);
  const bySum = (share.value + share.byWing * sum) / theta;
  const phiByTheta = (share.byTheta * sum - phi) / theta;
  const phiByScale = bySum * (isPower ? 2 : -0.5 * sum * sum);
  const places = isPower ? [i, count, count + 1, count + 2] : [i, count, count + 1];
  const rows = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [phiByTheta, 0, phiByScale, (share.byGamma * sum) / theta],
  ];
  return rows.map((a) =>
    rows.map((b) => {
      let total = 0;
      places.forEach((from, s) => {
        places.forEach((to, t) => {
          const slope = a[s]! * b[t]!;
          if (slope !== 0) total += slope * covariance[from]![to]!;
        });
      });
      return total;
    }),
  );
}
