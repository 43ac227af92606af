/**
 * SABR's expansions as jets: the volatility with all its derivatives to third order, in whatever variables alpha, rho, nu and the
 * logarithms of forward and strike are given in. The formulas are those of sabr.ts, written in the same terms.
 */
import { add, divide, exp, log, multiply, reciprocal, scale, shift, sqrt, subtract } from '../../math/jet.js';
import type { Jet } from '../../math/jet.js';
import { log as logarithm } from '../../math/logarithm.js';
import { InputError } from '../../errors.js';
import type { SabrParameters } from './parameters.js';
import type { SabrForm } from './sabr.js';

/** What the fit leaves fixed. */
export interface SabrFrame {
  form: SabrForm;
  beta: number;
  timeToExpiry: number;
  /** Shifted, above 0. */
  forward: number;
}

/**
 * The volatility at ln(K/F) = k of the given forward, when that forward is multiplied by e^t and the strike stays. All jets are
 * of the same number of variables; alpha is above 0, |rho| below 1, nu 0 or more.
 */
export function sabrVolatilityJet(frame: SabrFrame, k: number, t: Jet, alpha: Jet, rho: Jet, nu: Jet): Jet {
  return volatilityJet(frame, shift(t, -k), shift(scale(t, 0.5), logarithm(frame.forward) + 0.5 * k), alpha, rho, nu);
}

/**
 * Total variance sigma^2 T of Obloj's form where ln(K/F) is the jet k, forward and strike shifted by p.shift. Throws InputError
 * at a k where the expansion gives no positive volatility.
 */
export function sabrTotalVarianceJet(p: SabrParameters, k: Jet, alpha: Jet, rho: Jet, nu: Jet): Jet {
  const { beta, timeToExpiry } = p;
  const frame: SabrFrame = { form: 'obloj', beta, timeToExpiry, forward: p.forward + (p.shift ?? 0) };
  const logG = shift(scale(k, 0.5), logarithm(frame.forward));
  const volatility = volatilityJet(frame, scale(k, -1), logG, alpha, rho, nu);
  if (!(volatility[0]! > 0 && volatility[0]! < Infinity)) {
    throw new InputError('k', k[0], 'where the SABR expansion gives a positive volatility');
  }
  return scale(multiply(volatility, volatility), timeToExpiry);
}

/** l = ln(F/K), logG = ln(F K) / 2. */
function volatilityJet(frame: SabrFrame, l: Jet, logG: Jet, alpha: Jet, rho: Jet, nu: Jet): Jet {
  const { form, beta, timeToExpiry } = frame;
  const om = 1 - beta;
  const g = exp(scale(logG, om));
  const product = multiply(alpha, nu);
  let a: Jet;
  let b: Jet | undefined;
  if (form === 'hagan') {
    const u = scale(multiply(l, l), om * om);
    a = shift(scale(multiply(u, shift(scale(u, 1 / 80), 1)), 1 / 24), 1);
  } else {
    a = sinhc(scale(l, 0.5 * om));
    b = a;
  }
  const reach = multiply(g, b === undefined ? l : multiply(b, l));
  const q = ratioOfShape(divide(multiply(nu, reach), alpha), rho);
  const inverse = reciprocal(g);
  const perG = multiply(alpha, inverse);
  const level = scale(multiply(perG, perG), (form === 'normal' ? beta * (beta - 2) : om * om) / 24);
  const skew = scale(multiply(multiply(rho, product), inverse), beta / 4);
  const curvature = multiply(multiply(nu, nu), shift(scale(multiply(rho, rho), -1 / 8), 1 / 12));
  const theta = shift(scale(add(level, add(skew, curvature)), timeToExpiry), 1);
  const black = multiply(multiply(divide(perG, a), q), theta);
  return form === 'normal' ? multiply(black, multiply(exp(logG), sinhc(scale(l, 0.5)))) : black;
}

/** sinh(y) / y */
function sinhc(y: Jet): Jet {
  if (Math.abs(y[0]!) > 0.3) return divide(scale(subtract(exp(y), exp(scale(y, -1))), 0.5), y);
  const u = multiply(y, y);
  let sum = shift(scale(u, 1 / 210), 1);
  for (const divisor of [156, 110, 72, 42, 20, 6]) sum = shift(scale(multiply(u, sum), 1 / divisor), 1);
  return sum;
}

/** q(z) = z / chi(z), by the Legendre polynomials P_n(rho) near z = 0 and by the logarithm elsewhere. */
function ratioOfShape(z: Jet, rho: Jet): Jet {
  const from = z[0]!;
  if (Math.abs(from) < 0.1) {
    let below = scale(rho, 0);
    let p = shift(below, 1);
    let power = p;
    let sum = below;
    for (let n = 0; n < 20; n++) {
      sum = add(sum, scale(multiply(p, power), 1 / (n + 1)));
      const next = scale(subtract(scale(multiply(rho, p), 2 * n + 1), scale(below, n)), 1 / (n + 1));
      below = p;
      p = next;
      power = multiply(power, z);
    }
    return reciprocal(sum);
  }
  const beyond = subtract(z, rho);
  const r = sqrt(shift(subtract(multiply(beyond, beyond), multiply(rho, rho)), 1));
  const chi =
    from < rho[0]!
      ? subtract(log(shift(rho, 1)), log(subtract(r, beyond)))
      : subtract(log(add(r, beyond)), log(shift(scale(rho, -1), 1)));
  return divide(z, chi);
}

/**
 * alpha as a jet, where the at-the-money volatility is `level`: the root of the at-the-money formula at alpha0, carried to third
 * order by Newton's method, which doubles the order at every turn.
 */
export function sabrAlphaJet(frame: SabrFrame, level: Jet, t: Jet, alpha0: number, rho: Jet, nu: Jet): Jet {
  let alpha = shift(scale(t, 0), alpha0);
  const { form, beta, timeToExpiry, forward } = frame;
  const om = 1 - beta;
  const logF = shift(t, logarithm(forward));
  const inverse = exp(scale(logF, -om));
  const unit = form === 'normal' ? multiply(inverse, exp(logF)) : inverse;
  const cubic = scale(
    multiply(inverse, inverse),
    (timeToExpiry * (form === 'normal' ? beta * (beta - 2) : om * om)) / 24,
  );
  const square = scale(multiply(multiply(rho, nu), inverse), (timeToExpiry * beta) / 4);
  const curvature = multiply(multiply(nu, nu), shift(scale(multiply(rho, rho), -1 / 8), 1 / 12));
  const linear = shift(scale(curvature, timeToExpiry), 1);
  for (let turn = 0; turn < 3; turn++) {
    const inner = add(linear, multiply(alpha, add(square, multiply(alpha, cubic))));
    const value = subtract(multiply(unit, multiply(alpha, inner)), level);
    const slope = multiply(unit, add(inner, multiply(alpha, add(square, scale(multiply(alpha, cubic), 2)))));
    alpha = subtract(alpha, divide(value, slope));
  }
  return alpha;
}
