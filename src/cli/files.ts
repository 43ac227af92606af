/** Files, with what goes wrong in one line. */
import { readFileSync, writeFileSync } from 'node:fs';
import { InputError } from '../errors.js';
import { CommandError, systemReason } from './command-error.js';
import type { Streams } from './streams.js';

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file}: ${systemReason(error)}`);
  }
}

/** `option` is the one that named the file. */
export function writeText(option: string, file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new CommandError(`${option}: ${file} cannot be written: ${systemReason(error)}`);
  }
}

/** A command's text, and its JSON where a file was asked for. */
export function writeReport(
  { stdout }: Streams,
  { text, json }: { text: string; json: () => string },
  file: string | undefined,
): void {
  stdout.write(text);
  if (file === undefined) return;
  writeText('--json', file, json());
  stdout.write(`\nreport written to ${file}\n`);
}

/**
 * Runs a step; what it throws about its input names the subject (a file), and the option that mends it: `options` by field, or by
 * the field's first part.
 */
export function explain<Result>(
  subject: string,
  step: () => Result,
  options: Readonly<Record<string, string>> = { asOf: '--as-of', underlying: '--underlying' },
): Result {
  try {
    return step();
  } catch (error) {
    if (error instanceof CommandError && !error.message.startsWith(subject)) {
      throw new CommandError(error.message.startsWith('--') ? error.message : `${subject}: ${error.message}`);
    }
    if (!(error instanceof InputError)) throw error;
    const option = options[error.field] ?? options[error.field.split(/[.[]/, 1)[0]!];
    throw new CommandError(`${subject}: ${error.message}${option === undefined ? '' : ` (option ${option})`}`);
  }
}

/** The options that mend an account or a market that lacks something. */
export const mends = {
  cash: '--fx',
  borrowed: '--fx',
  accruedInterest: '--fx',
  accruedFunding: '--fx',
  settlement: '--fx',
  currency: '--fx',
};
