/** The work that needs files, beside what runs anywhere (tasks.ts): inline in Node, in its threads and in the workers of a queue. */
import { historyPartition } from './history/partition.js';

export const nodeTasks = { historyPartition } as const;
