/** Where a command writes, and reads what it is sent. `stdout` takes results, `stderr` errors and progress. */
export interface Streams {
  stdout: { write(text: string): unknown; isTTY?: boolean | undefined };
  stderr: { write(text: string): unknown; isTTY?: boolean | undefined };
  stdin?: NodeJS.ReadableStream | undefined;
}
