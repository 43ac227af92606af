/** The volatility at which a model gives a price, or the reason why none does. */
export type ImpliedVolatility =
  | {
      ok: true;
      volatility: number;
      /** dvol/dprice = 1 / vega. */
      dVolatilityDPrice: number;
      /** d2vol/dprice2 = -volga / vega^3. */
      d2VolatilityDPrice2: number;
      /** |dvol| of half an ulp of the price. */
      resolution: number;
    }
  | {
      ok: false;
      reason: 'below-intrinsic' | 'at-intrinsic' | 'above-maximum' | 'expired' | 'beyond-precision';
      /** Price less the bound it violates. */
      distance: number;
      /** The volatility the price points at: 0 or Infinity. */
      bound: number;
    };
