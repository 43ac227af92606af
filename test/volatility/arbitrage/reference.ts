/** Slices at random, and what the tests compare certificates with: g, w and prices to 80 digits straight from their definitions. */
import type { Leg } from '../../../src/volatility/arbitrage/certificate.js';
import type { SsviSlice, SviParameters } from '../../../src/volatility/smile/parameters.js';
import { HALF, ONE, real, TWO, type Real } from '../../reference/real.js';

export type Hyperbolic = SviParameters | SsviSlice;

/** Numbers in [0, 1) from a seed: mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

export function svi(a: number, b: number, rho: number, m: number, sigma: number): SviParameters {
  return { a, b, rho, m, sigma };
}

/** Positive variance, both wings below Lee's bound; about half of these are free of arbitrage. */
export function randomSvi(next: () => number): SviParameters {
  const rho = 1.96 * next() - 0.98;
  const b = (2 / (1 + Math.abs(rho))) * next() * 0.98;
  const sigma = Math.exp(Math.log(0.05) + next() * Math.log(60));
  const m = (next() - 0.5) * 0.8;
  const lowest = Math.exp(Math.log(2e-3) + next() * Math.log(600));
  return { a: lowest - b * sigma * Math.sqrt(1 - rho * rho), b, rho, m, sigma };
}

export function randomSsvi(next: () => number): SsviSlice {
  const rho = 1.96 * next() - 0.98;
  const theta = Math.exp(Math.log(1e-3) + next() * Math.log(1e3));
  const phi = (3.9 / (theta * (1 + Math.abs(rho)))) * next();
  return { theta, rho, phi: next() < 0.5 ? phi : Math.min(phi, 3 * Math.sqrt(1 / theta)) };
}

export interface Exact {
  w: Real;
  dw: Real;
  d2w: Real;
  g: Real;
}

/** w, w', w'' and g from the definition of the smile, for the exact parameters. */
export function exactSlice(p: Hyperbolic, at: number | Real): Exact {
  const k = real(at);
  let w: Real;
  let dw: Real;
  let d2w: Real;
  if ('sigma' in p) {
    const { a, b, rho, m, sigma } = {
      a: real(p.a),
      b: real(p.b),
      rho: real(p.rho),
      m: real(p.m),
      sigma: real(p.sigma),
    };
    const u = k.sub(m);
    const root = u.mul(u).add(sigma.mul(sigma)).sqrt();
    w = a.add(b.mul(rho.mul(u).add(root)));
    dw = b.mul(rho.add(u.div(root)));
    d2w = b.mul(sigma).mul(sigma).div(root.pow(3));
  } else {
    const { theta, rho, phi } = { theta: real(p.theta), rho: real(p.rho), phi: real(p.phi) };
    const x = phi.mul(k).add(rho);
    const orthogonal = ONE.sub(rho.mul(rho));
    const root = x.mul(x).add(orthogonal).sqrt();
    w = theta.mul(HALF).mul(ONE.add(rho.mul(phi).mul(k)).add(root));
    dw = theta
      .mul(phi)
      .mul(HALF)
      .mul(rho.add(x.div(root)));
    d2w = theta.mul(phi).mul(phi).mul(HALF).mul(orthogonal).div(root.pow(3));
  }
  const straight = ONE.sub(k.mul(dw).div(w.mul(2)));
  const g = straight
    .mul(straight)
    .sub(
      dw
        .mul(dw)
        .div(4)
        .mul(ONE.div(w).add(real(0.25))),
    )
    .add(d2w.mul(HALF));
  return { w, dw, d2w, g };
}

/**
 * The test of Martini and Mingone in doubles, on a net with every dip followed down: f+ and f- above 0, and sigma at least the
 * supremum of -g2/(2 G1) where g2 < 0. Returns the most critical l, and whether the slice passes.
 */
