/** The tests of accuracy that run in Node, in a page. */
import '../../math/special-functions.test.js';
import '../../pricing/batch/accuracy.test.js';
import '../../pricing/black.test.js';
import { run } from './vitest.js';

declare global {
  var accuracyPage: { runTests: typeof run };
}

globalThis.accuracyPage = { runTests: run };
