/**
 * Greeks to 50 digits: the closed forms of the generalised Black-Scholes model, and differentiation of any function of reals by
 * central stencils of high order, which checks them and serves the models whose closed forms are not written here.
 */
import { normalCdf, normalDensity } from './normal.js';
import { HALF, ONE, real, ZERO, type Real, type RealLike } from './real.js';
import { blackScholesValue, totalVolatility, type OptionType } from './values.js';

/** The closed forms of spot Black-Scholes, F = S e^((r - q) T); time Greeks with passing time, per year; vega per 1.00. */
export function blackScholesGreeks(
  type: OptionType,
  spot: RealLike,
  strike: RealLike,
  volatility: RealLike,
  timeToExpiry: RealLike,
  rate: RealLike,
  dividendYield: RealLike,
) {
  const omega = real(type === 'call' ? 1 : -1);
  const [S, K, sigma, T, r, q] = [spot, strike, volatility, timeToExpiry, rate, dividendYield].map(real) as [
    Real,
    Real,
    Real,
    Real,
    Real,
    Real,
  ];
  const s = totalVolatility(sigma, T);
  const carry = r.sub(q);
  const d1 = S.div(K).ln().add(carry.mul(T)).div(s).add(s.mul(HALF));
  const d2 = d1.sub(s);
  const dividendFactor = q.mul(T).neg().exp();
  const discountFactor = r.mul(T).neg().exp();
  const n1 = normalDensity(d1);
  const N1 = normalCdf(d1.mul(omega));
  const N2 = normalCdf(d2.mul(omega));
  const product = d1.mul(d2);
  const halfPerTime = ONE.div(T.mul(2));
  const gamma = dividendFactor.mul(n1).div(S.mul(s));
  const vega = S.mul(dividendFactor).mul(n1).mul(T.sqrt());
  const forwardPart = S.mul(dividendFactor).mul(N1).mul(omega);
  const strikePart = K.mul(discountFactor).mul(N2).mul(omega);
  const decay = S.mul(dividendFactor).mul(n1).mul(sigma).div(T.sqrt().mul(2));
  return {
    price: blackScholesValue(type, S, K, sigma, T, r, q),
    delta: omega.mul(dividendFactor).mul(N1),
    gamma,
    vega,
    theta: q.mul(forwardPart).sub(r.mul(strikePart)).sub(decay),
    rho: strikePart.mul(T),
    dividendRho: forwardPart.mul(T).neg(),
    vanna: dividendFactor.mul(n1).mul(d2).div(sigma).neg(),
    volga: vega.mul(product).div(sigma),
    charm: omega
      .mul(q)
      .mul(dividendFactor)
      .mul(N1)
      .sub(dividendFactor.mul(n1).mul(carry.div(s).sub(d2.mul(halfPerTime)))),
    veta: vega.mul(q.sub(halfPerTime).add(d1.mul(carry).div(s)).sub(product.mul(halfPerTime))),
    speed: gamma.div(S).mul(d1.div(s).add(1)).neg(),
    zomma: gamma.mul(product.sub(1)).div(sigma),
    color: gamma.mul(q.add(d1.mul(carry).div(s)).add(ONE.sub(product).mul(halfPerTime))),
    ultima: vega
      .div(sigma.mul(sigma))
      .mul(product.mul(ONE.sub(product)).add(d1.mul(d1)).add(d2.mul(d2)))
      .neg(),
    dualDelta: discountFactor.mul(N2).mul(omega).neg(),
    dualGamma: discountFactor.mul(normalDensity(d2)).div(K.mul(s)),
    vannaVolatility: dividendFactor
      .mul(n1)
      .mul(d1.add(d2).sub(product.mul(d2)))
      .div(sigma.mul(sigma)),
    dualVanna: discountFactor.mul(normalDensity(d2)).mul(d1).div(sigma),
    crossStrike: dividendFactor.mul(n1).div(K.mul(s)).neg(),
    d1,
    d2,
  };
}

/** Finite-difference weights of the given derivative order on offsets -reach..reach (Fornberg 1988). */
function stencil(order: number, reach: number): Real[] {
  const nodes = Array.from({ length: 2 * reach + 1 }, (_, i) => real(i - reach));
  let weights: Real[][] = nodes.map(() => Array.from({ length: order + 1 }, () => ZERO));
  weights[0]![0] = ONE;
  let c1 = ONE;
  for (let i = 1; i < nodes.length; i++) {
    const next = weights.map((row) => row.slice());
    let c2 = ONE;
    for (let j = 0; j < i; j++) {
      const c3 = nodes[i]!.sub(nodes[j]!);
      c2 = c2.mul(c3);
      for (let k = 0; k <= order; k++) {
        const lower = k > 0 ? weights[j]![k - 1]!.mul(k) : ZERO;
        next[j]![k] = nodes[i]!.mul(weights[j]![k]!).sub(lower).div(c3);
        if (j === i - 1) {
          const before = k > 0 ? weights[j]![k - 1]!.mul(k) : ZERO;
          next[i]![k] = c1.div(c2).mul(before.sub(nodes[i - 1]!.mul(weights[j]![k]!)));
        }
      }
    }
    c1 = c2;
    weights = next;
  }
  return weights.map((row) => row[order]!);
}

/**
 * Mixed partial derivative of f at a point, orders[i] times in the i-th argument. Stencils of eleven points with steps of
 * `step` (1e-7 by default) times each argument (the argument itself must not be 0): about 40 digits for a function that varies
 * over a relative distance of order one, fewer where it varies faster; pass a smaller step there.
 */
export function differentiate(
  f: (...point: Real[]) => Real,
  at: readonly RealLike[],
  orders: readonly number[],
  step: RealLike = '1e-7',
): Real {
  const point = at.map(real);
  const visit = (argument: number): Real => {
    if (argument === point.length) return f(...point);
    const order = orders[argument] ?? 0;
    if (order === 0) return visit(argument + 1);
    const reach = 5;
    const centre = point[argument]!;
    const h = centre.abs().mul(real(step));
    let sum = ZERO;
    stencil(order, reach).forEach((weight, i) => {
      if (weight.isZero()) return;
      point[argument] = centre.add(h.mul(i - reach));
      sum = sum.add(weight.mul(visit(argument + 1)));
    });
    point[argument] = centre;
    return sum.div(h.pow(order));
  };
  return visit(0);
}
