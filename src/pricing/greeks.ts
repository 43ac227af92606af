/**
 * Sensitivities of one unit of an option: mathematical derivatives, vega per 1.00 of volatility, time Greeks per year and with
 * passing time (dV/dt). Spot models differentiate in S, r, q; forward models in F at constant r = -ln(DF)/T, where rho = -T V
 * and dividendRho = 0. No Greek is ever NaN.
 */
export interface Greeks {
  price: number;
  /** dV/dS */
  delta: number;
  /** d2V/dS2 */
  gamma: number;
  /** dV/dvol */
  vega: number;
  /** dV/dt = -dV/dT */
  theta: number;
  /** dV/dr */
  rho: number;
  /** dV/dq */
  dividendRho: number;
  /** d2V/dS dvol */
  vanna: number;
  /** d2V/dvol2 */
  volga: number;
  /** d2V/dS dt */
  charm: number;
  /** d2V/dvol dt */
  veta: number;
  /** d3V/dS3 */
  speed: number;
  /** d3V/dS2 dvol */
  zomma: number;
  /** d3V/dS2 dt */
  color: number;
  /** d3V/dvol3 */
  ultima: number;
  /** dV/dK */
  dualDelta: number;
  /** d2V/dK2 */
  dualGamma: number;
}

export type GreekName = keyof Greeks;
