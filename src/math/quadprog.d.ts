declare module 'quadprog' {
  /** Arrays count from 1: element 0 is there and not read. Matrices are overwritten, rows of `constraints` are variables. */
  export function solveQP(
    quadratic: number[][],
    linear: number[],
    constraints: number[][],
    bounds: number[],
    equalities: number,
  ): { solution: number[]; Lagrangian: number[]; message: string };
}
