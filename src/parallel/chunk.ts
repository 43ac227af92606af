/**
 * Rows a piece, where nothing else is said: those of the least CPU time of a million rows in two threads
 * (benchmarks/parallel/run.ts; the table is in the README beside it).
 */

/** Of columns that are copied into a batch of the thread's own and out of it, which then stay in its cache. */
export const COPIED_CHUNK = 4096;
/** Of a batch that is computed where it lies, whose pieces cost a message and a kernel each. */
export const SHARED_CHUNK = 32_768;
