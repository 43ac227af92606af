/** Rows of numbers; symmetric where it is a covariance. */
export type Matrix = number[][];
