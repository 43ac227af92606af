/**
 * SABR fitted at every pair of expiry and tenor of a swaption market; the cube in between is that of surface/sabr-cube.ts.
 *
 * Markets quote the at-the-money volatility of far more pairs than they quote smiles for. A node that cannot be fitted keeps its
 * at-the-money volatility where it has one, and takes rho and nu from the fitted nodes: linear in expiry at its tenor, level beyond
 * the first and the last; where its tenor has none, linear in tenor at its expiry. Each such node is listed, and marked in the data.
 */
import { requireArray, requireFinite, requireOneOf, requirePositive, requireWithin } from '../../check.js';
import { InputError } from '../../errors.js';
import type { Rejection } from '../../errors.js';
import { MILLISECONDS_PER_DAY } from '../../market/date.js';
import type { SliceInput } from '../../market/slice.js';
import { logRatio } from '../../math/logarithm.js';
import { sabrAlpha, sabrMoney } from '../smile/sabr-alpha.js';
import type { SabrParameters } from '../smile/parameters.js';
import { sabr, sabrForms } from '../smile/sabr.js';
import type { SabrForm } from '../smile/sabr.js';
import { distinct, requireGrid } from '../surface/sabr-cube.js';
import type { SabrCubeData, SabrCubeNode } from '../surface/sabr-cube.js';
import type { FitFailure, FitOptions, SliceFit } from './fit.js';
import { calibrateSabr } from './sabr.js';

/** The quotes of one pair of expiry and tenor. */
export interface SwaptionQuotes {
  expiryYears: number;
  tenorYears: number;
  /** Forward swap rate, a decimal. */
  forward: number;
  /** Strikes, or their offsets from the forward. */
  strikes?: number[] | undefined;
  strikeOffsets?: number[] | undefined;
  /** Normal volatilities in rate units for the form 'normal', else Black's on the shifted rate; NaN where there is no quote. */
  volatilities: number[];
  /** Of each volatility; 1e-4 where missing. */
  standardDeviations?: number[] | undefined;
}

export interface SabrCubeOptions extends Pick<FitOptions, 'engine' | 'loss' | 'weights' | 'densityCorrection'> {
  /** Default 'normal'. */
  form?: SabrForm | undefined;
  /** Default 0.5. */
  beta?: number | undefined;
  /** Added to forwards and strikes; default 0. */
  shift?: number | undefined;
  /** Whether the volatility at the forward is that of the quotes, interpolated; default true. Needs the engine 'trust-region'. */
  exactAtm?: boolean | undefined;
}

export type SabrCubeFailureReason = FitFailure['reason'];

export type SabrCubeFit =
  | {
      ok: true;
      data: SabrCubeData;
      /** Of the nodes that have one, in the order given. */
      fits: { expiryYears: number; tenorYears: number; fit: SliceFit<SabrParameters> }[];
      /** Nodes without a fit, which other nodes fill. */
      failed: { expiryYears: number; tenorYears: number; reason: SabrCubeFailureReason; message: string }[];
      /** Quotes left out: 'no-volatility', or 'strike-below-shift' with strike and limit. The index is that of the node. */
      rejected: Rejection<'no-volatility' | 'strike-below-shift'>[];
    }
  | FitFailure;

const DEVIATION = 1e-4;

/**
 * Calibrates a cube to the quotes of a complete grid, in any order. Fails with 'too-few-quotes' where no node can be fitted, and
 * 'no-convergence' where a filled node has no alpha for its at-the-money volatility. Throws InputError on nodes and options that
 * are not as they must be.
 */
