/**
 * The pricing benchmark with QuantLib's C++ functions beside the library:
 *
 *   npm run bench:native [-- --rows 20000 --rounds 9 --date 2026-01-31]
 *
 * Builds benchmarks/peers/quantlib/pricing.cpp. Without g++ or QuantLib's headers it says what to install, and ends with code 1; npm run bench
 * runs without them.
 */
import { execFileSync } from 'node:child_process';
import { INSTALL_QUANTLIB, missingForQuantLib } from './pricing/quantlib.js';

const missing = missingForQuantLib();
if (missing === undefined) {
  const versions = execFileSync('g++', ['--version'], { encoding: 'utf8' }).split('\n')[0]!;
  console.log(`built with ${versions}`);
  await import('./pricing/run.js');
} else {
  console.error(`${missing}: ${INSTALL_QUANTLIB}`);
  process.exitCode = 1;
}
