/**
 * A calibration as JSON text. JSON has no NaN and no infinity: `volatility: null` marks a quote that is only a bound,
 * `volatilityAsk: null` one without an ask; other figures that do not exist are null too. Timings are left out, so that the same
 * quotes give the same bytes.
 */
import type { OptionChain } from '../market/chain.js';
import { americanExpiries, type MadeEuropean } from './american-report.js';
import type { SurfaceFit } from '../volatility/calibration/surface-fit.js';

export interface CalibrationJsonInput {
  /** Names of the files read. */
  files: readonly string[];
  /** What the file says of itself. */
  description?: string | undefined;
  chain: OptionChain;
  fit: SurfaceFit & { ok: true };
  /** Of an American chain: what was taken out of its quotes. */
  european?: MadeEuropean | undefined;
}

/** `surface` is the record that `surfaceFromJSON` reads; `fits` holds parameters, covariance, residuals and diagnostics. */
export function calibrationJson({ files, description, chain, fit, european }: CalibrationJsonInput): string {
  const { underlying, venue, asOf, style, settlement, premiumCurrency } = chain;
  const document = {
    schema: 1,
    files,
    description,
    chain: { underlying, venue, asOf, style, settlement, premiumCurrency, quotes: chain.quotes.length },
    american:
      european === undefined
        ? undefined
        : {
            spot: european.spot,
            expiries: americanExpiries(european, chain),
            quotes: european.quotes,
            rejected: european.rejected,
          },
    surface: fit.surface.toJSON(),
    proved: fit.proved,
    fits: fit.fits,
    failed: fit.failed,
    rejected: fit.rejected,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}