export function calibrateSabrCube(nodes: readonly SwaptionQuotes[], o: SabrCubeOptions = {}): SabrCubeFit {
  requireArray('nodes', nodes);
  const form = o.form === undefined ? 'normal' : requireOneOf('form', o.form, sabrForms);
  const beta = o.beta === undefined ? 0.5 : requireWithin('beta', o.beta, 0, 1);
  const shift = o.shift === undefined ? 0 : requireFinite('shift', o.shift);
  const exactAtm = o.exactAtm ?? true;
  if (exactAtm && o.engine === 'ml') throw new InputError('engine', o.engine, "'trust-region' where exactAtm is true");
  nodes.forEach((node, i) => {
    requireNode(node, `nodes[${i}]`, shift);
  });
  requireGrid(nodes);

  const rejected: Rejection<'no-volatility' | 'strike-below-shift'>[] = [];
  const { engine, loss, weights, densityCorrection } = o;
  const options = { engine, loss, weights, densityCorrection, form, beta, shift, exactAtm };
  const results = nodes.map((node, index) => {
    const slice = sliceOf(node, index, shift, rejected);
    return { node, slice, fit: calibrateSabr(slice, options) };
  });
  const smiles: KnownSmile[] = [];
  const fits: Extract<SabrCubeFit, { ok: true }>['fits'] = [];
  const failed: Extract<SabrCubeFit, { ok: true }>['failed'] = [];
  for (const { node, slice, fit } of results) {
    const { expiryYears, tenorYears } = node;
    if (!fit.ok) {
      failed.push({ expiryYears, tenorYears, reason: fit.reason, message: fit.message });
      continue;
    }
    const { rho, nu } = fit.parameters;
    const atmVolatility = sabr.volatility({ ...fit.parameters, strike: slice.forward }, { form });
    smiles.push({ expiryYears, tenorYears, values: { rho, nu, atmVolatility } });
    fits.push({ expiryYears, tenorYears, fit });
  }
  if (smiles.length === 0) {
    const message = `none of the ${nodes.length} nodes can be fitted`;
    return { ok: false, reason: 'too-few-quotes', message, value: 0, limit: 1, rejected };
  }

  const filler = fillFrom(smiles);
  const cube: SabrCubeNode[] = [];
  for (const { node, slice, fit } of results) {
    const { expiryYears, tenorYears, forward } = node;
    const own = smiles.find((smile) => smile.expiryYears === expiryYears && smile.tenorYears === tenorYears);
    const quoted = atTheMoney(slice);
    const { rho, nu, atmVolatility: interpolated } = own?.values ?? filler(expiryYears, tenorYears);
    const atmVolatility = own === undefined ? (quoted ?? interpolated) : interpolated;
    const alpha = fit.ok
      ? fit.parameters.alpha
      : sabrAlpha(sabrMoney(forward + shift, beta, expiryYears, form), atmVolatility, rho, nu);
    if (!(alpha > 0)) {
      const message = `no alpha gives the at-the-money volatility ${atmVolatility} of ${expiryYears} x ${tenorYears} years`;
      return { ok: false, reason: 'no-convergence', message, value: atmVolatility, rejected };
    }
    const source = own !== undefined ? 'fitted' : quoted !== undefined ? 'smile-filled' : 'filled';
    cube.push({ expiryYears, tenorYears, forward, atmVolatility, alpha, rho, nu, source });
  }
  cube.sort((a, b) => a.expiryYears - b.expiryYears || a.tenorYears - b.tenorYears);
  return { ok: true, data: { schema: 1, form, beta, shift, nodes: cube }, fits, failed, rejected };
}

function requireNode(node: SwaptionQuotes, field: string, shift: number): void {
  requirePositive(`${field}.expiryYears`, node.expiryYears);
  requirePositive(`${field}.tenorYears`, node.tenorYears);
  requireFinite(`${field}.forward`, node.forward);
  if (!(node.forward + shift > 0))
    throw new InputError(`${field}.forward`, node.forward, `above minus the shift, ${-shift}`);
  const { strikes, strikeOffsets, volatilities, standardDeviations } = node;
  if ((strikes === undefined) === (strikeOffsets === undefined)) {
    throw new InputError(`${field}.strikes`, strikes, 'given, or strikeOffsets, and not both');
  }
  const count = requireArray(`${field}.volatilities`, volatilities).length;
  for (const [name, values] of Object.entries({ strikes, strikeOffsets, standardDeviations })) {
    if (values === undefined) continue;
    if (requireArray(`${field}.${name}`, values).length !== count) {
      throw new InputError(`${field}.${name}`, values, `as long as volatilities, ${count}`);
    }
    values.forEach((value, i) => {
      if (name === 'standardDeviations') requirePositive(`${field}.${name}[${i}]`, value);
      else requireFinite(`${field}.${name}[${i}]`, value);
    });
  }
  volatilities.forEach((value, i) => {
    if (!Number.isNaN(value)) requirePositive(`${field}.volatilities[${i}]`, value);
  });
}

