/** The command line in this process: what it writes and how it ends. */
import { run } from '../../src/cli/run.js';

export async function zomma(argv: readonly string[], isTTY = false) {
  let out = '';
  let err = '';
  const code = await run(argv, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text), isTTY },
  });
  return { code, out, err };
}
