/** What comes back from another thread: an output, or an error in parts that can be cloned, so that an InputError stays one. */
import { InputError } from '../errors.js';
import { runTask } from './tasks.js';
import type { NodeTasks, TaskInput, TaskName, TaskOutput } from './tasks.js';

/** What a thread is sent. */
export interface TaskRequest<Name extends TaskName = TaskName> {
  name: Name;
  input: TaskInput<Name>;
}

export type TaskAnswer<Name extends TaskName = TaskName> =
  | { ok: true; output: TaskOutput<Name> }
  | { ok: false; field: string; value: unknown; requirement: string }
  | { ok: false; field?: undefined; error: Error };

export async function answer<Name extends TaskName>(
  { name, input }: TaskRequest<Name>,
  more?: NodeTasks,
): Promise<TaskAnswer<Name>> {
  try {
    return { ok: true, output: await runTask(name, input, more) };
  } catch (error) {
    if (error instanceof InputError) {
      const { field, value, requirement } = error;
      return { ok: false, field, value: isPlain(value) ? value : String(value), requirement };
    }
    return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** The output; throws what the task threw. */
export function outputOf<Name extends TaskName>(given: TaskAnswer<Name>): TaskOutput<Name> {
  if (given.ok) return given.output;
  if (given.field === undefined) throw given.error;
  throw new InputError(given.field, given.value, given.requirement);
}

function isPlain(value: unknown): boolean {
  return value === null || ['undefined', 'boolean', 'number', 'string', 'bigint'].includes(typeof value);
}
