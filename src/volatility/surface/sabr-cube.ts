/**
 * A volatility cube of swaptions, expiry x tenor x strike: SABR at every pair of expiry and tenor, and a rule in between.
 *
 *   forward, at-the-money volatility, rho, nu    bilinear in expiry and tenor, in years
 *   alpha                                        solved again, so that the volatility at the forward is the interpolated one
 *   beta, shift                                  one for the cube
 *
 * At a node this gives the node's own smile. Outside the grid there is nothing, or, on request, the values at its edge.
 */
import {
  requireArray,
  requireFinite,
  requireObject,
  requireOneOf,
  requirePositive,
  requireWithin,
} from '../../check.js';
import { InputError } from '../../errors.js';
import type { SabrParameters } from '../smile/parameters.js';
import { sabrAlpha, sabrMoney } from '../smile/sabr-alpha.js';
import { maximumSabrCorrelation, requireSabr, sabr, sabrForms } from '../smile/sabr.js';
import type { SabrForm } from '../smile/sabr.js';

export interface SabrCubeNode {
  expiryYears: number;
  tenorYears: number;
  forward: number;
  /** At the forward: normal in price units or Black, by the form. */
  atmVolatility: number;
  alpha: number;
  rho: number;
  nu: number;
  /**
   * 'fitted' to its own quotes; 'smile-filled': its own at-the-money volatility, rho and nu from other nodes; 'filled': all three
   * from other nodes.
   */
  source: 'fitted' | 'smile-filled' | 'filled';
}

/** Plain data: crosses to workers, JSON. */
export interface SabrCubeData {
  schema: 1;
  form: SabrForm;
  beta: number;
  shift: number;
  /** One for every pair of expiry and tenor. */
  nodes: SabrCubeNode[];
}

export interface SabrCube {
  readonly data: SabrCubeData;
  /** Interpolated forward rate. */
  forward(expiryYears: number, tenorYears: number): number;
  /** The smile at a point of the grid; around `forward` where it is given. */
  parameters(expiryYears: number, tenorYears: number, forward?: number): SabrParameters;
  /** Normal or Black volatility at a strike, by the cube's form; around `forward` where it is given. */
  volatility(expiryYears: number, tenorYears: number, strike: number, forward?: number): number;
}

export interface SabrCubeViewOptions {
  /** Outside the grid: 'none', the default, throws; 'flat' takes the values at its edge. */
  extrapolation?: 'none' | 'flat' | undefined;
}

/**
 * The view of a cube. Throws InputError on data that are not a complete grid of SABR smiles. Its methods throw InputError outside
 * the grid (see `extrapolation`), for strikes at or below minus the shift, and where the expansion gives no positive volatility.
 */
