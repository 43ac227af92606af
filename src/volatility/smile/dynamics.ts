/**
 * How the smile moves when the forward does, and the delta and gamma that follow. A rule makes the volatility of the option's
 * strike a function of the forward, sigma(F), and the value V(F, sigma(F)):
 *
 *   delta = V_F + V_sigma sigma_F
 *   gamma = V_FF + 2 V_Fsigma sigma_F + V_sigmasigma sigma_F^2 + V_sigma sigma_FF
 *
 *   stickiness R      sigma(K; F e^d) = sigma(k + (R - 1) d):  sigma_F = (R - 1) sigma'/F,
 *                     sigma_FF = [(R - 1)^2 sigma'' - (R - 1) sigma']/F^2;  R = 0 sticky delta, 1 sticky strike, 2 about what
 *                     local volatility does at short times                                  Bergomi (2009)
 *   sabr              sigma of SABR at constant alpha                                       Hagan et al. (2002)
 *   bartlett          alpha moves as its correlation with F makes it, d alpha = rho nu F^-beta dF        Bartlett (2006)
 *   minimum variance  sigma_F = (a + b delta + c delta^2) / (F sqrt T), delta Black's        Hull and White (2017)
 *
 * sigma' and sigma'' are derivatives in k = ln(K/F). The value moves along the curve sigma(F) the rule makes, which is why gamma
 * differentiates the rule as well.
 */
import { requireArray, requireFinite, requireObject } from '../../check.js';
import { InputError } from '../../errors.js';
import { exp } from '../../math/exponential.js';
import { constant, derivative, variable } from '../../math/jet.js';
import { log, logRatio } from '../../math/logarithm.js';
import { black76 } from '../../pricing/black76.js';
import { displaced } from '../../pricing/displaced.js';
import type { Greeks } from '../../pricing/greeks.js';
import type { ForwardOption } from '../../pricing/option.js';
import type { SabrParameters } from './parameters.js';
import { sabrVolatilityJet } from './sabr-jet.js';
import { requireSabr } from './sabr.js';

/** A rule by which the smile moves with the forward. */
export type SmileDynamics =
  | 'sticky-strike'
  | 'sticky-delta'
  | 'local-vol'
  | { skewStickiness: number }
  | 'sabr'
  | 'bartlett'
  | { minimumVariance: [number, number, number] };

/** The smile at the option's strike. */
export interface SmileSlopes {
  /** dvol/dk, k = ln(K/F). */
  slope: number;
  /** d2vol/dk2 */
  curvature: number;
  /** For the rules 'sabr' and 'bartlett': the slice, of Obloj's form. */
  sabr?: SabrParameters | undefined;
}

/** sigma_F and sigma_FF along the rule. */
export interface VolatilityMove {
  first: number;
  second: number;
}

/**
 * Delta and gamma in the forward, with the smile moving by the rule. With `sabr.shift` the option's volatility is that of the
 * displaced model. Without time to expiry or where the volatility has no effect they are Black's. Throws InputError for an option
 * black76 refuses, a slope or curvature that is not finite, an unknown rule, or SABR parameters that are missing, out of their
 * domain, or of another forward or expiry than the option's.
 */
export function smileDelta(
  option: ForwardOption,
  smile: SmileSlopes,
  dynamics: SmileDynamics,
): { delta: number; gamma: number } {
  const rule = requireRule(option, smile, dynamics);
  if (rule.sabr === undefined) return moved(black76.greeks(option), rule.move);
  return moved(displaced.greeks({ ...option, shift: rule.sabr.shift ?? 0 }), rule.move);
}

/**
 * How the volatility of the option's strike moves with the forward, for values that are not Black's; of the displaced model where
 * `sabr` has a shift. Throws as {@link smileDelta} does.
 */
export function volatilityMove(option: ForwardOption, smile: SmileSlopes, dynamics: SmileDynamics): VolatilityMove {
  return requireRule(option, smile, dynamics).move();
}

function requireRule(
  option: ForwardOption,
  smile: SmileSlopes,
  dynamics: SmileDynamics,
): { move: () => VolatilityMove; sabr?: SabrParameters } {
  requireObject('option', option);
  requireObject('smile', smile);
  requireFinite('slope', smile.slope);
  requireFinite('curvature', smile.curvature);
  if (dynamics === 'sabr' || dynamics === 'bartlett') {
    const sabr = requireSabrOf(option, smile.sabr);
    return { sabr, move: () => sabrMove(option, sabr, dynamics === 'bartlett') };
  }
  if (typeof dynamics !== 'string') requireObject('dynamics', dynamics);
  if (typeof dynamics === 'object' && 'minimumVariance' in dynamics) {
    const weights = requireWeights(dynamics.minimumVariance);
    return { move: () => minimumVarianceMove(option, black76.greeks(option), weights) };
  }
  const ratio = stickiness(dynamics);
  return { move: () => stickyMove(option.forward, smile, ratio) };
}

