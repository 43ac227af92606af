/** What a person reads: text, JSON and pictures of a calibration. */
export { calibrationJson } from './calibration-json.js';
export type { CalibrationJsonInput } from './calibration-json.js';
export { calibrationReport } from './calibration-report.js';
export type { CalibrationReportInput } from './calibration-report.js';
export { smileChart, smilePanel } from './smile-chart.js';
export type { SmileChart, SmileChartOptions, SmilePanel } from './smile-chart.js';
export { textTable } from './text-table.js';
export type { TextColumn } from './text-table.js';
export { exposureReport } from './exposure-figures.js';
export type { ConcentrationRow, ExposureReport, GreeksIn, LadderRow } from './exposure-figures.js';
export { exposureFromJson, exposureJson } from './exposure-json.js';
export { exposureText, positionRejections } from './exposure-report.js';
export { exposureWarnings } from './exposure-warnings.js';
export type { ExposureWarning } from './exposure-warnings.js';
export { htmlReport } from './html/report.js';
export type { HtmlReport, HtmlReportInput } from './html/report.js';
