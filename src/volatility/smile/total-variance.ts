/** Total variance w = sigma^2 T at log-moneyness k = ln(K/F), with its derivatives in k: what every smile gives. */
export interface TotalVariance {
  w: number;
  /** dw/dk */
  dw: number;
  /** d2w/dk2 */
  d2w: number;
  /** d3w/dk3 */
  d3w: number;
}
