/** The parameters of each smile, as plain records; a smile is recognised by its keys. */

/** Raw SVI: w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)). */
export interface SviParameters {
  a: number;
  b: number;
  rho: number;
  m: number;
  sigma: number;
}

/** One slice of SSVI or eSSVI: w(k) = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)). */
export interface SsviSlice {
  theta: number;
  rho: number;
  phi: number;
}

export interface SabrParameters {
  forward: number;
  strike?: number | undefined;
  timeToExpiry: number;
  alpha: number;
  beta: number;
  rho: number;
  nu: number;
  shift?: number | undefined;
}

export type SmileParameters = SviParameters | SsviSlice | SabrParameters;
