/** The everyday API: from a venue's quotes to a calibrated surface, and from positions to an account's exposure, its risk and what to do about it. */
export { InputError } from './errors.js';
export type { Failure, Rejection } from './errors.js';
export type { Matrix } from './math/matrix.js';
export * from './pricing/index.js';
export * from './market/index.js';
export * from './volatility/index.js';
export * from './portfolio/index.js';
export * from './risk/index.js';
export * from './control/index.js';
