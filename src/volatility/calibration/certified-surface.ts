/**
 * The SVI slices of a surface, proved free of butterfly and calendar arbitrage. Every expiry is fitted by itself first; an expiry that
 * SVI cannot be fitted to (fewer than five targets, or no convergence) takes part with its eSSVI slice, which needs three targets.
 *
 * A certified slice that fits its quotes better than the fit it came from tells of a better minimum of that fit: it is fitted again
 * from there, and the surface is certified again. What certification costs is measured against the better fit.
 */
import type { Instant } from '../../market/quote.js';
import type { SliceInput } from '../../market/slice.js';
import { lossValue } from '../../math/least-squares/loss.js';
import { medianOf } from '../../math/summary.js';
import type { Rejection } from '../../errors.js';
import type { Certificate } from '../arbitrage/certificate.js';
import type { SmileParameters, SsviSlice, SviParameters } from '../smile/parameters.js';
import { isSvi, smileDerivatives } from '../smile/smile.js';
import { ssvi, ssviTotalVariance } from '../smile/ssvi.js';
import { withCertifiedCovariance } from './certified-covariance.js';
import { certifySlices } from './certified-slices.js';
import type { CertifiedSlices, FittedSlice } from './certified-slices.js';
import { costWeight, movedFit } from './certified-slice.js';
import { objectiveOf } from './diagnostics.js';
import { calibrateEssvi } from './essvi.js';
import type { FitFailure, FitOptions, SliceFit } from './fit.js';
import { fitQuotes, quoteResidual } from './quotes.js';
import type { FitQuotes } from './quotes.js';
import { calibrateSvi } from './svi.js';
import { sviBox } from './svi-box.js';
import { sviNormal } from './svi-objective.js';
import { sviReport, toSearchPoint } from './svi-report.js';

/** The result of each slice of a surface, in order of expiry. */
export interface SurfaceSlices {
  fits: SliceFit[];
  butterfly: Certificate[];
  calendar: Certificate[];
  costBp: number[];
  moveBp: number[];
  failed: { expiry: Instant; reason: FitFailure['reason'] }[];
  rejected: Rejection[];
}

/**
 * Certifies `plain`, the fits of `slices` one by one. Undefined where no slice is fitted, a failure where nothing certified was found.
 */
export function certifiedSurface(
  slices: readonly SliceInput[],
  plain: readonly (SliceFit<SviParameters> | FitFailure)[],
  o: FitOptions,
): SurfaceSlices | FitFailure | undefined {
  const options = { ...o, start: undefined, engine: undefined };
  const essvi = calibrateEssvi(slices, options);
  if (!essvi.ok) return undefined;
  const failed: SurfaceSlices['failed'] = [];
  const rejected: Rejection[] = [];
  const members: Member[] = [];
  slices.forEach((input, i) => {
    const anchor = essvi.slices.find((slice) => slice.input === input);
    const fit = plain[i]!;
    if (fit.ok) {
      const quotes = fitQuotes(input, options);
      members.push({
        thin: false,
        fit,
        quotes,
        box: sviBox(quotes),
        weight: costWeight(fit),
        parameters: fit.parameters,
      });
    } else if (anchor !== undefined) {
      const own = calibrateEssvi([input], options);
      if (own.ok) members.push(essviMember(input, own.slices[0]!, options));
    } else {
      failed.push({ expiry: input.expiry, reason: fit.reason });
      rejected.push(...fit.rejected);
    }
  });
  if (members.length === 0) return undefined;
  const anchors = members.map(({ fit }) => essvi.slices.find(({ input }) => input === fit.input)!);
  const certify = (): CertifiedSlices | undefined =>
    certifySlices(
      members,
      anchors.map(({ parameters }) => parameters),
    );
  let certified = certify();
  if (certified !== undefined && fitBetter(members, certified, options)) certified = certify() ?? certified;
  if (certified === undefined) {
    const message = 'no surface was found that is proved free of arbitrage';
    return { ok: false, reason: 'not-certifiable', message, rejected };
  }
  const { butterfly, calendar, iterations, atBound } = certified;
  const fits = members.map(({ fit, box, weight }, i): SliceFit => {
    const parameters = certified.parameters[i]!;
    if (!isSvi(parameters)) return { ...anchors[i]!, butterfly: butterfly[i] };
    const own = sameParameters(parameters, fit.parameters);
    return {
      ...(own ? fit : movedFit(fit, fitQuotes(fit.input, options), box, parameters, iterations, weight, atBound?.[i])),
      butterfly: butterfly[i],
    };
  });
  const costBp = members.map(
    ({ quotes, parameters }, i) => misfitBp(quotes, fits[i]!.parameters) - misfitBp(quotes, parameters),
  );
  const moveBp = fits.map(({ parameters, input }, i) => distanceBp(input, members[i]!.fit.parameters, parameters));
  return { fits: withCertifiedCovariance(fits), butterfly, calendar, costBp, moveBp, failed, rejected };
}

