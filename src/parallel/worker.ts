/** What runs in a thread of the pool: one task by name. */
import { answer } from './answer.js';
import type { TaskAnswer, TaskRequest } from './answer.js';
import { nodeTasks } from './node-tasks.js';

export default function worker(request: TaskRequest): Promise<TaskAnswer> {
  return answer(request, nodeTasks);
}
