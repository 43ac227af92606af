/** What runs in a Web Worker: one task a message. */
import { answer } from './answer.js';
import type { TaskAnswer, TaskRequest } from './answer.js';

declare const self: {
  onmessage: ((event: { data: TaskRequest }) => void) | null;
  postMessage(given: TaskAnswer): void;
};

self.onmessage = ({ data }) => {
  void answer(data).then((given) => {
    self.postMessage(given);
  });
};
