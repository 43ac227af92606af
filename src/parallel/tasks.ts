/**
 * The work an executor can be given: functions of plain data by name, the same code wherever they run, so that every executor gives
 * the same bytes.
 */
import { InputError } from '../errors.js';
import type { OptionChain } from '../market/chain.js';
import { computeShared, type SharedRowsRequest } from '../pricing/batch/shared.js';
import { calibrateSurface } from '../volatility/calibration/surface-fit.js';
import type { SurfaceFit, SurfaceFitOptions } from '../volatility/calibration/surface-fit.js';
import type { SurfaceData } from '../volatility/surface/surface-data.js';
import { computeAmericanRows } from './american-pieces.js';
import { gridCellGreeks, gridVectors } from './grid-pieces.js';
import type { nodeTasks } from './node-tasks.js';
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
  computeShared: ({ table, request, from, to }: SharedRowsRequest): undefined => {
    computeShared(table, request, from, to);
    return undefined;
  },
  gridVectors,
  gridGreeks: gridCellGreeks,
} as const;

/** Work that needs files is given to those who can do it: a browser has none. */
export type NodeTasks = typeof nodeTasks;

type Tasks = typeof tasks & NodeTasks;
export type TaskName = keyof Tasks;
export type TaskInput<Name extends TaskName> = Parameters<Tasks[Name]>[0];
type Outputs = { [Name in TaskName]: Awaited<ReturnType<Tasks[Name]>> };
export type TaskOutput<Name extends TaskName> = Outputs[Name];

/** Runs one task. The name is the caller's own or has come from an executor of this library. Rejects with what the task throws. */
export async function runTask<Name extends TaskName>(
  name: Name,
  input: TaskInput<Name>,
  more?: NodeTasks,
): Promise<TaskOutput<Name>> {
  const known = { ...tasks, ...more } as Partial<Record<TaskName, (given: typeof input) => unknown>>;
  const task = known[name];
  if (task === undefined) throw new InputError('task', name, 'one that needs no files, or run in Node');
  return (await task(input)) as TaskOutput<Name>;
}