/** Part of its misfit by which a certified slice has to be better before its fit is searched again. */
const BETTER = 1e-3;

/** Puts better fits in place of those that the certified slices show to be none; whether there was one. */
function fitBetter(members: Member[], { parameters }: CertifiedSlices, options: FitOptions): boolean {
  let found = false;
  members.forEach((member, i) => {
    const start = parameters[i]!;
    const { fit, quotes, box } = member;
    if (member.thin || !isSvi(start)) return;
    const least = (1 - BETTER) * misfitBp(quotes, member.parameters);
    if (!(misfitBp(quotes, start) < least)) return;
    const again = calibrateSvi(fit.input, { ...options, start, arbitrage: 'report' });
    if (!again.ok || !(misfitBp(quotes, again.parameters) < least)) return;
    const { iterations, starts } = fit.diagnostics;
    const diagnostics = {
      ...again.diagnostics,
      iterations: iterations + again.diagnostics.iterations,
      starts: starts + again.diagnostics.starts,
    };
    const better = { ...again, diagnostics };
    members[i] = { thin: false, fit: better, quotes, box, weight: costWeight(better), parameters: better.parameters };
    found = true;
  });
  return found;
}

interface Member extends FittedSlice {
  fit: SliceFit<SviParameters>;
  /** Without a fit of its own: its eSSVI slice. */
  thin: boolean;
}

/** Strikes at which an eSSVI slice stands in for quotes. */
const STAND_INS = 11;

/**
 * An expiry with too few quotes for SVI: its eSSVI slice as raw SVI, kept in place by stand-ins for quotes, as precise together as the
 * quotes are, over twice the quoted interval.
 */
function essviMember(input: SliceInput, essvi: SliceFit<SsviSlice>, options: FitOptions): Member {
  const parameters = ssvi.toSvi(essvi.parameters);
  const targets = input.volatility.flatMap((volatility, i) => (volatility === volatility ? [i] : []));
  const k = targets.map((i) => input.logMoneyness[i]!);
  const [from, to] = [Math.min(...k), Math.max(...k)];
  const deviation = medianOf(targets.map((i) => input.standardDeviation[i]!)) * Math.sqrt(STAND_INS / targets.length);
  const logMoneyness = Array.from(
    { length: STAND_INS },
    (_, i) => from + (to - from) * ((2 * i) / (STAND_INS - 1) - 0.5),
  );
  const volatility = logMoneyness.map((x) => Math.sqrt(ssviTotalVariance(essvi.parameters, x) / input.timeToExpiry));
  const standIns = fitQuotes(
    {
      ...input,
      instrument: logMoneyness.map((_, i) => `stand-in ${i}`),
      logMoneyness,
      volatility,
      volatilityBid: volatility,
      volatilityAsk: volatility,
      standardDeviation: logMoneyness.map(() => deviation),
    },
    {},
  );
  const quotes = fitQuotes(input, options);
  const box = sviBox(standIns);
  const x = new Float64Array(5);
  toSearchPoint(box, parameters, x);
  const { iterations, termination } = essvi.diagnostics;
  const found = { x, cost: NaN, onFloor: false, iterations, termination };
  const report = sviReport(input, objectiveOf(options), quotes, box, sviNormal(quotes.count), found, 1, false);
  return { thin: true, fit: { ...report, parameters }, quotes: standIns, box, weight: 1, parameters };
}

function sameParameters(p: SviParameters, q: SviParameters): boolean {
  return p.a === q.a && p.b === q.b && p.rho === q.rho && p.m === q.m && p.sigma === q.sigma;
}

/**
 * The misfit of the slice's own objective in basis points of volatility: its weighted errors, bounds and loss as fitted, as a root mean
 * square over the weights of the targets.
 */
function misfitBp(quotes: FitQuotes, parameters: SmileParameters): number {
  let sum = 0;
  let weights = 0;
  for (let i = 0; i < quotes.count; i++) {
    const { w } = smileDerivatives(parameters, quotes.k[i]!);
    sum += lossValue(quotes.loss, quoteResidual(quotes, i, w), quotes.deadzone[i]);
    if (!Number.isNaN(quotes.volatility[i]!)) weights += 1 / quotes.deviation[i]! ** 2;
  }
  return 1e4 * Math.sqrt(sum / weights);
}

/** Root mean square of the move in volatility over the strikes with a target, each counted alike, in basis points. */
function distanceBp(input: SliceInput, fitted: SviParameters, certified: SmileParameters): number {
  let sum = 0;
  let count = 0;
  input.logMoneyness.forEach((k, i) => {
    if (Number.isNaN(input.volatility[i]!)) return;
    const [from, to] = [smileDerivatives(fitted, k).w, smileDerivatives(certified, k).w];
    sum += (Math.sqrt(to) - Math.sqrt(from)) ** 2 / input.timeToExpiry;
    count++;
  });
  return 1e4 * Math.sqrt(sum / count);
}
