/**
 * Certified SVI slices of which some have new quotes. Slices hold each other where they touch, so the new ones are certified together with
 * the neighbours that certification had moved, and the rest stays as it is while every pair across the edge is proved; where one is
 * not, its slice joins in. At the worst all do, and the surface is certified as a whole. A slice outside is at its own optimum and
 * no condition across the edge is active, so what is found is a joint optimum of all.
 */
import { certifyCalendar } from '../arbitrage/calendar.js';
import type { Certificate } from '../arbitrage/certificate.js';
import type { SviParameters } from '../smile/parameters.js';
import type { SliceInput } from '../../market/slice.js';
import { certifiedSurface } from './certified-surface.js';
import type { SurfaceSlices } from './certified-surface.js';
import type { FitFailure, FitOptions, SliceFit } from './fit.js';

/** A slice that was certified before, of the same quotes. */
export interface CertifiedBefore {
  fit: SliceFit;
  butterfly: Certificate;
  costBp: number;
  moveBp: number;
}

/** How slices are fitted by themselves. */
export interface FitsAlone {
  /** From the last fit. */
  warm: (index: number) => SliceFit<SviParameters> | FitFailure;
  cold: (index: number) => SliceFit<SviParameters> | FitFailure;
  /** The last fit of an expiry. */
  last: (input: SliceInput) => SliceFit | undefined;
}

/** Jump of a slice's chi-square per degree of freedom from which the cold search is asked too. */
const JUMP = 3;

/** Slices side by side: certified together now, or one that stays as it is. */
interface Part {
  from: number;
  to: number;
  isOpen: boolean;
  slices: SurfaceSlices;
}

/**
 * Certifies `slices`, in order of expiry, of which those in `before` may stay; `fits` fit one by itself. The known certificate of
 * a pair spares its proof. A failure where nothing certified was found.
 *
 * Where a slice comes out much worse than its last fit, or nothing is found, the whole surface is certified from cold fits too, and
 * the better of both counts.
 */
export function certifiedUpdate(
  slices: readonly SliceInput[],
  before: readonly (CertifiedBefore | undefined)[],
  fits: FitsAlone,
  known: (earlier: SliceFit, later: SliceFit) => Certificate | undefined,
  o: FitOptions,
): SurfaceSlices | FitFailure {
  const found = certifyOpen(slices, before, fits.warm, known, o);
  if (!isAstray(found, fits.last)) return found;
  const cold = certifyOpen(
    slices,
    slices.map(() => undefined),
    fits.cold,
    known,
    o,
  );
  return misfit(cold) < misfit(found) ? cold : found;
}

function certifyOpen(
  slices: readonly SliceInput[],
  before: readonly (CertifiedBefore | undefined)[],
  fit: FitsAlone['warm'],
  known: (earlier: SliceFit, later: SliceFit) => Certificate | undefined,
  o: FitOptions,
): SurfaceSlices | FitFailure {
  const isOpen = before.map((slice) => slice === undefined);
  const certified = new Map<string, SurfaceSlices | FitFailure>();
  const certify = (from: number, to: number): SurfaceSlices | FitFailure => {
    const key = `${from} ${to}`;
    const done = certified.get(key);
    if (done !== undefined) return done;
    const inputs = slices.slice(from, to);
    const alone = inputs.map((_, i) => fit(from + i));
    const result = certifiedSurface(inputs, alone, o) ?? noneOf(inputs, alone);
    certified.set(key, result);
    return result;
  };
  for (;;) {
    openMovedNeighbours(isOpen, before);
    const parts: Part[] = [];
    let failure: FitFailure | undefined;
    for (const { from, to } of runsOf(isOpen)) {
      const kept = before[from];
      const found = isOpen[from] || kept === undefined ? certify(from, to) : asBefore(kept);
      if ('fits' in found) parts.push({ from, to, isOpen: isOpen[from]!, slices: found });
      else failure = found;
    }
    if (failure !== undefined) {
      if (isOpen.every(Boolean)) return failure;
      isOpen.fill(true);
      continue;
    }
    const joined = join(parts, known, isOpen);
    if (joined !== undefined) return joined;
  }
}

