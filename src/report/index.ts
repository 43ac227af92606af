/** What a person reads: text, JSON and pictures of a calibration. */
export { calibrationJson } from './calibration-json.js';
export type { CalibrationJsonInput } from './calibration-json.js';
export { calibrationReport } from './calibration-report.js';
export type { CalibrationReportInput } from './calibration-report.js';
export { smileChart, smilePanel } from './smile-chart.js';
export type { SmileChart, SmileChartOptions, SmilePanel } from './smile-chart.js';
export { textTable } from './text-table.js';
export type { TextColumn } from './text-table.js';
