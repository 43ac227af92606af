/** Pieces handed out a few at a time, their outputs in the order of the inputs. What is under way when one fails is left to finish. */
import type { RunOptions } from './executor.js';

/** Rejects with the first error of a piece, or the signal's reason, once no piece is under way. */
export async function inOrder<Input, Output>(
  inputs: readonly Input[],
  width: number,
  run: (input: Input) => Promise<Output>,
  { signal, onProgress }: RunOptions = {},
): Promise<Output[]> {
  const outputs = new Array<Output>(inputs.length);
  let next = 0;
  let done = 0;
  let failure: { error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (next < inputs.length && failure === undefined) {
      const i = next++;
      try {
        signal?.throwIfAborted();
        outputs[i] = await run(inputs[i]!);
        onProgress?.(++done, inputs.length);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, inputs.length) }, lane));
  if (failure !== undefined) throw failure.error;
  signal?.throwIfAborted();
  return outputs;
}