function isAstray(found: SurfaceSlices | FitFailure, last: FitsAlone['last']): boolean {
  if (!('fits' in found)) return true;
  return found.fits.some(({ input, diagnostics }) => {
    const before = last(input);
    return before !== undefined && diagnostics.chiSquarePerDof > JUMP * before.diagnostics.chiSquarePerDof;
  });
}

function misfit(found: SurfaceSlices | FitFailure): number {
  if (!('fits' in found)) return Infinity;
  return found.fits.reduce((sum, { diagnostics }) => sum + diagnostics.chiSquarePerDof, 0);
}

/** Where no slice of these is fitted. */
function noneOf(inputs: readonly SliceInput[], fits: readonly (SliceFit | FitFailure)[]): SurfaceSlices {
  const failed = fits.flatMap((fit, i) => (fit.ok ? [] : [{ expiry: inputs[i]!.expiry, reason: fit.reason }]));
  const rejected = fits.flatMap((fit) => fit.rejected);
  return { fits: [], butterfly: [], calendar: [], costBp: [], moveBp: [], failed, rejected };
}

function asBefore({ fit, butterfly, costBp, moveBp }: CertifiedBefore): SurfaceSlices {
  return {
    fits: [fit],
    butterfly: [butterfly],
    calendar: [],
    costBp: [costBp],
    moveBp: [moveBp],
    failed: [],
    rejected: [],
  };
}

/** A slice that certification had moved is certified anew beside one that is. */
function openMovedNeighbours(isOpen: boolean[], before: readonly (CertifiedBefore | undefined)[]): void {
  const visit = (i: number, neighbour: number): void => {
    if (isOpen[neighbour] === true && before[i] !== undefined && wasMoved(before[i].fit)) isOpen[i] = true;
  };
  for (let i = 1; i < isOpen.length; i++) visit(i, i - 1);
  for (let i = isOpen.length - 2; i >= 0; i--) visit(i, i + 1);
}

/** Whether certification put the slice elsewhere than its quotes alone would. */
export function wasMoved({ objective, model }: SliceFit): boolean {
  return objective?.moved !== undefined || model !== 'svi';
}

/** Neighbours that are open together, and each other slice alone; `to` is exclusive. */
function runsOf(isOpen: readonly boolean[]): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = [];
  isOpen.forEach((open, i) => {
    const last = runs.at(-1);
    if (open && last !== undefined && isOpen[i - 1] === true) last.to = i + 1;
    else runs.push({ from: i, to: i + 1 });
  });
  return runs;
}

/** The parts as one surface; undefined, with the slices opened that need it, where a pair across an edge is not proved. */
function join(
  parts: readonly Part[],
  known: (earlier: SliceFit, later: SliceFit) => Certificate | undefined,
  isOpen: boolean[],
): SurfaceSlices | undefined {
  const calendar: Certificate[] = [];
  let last: { fit: SliceFit; part: Part } | undefined;
  let isProved = true;
  for (const part of parts) {
    const [first] = part.slices.fits;
    if (first === undefined) continue;
    if (last !== undefined) {
      const edge = known(last.fit, first) ?? certifyCalendar(last.fit.parameters, first.parameters);
      if (edge.verdict !== 'proved') {
        isProved = false;
        if (last.part.isOpen && part.isOpen) isOpen.fill(true);
        isOpen.fill(true, last.part.from, last.part.to);
        isOpen.fill(true, part.from, part.to);
      }
      calendar.push(edge);
    }
    calendar.push(...part.slices.calendar);
    last = { fit: part.slices.fits.at(-1)!, part };
  }
  if (!isProved) return undefined;
  const all = parts.map(({ slices }) => slices);
  return {
    fits: all.flatMap(({ fits }) => fits),
    butterfly: all.flatMap(({ butterfly }) => butterfly),
    calendar,
    costBp: all.flatMap(({ costBp }) => costBp),
    moveBp: all.flatMap(({ moveBp }) => moveBp),
    failed: all.flatMap(({ failed }) => failed),
    rejected: all.flatMap(({ rejected }) => rejected),
  };
}
