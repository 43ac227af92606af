/**
 * The entry `zomma/custom`: a developer's own smile formula, compiled and fitted. Apart from the rest of the package because it alone
 * needs mathjs, which takes about a second to load.
 */
export { calibrateCustom } from './calibration/custom.js';
export type { CustomFit, CustomFitOptions } from './calibration/custom.js';
export { customSmile } from './calibration/custom-smile.js';
export type { CustomSmile } from './calibration/custom-smile.js';
