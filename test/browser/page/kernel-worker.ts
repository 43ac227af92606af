/** The kernel in a worker: columns in, the bits of the results out. */
import { resultBits } from './columns.js';
import type { Columns } from './columns.js';

declare const self: {
  onmessage: ((event: { data: Columns }) => void) | null;
  postMessage(results: Record<string, string>): void;
};

self.onmessage = ({ data }) => {
  self.postMessage(resultBits(data));
};
