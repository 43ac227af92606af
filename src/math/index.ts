export type { Matrix } from './matrix.js';
export type {
  Engine,
  LeastSquaresFit,
  LeastSquaresOptions,
  LeastSquaresProblem,
  Loss,
  Termination,
} from './least-squares/problem.js';
