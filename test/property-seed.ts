/** Property tests draw the same cases every run, so that a failure is a change of the code; ZOMMA_SEED draws others. */
import fc from 'fast-check';

const seed = Number(process.env['ZOMMA_SEED'] ?? 20_261_121);
if (!Number.isInteger(seed)) throw new Error(`ZOMMA_SEED must be an integer, not ${process.env['ZOMMA_SEED']}`);
fc.configureGlobal({ seed });
