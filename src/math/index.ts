/** Numerical building blocks that stand by themselves. */
export type { Matrix } from './matrix.js';
export { erf, erfc, erfcx, inverseErf } from './erf.js';
export { inverseNormalCdf, mills, normalCdf, normalPdf } from './normal.js';
export { integrate } from './quadrature.js';
export { leastSquares } from './least-squares/least-squares.js';
export type {
  Engine,
  LeastSquaresFit,
  LeastSquaresOptions,
  LeastSquaresProblem,
  Loss,
  Termination,
} from './least-squares/problem.js';
export { linearProgram } from './linear-program.js';
export type { LinearProgram, LinearProgramResult, LinearRow } from './linear-program.js';
