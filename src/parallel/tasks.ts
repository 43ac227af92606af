/**
 * The work an executor can be given: pure functions of plain data by name, the same code wherever they run, so that every executor
 * gives the same bytes.
 */
import type { OptionChain } from '../market/chain.js';
import { calibrateSurface } from '../volatility/calibration/surface-fit.js';
import type { SurfaceFit, SurfaceFitOptions } from '../volatility/calibration/surface-fit.js';
import type { SurfaceData } from '../volatility/surface/surface-data.js';
import { computeAmericanRows } from './american-columns.js';
import { gridCellGreeks, gridVectors } from './grid-pieces.js';
import { fileTables } from './history/file-tables.js';
import { computeRows } from './price-rows.js';
import type { RowsRequest } from './price-rows.js';

/** What of the options can cross to a worker: all but the callback. */
export type ChainOptions = Omit<SurfaceFitOptions, 'onSlice'>;

export interface ChainRequest {
  chain: OptionChain;
  options: ChainOptions;
}

/** A calibration as plain data: the record of the surface in the place of its view. */
export type PlainSurfaceFit =
  (Omit<SurfaceFit & { ok: true }, 'surface'> & { surface: SurfaceData }) | Extract<SurfaceFit, { ok: false }>;

export const tasks = {
  computeAmericanRows,
  calibrateChain: ({ chain, options }: ChainRequest): PlainSurfaceFit => {
    const fit = calibrateSurface(chain, options);
    return fit.ok ? { ...fit, surface: fit.surface.toJSON() } : fit;
  },
  computeRows: (request: RowsRequest): undefined => {
    computeRows(request);
    return undefined;
  },
  fileTables,
  gridVectors,
  gridGreeks: gridCellGreeks,
} as const;

export type TaskName = keyof typeof tasks;
export type TaskInput<Name extends TaskName> = Parameters<(typeof tasks)[Name]>[0];
export type TaskOutput<Name extends TaskName> = ReturnType<(typeof tasks)[Name]>;

/** Runs one task. The name is the caller's own or has come from an executor of this library. */
export function runTask<Name extends TaskName>(name: Name, input: TaskInput<Name>): TaskOutput<Name> {
  const task = tasks[name] as (input: TaskInput<Name>) => TaskOutput<Name>;
  return task(input);
}
