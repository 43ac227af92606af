/**
 * SABR fitted to one expiry at fixed beta: the search of sabr-search.ts and its report in (alpha, rho, nu). With `exactAtm` the
 * at-the-money formula, a cubic, eliminates alpha throughout, so the volatility at the forward is that of the quotes.
 */
import { requireWithin } from '../../check.js';
import { InputError } from '../../errors.js';
import type { SliceInput } from '../../market/slice.js';
import type { SabrParameters } from '../smile/parameters.js';
import { maximumSabrCorrelation, requireSabr, sabrForms } from '../smile/sabr.js';
import type { SabrForm } from '../smile/sabr.js';
import { carryInformation, objectiveOf, sliceFit } from './diagnostics.js';
import type { FitFailure, FitObjective, FitOptions, SliceFit } from './fit.js';
import { fitQuotes, quotePool } from './quotes.js';
import type { FitQuotes } from './quotes.js';
import { alphaSlopes, SABR_NORMAL, sabrColumns, sabrNormal, sabrNormalAtMoney, sabrPool } from './sabr-objective.js';
import type { SabrColumns } from './sabr-objective.js';
import { searchSabr, searchSabrByMl } from './sabr-search.js';
import type { SabrSearch } from './sabr-search.js';

export interface SabrFitOptions extends FitOptions {
  /** The volatility at the forward is that of the quotes, interpolated. */
  exactAtm?: boolean | undefined;
}

/** Quotes with a target that three parameters need. */
export const LEAST_SABR_QUOTES = 3;
const NAMES = ['alpha', 'rho', 'nu'] as const;

/**
 * Calibrates SABR to a slice. `beta` is fixed: 1 where it is not given, 0.5 for the form 'normal'. With a `shift`, the slice's
 * logMoneyness is ln((K + shift) / (F + shift)). With the form 'normal' the slice's volatilities are normal ones, in price units,
 * and are fitted as they are. Fails with 'too-few-quotes' below three quotes with a target and 'no-convergence' where no start has
 * finite residuals; throws InputError on a slice or options that are not as they must be.
 */
export function calibrateSabr(slice: SliceInput, o: SabrFitOptions = {}): SliceFit<SabrParameters> | FitFailure {
  const form = o.form ?? 'obloj';
  if (!sabrForms.includes(form)) throw new InputError('form', form, `one of ${sabrForms.join(', ')}`);
  const beta = o.beta === undefined ? (form === 'normal' ? 0.5 : 1) : requireWithin('beta', o.beta, 0, 1);
  const shift = o.shift ?? 0;
  if (!(slice.forward + shift > 0) || slice.forward + shift === Infinity) {
    throw new InputError('forward', slice.forward, 'above minus the shift');
  }
  if (form === 'normal' && o.space !== undefined && o.space !== 'volatility') {
    throw new InputError('space', o.space, "'volatility' for normal volatilities");
  }
  if (o.engine === 'ml' && o.exactAtm === true) {
    throw new InputError('exactAtm', o.exactAtm, "false with the engine 'ml', which fits alpha with the others");
  }
  const count = slice.logMoneyness.length;
  if (pools.columns.c.length < count) pools = { quotes: quotePool(2 * count), columns: sabrPool(2 * count) };
  const quotes = fitQuotes(slice, o, pools.quotes);
  if (quotes.targets < LEAST_SABR_QUOTES) {
    const message = `${quotes.targets} quotes with a target volatility: SABR needs ${LEAST_SABR_QUOTES}`;
    return {
      ok: false,
      reason: 'too-few-quotes',
      message,
      value: quotes.targets,
      limit: LEAST_SABR_QUOTES,
      rejected: [],
    };
  }
  const columns = sabrColumns(quotes, slice.forward + shift, beta, form, pools.columns);
  const start = o.start === undefined ? undefined : warmStart(o.start, form);
  const exactAtm = o.exactAtm ?? false;
  const search =
    o.engine === 'ml' ? searchSabrByMl(quotes, columns, start, o.loss) : searchSabr(quotes, columns, start, exactAtm);
  if (search === undefined) {
    return { ok: false, reason: 'no-convergence', message: 'no start has finite residuals', rejected: [] };
  }
  const fixed = { forward: slice.forward, beta, shift: o.shift };
  const objective = objectiveOf(o);
  objective.exactAtm = o.exactAtm;
  return finish(slice, quotes, columns, search, fixed, objective);
}

let pools = { quotes: quotePool(64), columns: sabrPool(64) };

/** (alpha, rho, u) of SABR parameters. */
function warmStart(start: unknown, form: SabrForm): Float64Array {
  const p = start as SabrParameters;
  requireSabr(p, form);
  return Float64Array.of(p.alpha, p.rho, p.nu / p.alpha);
}

const normal = new Float64Array(SABR_NORMAL);
const information = normal.subarray(4);
const parameterInformation = new Float64Array(6);
/** d(alpha, rho, nu)/d(alpha, rho, u), its inverse, and d(alpha, rho, nu)/d(rho, nu) at a given volatility at the forward. */
const chain = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
const inverseChain = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
const chainAtMoney = Float64Array.of(0, 0, 1, 0, 0, 1);
/** Of the two variables at a given volatility at the forward. */
const informationAtMoney = normal.subarray(3);

function finish(
  input: SliceInput,
  quotes: FitQuotes,
  columns: SabrColumns,
  search: SabrSearch,
  fixed: { forward: number; beta: number; shift: number | undefined },
  objective: FitObjective,
): SliceFit<SabrParameters> {
  const exactAtm = objective.exactAtm ?? false;
  const alpha = search.x[0]!;
  // One of the two names of the smile.
  const sign = search.x[2]! < 0 ? -1 : 1;
  const rho = sign * search.x[1]!;
  const u = sign * search.x[2]!;
  const nu = u * alpha;
  sabrNormal(quotes, columns, alpha, rho, u, normal);
  const atBound: string[] = [];
  if (Math.abs(rho) >= maximumSabrCorrelation) atBound.push('rho');
  if (nu === 0) atBound.push('nu');
  const cost = normal[0]!;
  inverseChain[6] = -u / alpha;
  inverseChain[8] = 1 / alpha;
  carryInformation(3, information, inverseChain, parameterInformation);
  let variables = 3;
  if (exactAtm) {
    variables = 2;
    sabrNormalAtMoney(quotes, columns, alpha, rho, nu, normal);
    alphaSlopes(columns, alpha, rho, nu, chainAtMoney);
  } else {
    chain[6] = u;
    chain[8] = alpha;
  }
  const held = NAMES.slice(3 - variables).map((name) => (atBound.includes(name) ? 1 : 0));
  const { forward, beta, shift } = fixed;
  const parameters: SabrParameters = { forward, timeToExpiry: quotes.time, alpha, beta, rho, nu };
  if (shift !== undefined) parameters.shift = shift;
  return sliceFit<SabrParameters>({
    model: 'sabr',
    parameters,
    names: NAMES,
    values: [alpha, rho, nu],
    lower: [0, -maximumSabrCorrelation, 0],
    upper: [Infinity, maximumSabrCorrelation, Infinity],
    input,
    objective,
    volatility: columns.model,
    cost,
    variables,
    information: exactAtm ? informationAtMoney : information,
    held,
    chain: exactAtm ? chainAtMoney : chain,
    parameterInformation,
    atBound,
    iterations: search.iterations,
    starts: search.starts,
    termination: search.termination,
    rejected: [],
  });
}
