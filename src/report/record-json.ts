/** Records of figures as JSON text. JSON has no infinity and no NaN: such numbers are the texts 'Infinity', '-Infinity' and 'NaN'. */

/** Ends in a newline. */
export function recordJson(record: object): string {
  const written = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return `${JSON.stringify(record, written, 1)}\n`;
}