/** The usable quotes of a node by strike; its expiry is counted from 1970, for want of a calendar. */
function sliceOf(
  node: SwaptionQuotes,
  index: number,
  shift: number,
  rejected: Rejection<'no-volatility' | 'strike-below-shift'>[],
): SliceInput {
  const { expiryYears, tenorYears, forward, volatilities, standardDeviations } = node;
  const quotes: { id: string; k: number; volatility: number; deviation: number }[] = [];
  volatilities.forEach((volatility, i) => {
    const strike = node.strikes === undefined ? forward + node.strikeOffsets![i]! : node.strikes[i]!;
    const id = `${expiryYears}Y x ${tenorYears}Y ${strike}`;
    if (Number.isNaN(volatility)) rejected.push({ index, id, reason: 'no-volatility', value: volatility, limit: 0 });
    else if (!(strike + shift > 0)) {
      rejected.push({ index, id, reason: 'strike-below-shift', value: strike, limit: -shift });
    } else {
      const k = strike === forward ? 0 : logRatio(strike + shift, forward + shift);
      quotes.push({ id, k, volatility, deviation: standardDeviations?.[i] ?? DEVIATION });
    }
  });
  quotes.sort((a, b) => a.k - b.k);
  return {
    underlying: `${tenorYears}Y swap`,
    expiry: Math.round(expiryYears * 365 * MILLISECONDS_PER_DAY),
    timeToExpiry: expiryYears,
    varianceTime: expiryYears,
    forward,
    discountFactor: 1,
    forwardVariance: 0,
    instrument: quotes.map((quote) => quote.id),
    logMoneyness: quotes.map((quote) => quote.k),
    volatilityBid: quotes.map(() => 0),
    volatilityAsk: quotes.map(() => Infinity),
    volatility: quotes.map((quote) => quote.volatility),
    standardDeviation: quotes.map((quote) => quote.deviation),
  };
}

/** The volatility at the forward on the line that joins the quotes around it; undefined where it has not one on each side. */
function atTheMoney({ logMoneyness: k, volatility }: SliceInput): number | undefined {
  const above = k.findIndex((value) => value >= 0);
  if (above < 0) return undefined;
  if (k[above] === 0) return volatility[above];
  if (above === 0) return undefined;
  const share = -k[above - 1]! / (k[above]! - k[above - 1]!);
  return volatility[above - 1]! + share * (volatility[above]! - volatility[above - 1]!);
}

type SmileValues = Pick<SabrCubeNode, 'rho' | 'nu' | 'atmVolatility'>;

interface KnownSmile {
  expiryYears: number;
  tenorYears: number;
  values: SmileValues;
}

/** Values at a pair without a fit of its own: along the expiries of its tenor, else along the tenors at its expiry. */
function fillFrom(smiles: readonly KnownSmile[]): (expiryYears: number, tenorYears: number) => SmileValues {
  const alongExpiry = (expiryYears: number, tenorYears: number): SmileValues =>
    between(
      smiles
        .filter((smile) => smile.tenorYears === tenorYears)
        .map(({ expiryYears: at, values }) => ({ at, values }))
        .sort((a, b) => a.at - b.at),
      expiryYears,
    );
  const tenors = distinct(smiles.map((smile) => smile.tenorYears));
  return (expiryYears, tenorYears) => {
    if (tenors.includes(tenorYears)) return alongExpiry(expiryYears, tenorYears);
    return between(
      tenors.map((at) => ({ at, values: alongExpiry(expiryYears, at) })),
      tenorYears,
    );
  };
}

/** Linear between the ascending points around `at`, level beyond the first and the last. */
function between(points: readonly { at: number; values: SmileValues }[], at: number): SmileValues {
  const after = points.findIndex((point) => point.at > at);
  if (after === 0) return points[0]!.values;
  if (after < 0) return points.at(-1)!.values;
  const [from, to] = [points[after - 1]!, points[after]!];
  const share = (at - from.at) / (to.at - from.at);
  const mix = (a: number, b: number): number => a + share * (b - a);
  return {
    rho: mix(from.values.rho, to.values.rho),
    nu: mix(from.values.nu, to.values.nu),
    atmVolatility: mix(from.values.atmVolatility, to.values.atmVolatility),
  };
}
