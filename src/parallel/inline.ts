/** Everything in the caller's thread, one piece after another, giving way to other events now and then. */
import type { Executor } from './executor.js';
import { inOrder } from './ordered.js';
import { runTask } from './tasks.js';
import type { NodeTasks } from './tasks.js';

/** Milliseconds without giving way. */
const TURN = 20;

/** `more` is the work that needs files, where there are any. */
export function inline(more?: NodeTasks): Executor {
  return {
    kind: 'inline',
    width: 1,
    map(name, inputs, options) {
      let since = performance.now();
      return inOrder(
        inputs,
        1,
        async (input) => {
          if (performance.now() - since > TURN) {
            await new Promise((resolve) => setTimeout(resolve, 0));
            since = performance.now();
          }
          return await runTask(name, input, more);
        },
        options,
      );
    },
    close: () => Promise.resolve(),
  };
}
