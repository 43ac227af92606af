/** What is in a job: where its request lies, not the request. Its id says what is asked for, so that the same request is one job. */
import { createHash } from 'node:crypto';
import type { TaskRequest } from '../answer.js';
import { queueName } from './redis.js';

export interface JobData {
  /** The folder of requests and answers, and the mark that is in it. */
  folder: string;
  mark: string;
  /** Of the InputError a task threw: such a job is not tried again. */
  failure?: { field: string; value?: string | number | boolean | null | undefined; requirement: string } | undefined;
}

/** SHA-256 of version, task and input (data and configuration), in hexadecimal: BullMQ takes no colon in an id. */
export function jobId({ name, input }: TaskRequest): string {
  const content = JSON.stringify([queueName(), name, input], distinct);
  return createHash('sha256').update(content).digest('hex');
}

/** What JSON would leave out or write as something else. */
function distinct(_: string, value: unknown): unknown {
  if (value === undefined) return { $undefined: true };
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { $number: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (value instanceof Map || value instanceof Set || value instanceof Float64Array) return { $values: [...value] };
  return value;
}