export function martiniMingone({ a, b, rho, m, sigma }: SviParameters): { free: boolean; k: number } {
  const alpha = a / sigma;
  const mu = m / sigma;
  const parts = (l: number): { low: number; slack: number } => {
    const root = Math.sqrt(l * l + 1);
    const N = alpha + b * (rho * l + root);
    const dN = b * (rho + l / root);
    const d2N = b / root ** 3;
    const plus = 1 - dN * ((l + mu) / (2 * N) + 0.25);
    const minus = 1 - dN * ((l + mu) / (2 * N) - 0.25);
    const g2 = d2N - (dN * dN) / (2 * N);
    // sigma >= -g2/(2 G1) with G1 > 0, written without the division.
    return { low: Math.min(plus, minus), slack: plus * minus + g2 / (2 * sigma) };
  };
  const worst = (f: (l: number) => number): { l: number; value: number } => {
    const points = 1200;
    const net = Array.from({ length: points + 1 }, (_, i) => Math.sinh(((2 * i) / points - 1) * 18));
    const values = net.map(f);
    let best = { l: net[0]!, value: values[0]! };
    for (let i = 0; i <= points; i++) {
      const value = values[i]!;
      if (value < best.value) best = { l: net[i]!, value };
      if (i === 0 || i === points || value > values[i - 1]! || value > values[i + 1]!) continue;
      let [lower, upper] = [net[i - 1]!, net[i + 1]!];
      for (let step = 0; step < 60; step++) {
        const [x, y] = [lower + 0.382 * (upper - lower), lower + 0.618 * (upper - lower)];
        if (f(x) < f(y)) upper = y;
        else lower = x;
      }
      const l = 0.5 * (lower + upper);
      if (f(l) < best.value) best = { l, value: f(l) };
    }
    return best;
  };
  const slack = worst((l) => parts(l).slack);
  const low = worst((l) => parts(l).low);
  if (slack.value < 0) return { free: false, k: m + sigma * slack.l };
  return { free: low.value > 0, k: m + sigma * low.l };
}

/** Normal distribution function to 60 digits or more, by its continued fraction or its series. */
export function exactNormalCdf(x: Real): Real {
  const size = x.abs();
  let upper: Real;
  if (size.toNumber() < 6) {
    // Phi(x) - 1/2 = phi(x) (x + x^3/3 + x^5/15 + ...), all terms of one sign.
    let term = size;
    let sum = size;
    for (let n = 1; term.gt('1e-85'); n++) {
      term = term
        .mul(size)
        .mul(size)
        .div(2 * n + 1);
      sum = sum.add(term);
    }
    upper = HALF.sub(exactNormalPdf(size).mul(sum));
  } else {
    let fraction: Real = size;
    for (let n = 4000; n >= 1; n--) fraction = size.add(real(n).div(fraction));
    upper = exactNormalPdf(size).div(fraction);
  }
  return x.isNegative() ? upper : ONE.sub(upper);
}

const SQRT_TWO_PI = real(
  '2.50662827463100050241576528481104525300698674060993831662992357634229365460784197494659583837805726611600997',
);

export function exactNormalPdf(x: Real): Real {
  return x.mul(x).mul(HALF).neg().exp().div(SQRT_TWO_PI);
}

/** What a trade costs at the volatilities of its slices, per unit of the forward; expiries count 1 and 2. */
export function exactCost(trade: readonly Leg[], slices: readonly Hyperbolic[]): Real {
  return trade.reduce((cost, { type, strike, timeToExpiry, quantity }) => {
    const K = real(strike);
    const k = K.ln();
    const root = exactSlice(slices[timeToExpiry - 1]!, k).w.sqrt();
    const d1 = root.div(TWO).sub(k.div(root));
    const d2 = d1.sub(root);
    const price =
      type === 'call'
        ? exactNormalCdf(d1).sub(K.mul(exactNormalCdf(d2)))
        : K.mul(exactNormalCdf(d2.neg())).sub(exactNormalCdf(d1.neg()));
    return cost.add(price.mul(real(quantity)));
  }, real(0));
}

/** The payoff at expiry of legs of one expiry, exactly. */
export function exactPayoff(trade: readonly Leg[], spot: number): Real {
  return trade.reduce((sum, { type, strike, quantity }) => {
    const inside = type === 'call' ? real(spot).sub(real(strike)) : real(strike).sub(real(spot));
    return inside.isNegative() ? sum : sum.add(inside.mul(real(quantity)));
  }, real(0));
}
