/** What is used of three packages that bring no types. */
declare module 'black-scholes' {
  type CallPut = 'call' | 'put';
  const api: {
    blackScholes(s: number, k: number, t: number, v: number, r: number, callPut: CallPut): number;
  };
  export default api;
}

declare module 'greeks' {
  type CallPut = 'call' | 'put';
  type Greek = (s: number, k: number, t: number, v: number, r: number, callPut: CallPut) => number;
  const api: {
    getDelta: Greek;
    getGamma(s: number, k: number, t: number, v: number, r: number): number;
    getVega(s: number, k: number, t: number, v: number, r: number): number;
    getTheta: Greek;
    getRho: Greek;
  };
  export default api;
}

declare module 'implied-volatility' {
  const api: {
    getImpliedVolatility(
      expectedCost: number,
      s: number,
      k: number,
      t: number,
      r: number,
      callPut: 'call' | 'put',
      estimate?: number,
    ): number;
  };
  export default api;
}
