#!/usr/bin/env node
/** The `zomma` command. */
import { run } from './run.js';

// A reader that closes early (`zomma ... | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 3);
});
process.exitCode = await run(process.argv.slice(2), process);
