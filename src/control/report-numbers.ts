/** The numbers of a report, a record of any depth, by their paths. */

export interface ReportNumber {
  path: string[];
  value: number;
}

/** A path as one text that no name can imitate. */
export function pathKey(path: readonly string[]): string {
  return JSON.stringify(path);
}

/** Every number of a record by the key of its path, in the order of the record. */
export function numbersOf(record: object): Map<string, ReportNumber> {
  const found = new Map<string, ReportNumber>();
  const visit = (value: unknown, path: string[]): void => {
    if (typeof value === 'number') found.set(pathKey(path), { path, value });
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) visit(inner, [...path, name]);
    }
  };
  visit(record, []);
  return found;
}
