/**
 * The surface of a moved market. With the forward from F to F', the smile is tied to the forward F_0 it is read against:
 *
 *   stickiness R   F_0' = F_0 (F'/F)^(1 - R)                      s'(K) = s(ln(K/F_0')), so that R = 1 keeps the volatility of a strike
 *   sabr           F_0' = F_0 F'/F at constant alpha               Hagan et al. (2002)
 *   bartlett       and alpha' = alpha + rho nu (integral of F^-beta dF from F_0 to F_0')                    Bartlett (2006)
 *
 * SABR's parameters name the forward they are for: tied to another, alpha' = alpha (F_0'/F_0)^(1 - beta) gives the same smile in k.
 */
import { requireFinite, requireObject } from '../check.js';
import { InputError } from '../errors.js';
import { exp } from '../math/exponential.js';
import { log, logRatio } from '../math/logarithm.js';
import type { SmileDynamics } from '../volatility/smile/dynamics.js';
import type { SabrParameters, SmileParameters } from '../volatility/smile/parameters.js';
import { isSabr } from '../volatility/smile/smile.js';
import type { SurfaceData, SurfaceSlice, VolatilityMove } from '../volatility/surface/surface-data.js';

type SurfaceRule = { stickiness: number } | 'sabr' | 'bartlett';

/** Throws InputError for what is no rule, or not one for a whole smile. */
export function requireDynamics(dynamics: SmileDynamics): SurfaceRule {
  if (dynamics === 'sabr' || dynamics === 'bartlett') return dynamics;
  if (dynamics === 'sticky-strike') return { stickiness: 1 };
  if (dynamics === 'sticky-delta') return { stickiness: 0 };
  if (dynamics === 'local-vol') return { stickiness: 2 };
  if (typeof dynamics !== 'object' || !('skewStickiness' in requireObject('dynamics', dynamics))) {
    throw new InputError('dynamics', dynamics, 'a rule by which a whole smile moves');
  }
  const { skewStickiness } = dynamics as { skewStickiness: number };
  return { stickiness: requireFinite('dynamics.skewStickiness', skewStickiness) };
}

/** The surface with other forwards, and another spot where it has one. Throws InputError for SABR's rules on another model. */
export function moveForwards(
  surface: SurfaceData,
  forwards: readonly number[],
  spot: number | undefined,
  dynamics: SmileDynamics,
): SurfaceData {
  const rule = requireDynamics(dynamics);
  const { shift } = surface;
  const smileForwards = surface.slices.map((slice, i) =>
    tiedTo(rule, shift?.smileForwards[i] ?? slice.forward, slice.forward, forwards[i]!),
  );
  const smileSpot =
    spot === undefined || surface.spot === undefined
      ? undefined
      : tiedTo(rule, shift?.smileSpot ?? surface.spot, surface.spot, spot);
  const volatility = shift?.volatility ?? [];
  const atHome =
    volatility.length === 0 && smileSpot === spot && smileForwards.every((forward, i) => forward === forwards[i]);
  const slices = surface.slices.map((slice, i): SurfaceSlice => {
    const { expiry, timeToExpiry, varianceTime, discountFactor, parameters, covariance, butterfly } = slice;
    const moved = movedParameters(parameters, shift?.smileForwards[i] ?? slice.forward, smileForwards[i]!, rule);
    const same = moved === parameters;
    return {
      expiry,
      timeToExpiry,
      varianceTime,
      forward: forwards[i]!,
      discountFactor,
      parameters: moved,
      covariance: same ? covariance : undefined,
      butterfly: same && atHome ? butterfly : undefined,
    };
  });
  const { schema, underlying, asOf, clock, interpolation } = surface;
  const sameSmiles = slices.every(({ parameters }, i) => parameters === surface.slices[i]!.parameters);
  const calendar = sameSmiles && atHome ? surface.calendar : [];
  const record = atHome ? undefined : { smileSpot, smileForwards, volatility };
  return { schema, underlying, asOf, spot, clock, interpolation, slices, calendar, shift: record };
}

/** The surface with its volatilities moved. */
export function addVolatilityMove(surface: SurfaceData, move: VolatilityMove): SurfaceData {
  const { smileSpot, smileForwards, volatility } = surface.shift ?? {
    smileSpot: surface.spot,
    smileForwards: surface.slices.map(({ forward }) => forward),
    volatility: [],
  };
  return withoutCertificates({ ...surface, shift: { smileSpot, smileForwards, volatility: [...volatility, move] } });
}

function tiedTo(rule: SurfaceRule, tied: number, from: number, to: number): number {
  const stickiness = typeof rule === 'object' ? rule.stickiness : 0;
  if (stickiness === 1 || from === to) return tied;
  if (stickiness === 0) return tied === from ? to : tied * (to / from);
  return tied * exp((1 - stickiness) * logRatio(to, from));
}

function movedParameters(parameters: SmileParameters, from: number, to: number, rule: SurfaceRule): SmileParameters {
  if (!isSabr(parameters)) {
    if (typeof rule === 'object') return parameters;
    throw new InputError('dynamics', rule, 'a rule of surfaces that are not of SABR');
  }
  if (from === to) return parameters;
  const moved: SabrParameters = { ...parameters, forward: to };
  const { alpha, beta, rho, nu } = parameters;
  if (typeof rule === 'object') return { ...moved, alpha: alpha * power(to / from, 1 - beta) };
  if (rule === 'sabr') return moved;
  const integral = beta === 1 ? logRatio(to, from) : (power(to, 1 - beta) - power(from, 1 - beta)) / (1 - beta);
  const correlated = alpha + rho * nu * integral;
  if (!(correlated > 0)) throw new InputError('dynamics', rule, `a move that leaves alpha above 0, not ${correlated}`);
  return { ...moved, alpha: correlated };
}

function power(x: number, exponent: number): number {
  return exponent === 0 ? 1 : exp(exponent * log(x));
}

function withoutCertificates(surface: SurfaceData): SurfaceData {
  if (surface.calendar.length === 0 && surface.slices.every(({ butterfly }) => butterfly === undefined)) return surface;
  return { ...surface, calendar: [], slices: surface.slices.map((slice) => ({ ...slice, butterfly: undefined })) };
}
