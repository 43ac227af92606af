/**
 * Rows a piece, where nothing else is said: from there on the time of a million rows in two threads no longer falls
 * (npm run bench:threads; the table is in benchmarks/parallel/README.md).
 */

/** Of columns that are copied into a batch of the thread's own and out of it. */
export const COPIED_CHUNK = 32_768;
/** Of a batch that is computed where it lies. */
export const SHARED_CHUNK = 32_768;