/** The chain rule; a volatility without effect has no move to follow. */
function moved(greeks: Greeks, move: () => VolatilityMove): { delta: number; gamma: number } {
  const { delta, gamma, vega, vanna, volga } = greeks;
  if (vega === 0) return { delta, gamma };
  const { first, second } = move();
  return { delta: delta + vega * first, gamma: gamma + 2 * vanna * first + volga * first * first + vega * second };
}

function stickiness(dynamics: Exclude<SmileDynamics, 'sabr' | 'bartlett' | { minimumVariance: unknown }>): number {
  if (dynamics === 'sticky-strike') return 1;
  if (dynamics === 'sticky-delta') return 0;
  if (dynamics === 'local-vol') return 2;
  if (typeof dynamics !== 'object' || !('skewStickiness' in dynamics)) {
    throw new InputError('dynamics', dynamics, 'a rule by which the smile moves');
  }
  return requireFinite('skewStickiness', dynamics.skewStickiness);
}

function stickyMove(forward: number, { slope, curvature }: SmileSlopes, ratio: number): VolatilityMove {
  const along = ratio - 1;
  return {
    first: (along * slope) / forward,
    second: (along * along * curvature - along * slope) / forward / forward,
  };
}

/** In t, where the shifted forward is multiplied by e^t; F d/dF = d/dt and F^2 d2/dF2 = d2/dt2 - d/dt. */
function sabrMove({ forward, strike }: ForwardOption, p: SabrParameters, correlated: boolean): VolatilityMove {
  const { beta, rho, nu, timeToExpiry } = p;
  const shifted = forward + (p.shift ?? 0);
  const t = variable(1, 0, 0);
  const alpha = constant(1, p.alpha);
  if (correlated) {
    // alpha + rho nu times the integral of F^-beta dF from t = 0.
    const om = 1 - beta;
    const rate = rho * nu * exp(om * log(shifted));
    alpha[1] = rate;
    alpha[2] = (rate * om) / 2;
    alpha[3] = (rate * om * om) / 6;
  }
  const frame = { form: 'obloj', beta, timeToExpiry, forward: shifted } as const;
  const k = logRatio(strike + (p.shift ?? 0), shifted);
  const volatility = sabrVolatilityJet(frame, k, t, alpha, constant(1, rho), constant(1, nu));
  if (!(volatility[0]! > 0 && volatility[0]! < Infinity)) {
    throw new InputError('sabr', p, 'in the range where the SABR expansion gives a positive volatility');
  }
  const slope = derivative(volatility, 0);
  return { first: slope / shifted, second: (derivative(volatility, 0, 0) - slope) / shifted / shifted };
}

/** The delta of the rule is Black's undiscounted delta in the forward; along the rule it moves with F and with sigma. */
function minimumVarianceMove(
  { forward, timeToExpiry, discountFactor = 1 }: ForwardOption,
  greeks: Greeks,
  [a, b, c]: readonly [number, number, number],
): VolatilityMove {
  const unit = 1 / Math.sqrt(timeToExpiry);
  const delta = greeks.delta / discountFactor;
  const value = a + b * delta + c * delta * delta;
  const first = (value * unit) / forward;
  const deltaMove = (greeks.gamma + greeks.vanna * first) / discountFactor;
  const second = ((b + 2 * c * delta) * deltaMove - value / forward) * (unit / forward);
  return { first, second };
}

function requireWeights(weights: readonly number[]): readonly [number, number, number] {
  requireArray('minimumVariance', weights);
  if (weights.length !== 3) throw new InputError('minimumVariance', weights, 'three numbers');
  const [a, b, c] = weights.map((weight, i) => requireFinite(`minimumVariance[${i}]`, weight));
  return [a!, b!, c!];
}

function requireSabrOf(option: ForwardOption, p: SabrParameters | undefined): SabrParameters {
  if (p === undefined) throw new InputError('sabr', p, "given for the rules 'sabr' and 'bartlett'");
  requireObject('sabr', p);
  requireSabr(p, 'obloj');
  for (const name of ['forward', 'timeToExpiry'] as const) {
    if (p[name] !== option[name]) throw new InputError(`sabr.${name}`, p[name], `the option's, ${option[name]}`);
  }
  return p;
}
