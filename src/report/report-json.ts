/** A page's figures as JSON: the calibration, and what is said of an account, each part with its figures or the reason it has none. */
import type { AccountFigures } from './account-figures.js';
import { calibrationJson, type CalibrationJsonInput } from './calibration-json.js';
import { recordJson } from './record-json.js';

export interface ReportJsonInput extends CalibrationJsonInput {
  account?: AccountFigures | undefined;
}

/**
 * `calibration` is what calibrationJson writes, with null for figures that do not exist; in `account` numbers that are not finite are the
 * texts 'Infinity', '-Infinity' and 'NaN'.
 */
export function reportJson({ account, ...calibrated }: ReportJsonInput): string {
  const calibration: unknown = JSON.parse(calibrationJson(calibrated));
  return recordJson({ schema: 1, calibration, account });
}