export function openSabrCube(data: SabrCubeData, o: SabrCubeViewOptions = {}): SabrCube {
  requireCube(data);
  const flat =
    o.extrapolation !== undefined && requireOneOf('extrapolation', o.extrapolation, ['none', 'flat']) === 'flat';
  const { form, beta, shift } = data;
  const expiries = distinct(data.nodes.map((node) => node.expiryYears));
  const tenors = distinct(data.nodes.map((node) => node.tenorYears));
  const at = new Map(data.nodes.map((node) => [`${node.expiryYears}/${node.tenorYears}`, node]));
  const node = (e: number, t: number): SabrCubeNode => at.get(`${expiries[e]!}/${tenors[t]!}`)!;

  /** Bilinear weights on the four nodes around a point. */
  const mixer = (expiryYears: number, tenorYears: number): ((field: (node: SabrCubeNode) => number) => number) => {
    const e = bracket('expiryYears', expiries, requirePositive('expiryYears', expiryYears), flat);
    const t = bracket('tenorYears', tenors, requirePositive('tenorYears', tenorYears), flat);
    const mix = (a: number, b: number, share: number): number => (share === 0 ? a : a + share * (b - a));
    return (field) =>
      mix(
        mix(field(node(e.from, t.from)), field(node(e.to, t.from)), e.share),
        mix(field(node(e.from, t.to)), field(node(e.to, t.to)), e.share),
        t.share,
      );
  };
  const forwardAt = (expiryYears: number, tenorYears: number): number =>
    mixer(expiryYears, tenorYears)((n) => n.forward);
  const parameters = (expiryYears: number, tenorYears: number, given?: number): SabrParameters => {
    const mixed = mixer(expiryYears, tenorYears);
    const forward = given === undefined ? mixed((n) => n.forward) : requireFinite('forward', given);
    if (!(forward + shift > 0)) throw new InputError('forward', forward, `above minus the shift, ${-shift}`);
    const [rho, nu] = [mixed((n) => n.rho), mixed((n) => n.nu)];
    const alpha = sabrAlpha(
      sabrMoney(forward + shift, beta, expiryYears, form),
      mixed((n) => n.atmVolatility),
      rho,
      nu,
    );
    if (!(alpha > 0))
      throw new InputError('parameters', { rho, nu }, 'such that some alpha gives the at-the-money volatility');
    return { forward, timeToExpiry: expiryYears, alpha, beta, rho, nu, shift };
  };
  return {
    data,
    forward: forwardAt,
    parameters,
    volatility(expiryYears, tenorYears, strike, forward) {
      return sabr.volatility({ ...parameters(expiryYears, tenorYears, forward), strike }, { form });
    },
  };
}

/** Ascending, without repeats. */
export function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** The grid points around a value and its share of the way between them. */
function bracket(
  field: string,
  grid: readonly number[],
  value: number,
  flat: boolean,
): { from: number; to: number; share: number } {
  const last = grid.length - 1;
  const [least, most] = [grid[0]!, grid[last]!];
  if (!flat && !(value >= least && value <= most))
    throw new InputError(field, value, `within the grid, from ${least} to ${most}`);
  if (value <= least) return { from: 0, to: 0, share: 0 };
  if (value >= most) return { from: last, to: last, share: 0 };
  const to = grid.findIndex((point) => point > value);
  return { from: to - 1, to, share: (value - grid[to - 1]!) / (grid[to]! - grid[to - 1]!) };
}

function requireCube(data: SabrCubeData): void {
  requireObject('data', data);
  if ((data.schema as unknown) !== 1) throw new InputError('schema', data.schema, '1');
  requireOneOf('form', data.form, sabrForms);
  requireWithin('beta', data.beta, 0, 1);
  requireFinite('shift', data.shift);
  requireArray('nodes', data.nodes);
  data.nodes.forEach((node, i) => {
    requirePositive(`nodes[${i}].expiryYears`, node.expiryYears);
    requirePositive(`nodes[${i}].tenorYears`, node.tenorYears);
    requirePositive(`nodes[${i}].atmVolatility`, node.atmVolatility);
    requireWithin(`nodes[${i}].rho`, node.rho, -maximumSabrCorrelation, maximumSabrCorrelation);
    requireSabr({ ...node, timeToExpiry: node.expiryYears, beta: data.beta, shift: data.shift }, data.form);
    if (!(node.forward + data.shift > 0)) {
      throw new InputError(`nodes[${i}].forward`, node.forward, `above minus the shift, ${-data.shift}`);
    }
  });
  requireGrid(data.nodes);
}

/** Throws InputError unless there is exactly one node for every pair of an expiry and a tenor. */
export function requireGrid(nodes: readonly { expiryYears: number; tenorYears: number }[]): void {
  const pairs = new Set(nodes.map((node) => `${node.expiryYears}/${node.tenorYears}`));
  const expiries = distinct(nodes.map((node) => node.expiryYears));
  const tenors = distinct(nodes.map((node) => node.tenorYears));
  if (nodes.length === 0 || pairs.size !== nodes.length || pairs.size !== expiries.length * tenors.length) {
    throw new InputError('nodes', nodes, 'one for every pair of expiry and tenor');
  }
}
