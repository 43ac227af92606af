/** Where a command writes. `stdout` takes results, `stderr` errors and progress. */
export interface Streams {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown; isTTY?: boolean | undefined };
}
