/** The executor of inline.ts with the work that needs files. */
import type { Executor } from './executor.js';
import { inline as inlineOf } from './inline.js';
import { nodeTasks } from './node-tasks.js';

/** Everything in the caller's thread, one piece after another. */
export function inline(): Executor {
  return inlineOf(nodeTasks);
}
