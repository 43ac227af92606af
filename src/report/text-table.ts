/** A plain-text table: columns padded to their widest cell, two spaces apart. */

export interface TextColumn {
  /** Its lines stand one above the other. */
  header: readonly string[];
  align: 'left' | 'right';
}

/** The table's lines joined by newlines, without a trailing one. A missing cell is blank. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const headerHeight = Math.max(0, ...columns.map(({ header }) => header.length));
  const headers = Array.from({ length: headerHeight }, (_, line) => columns.map(({ header }) => header[line] ?? ''));
  const lines = [...headers, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ''))));
  const rule = widths.map((size) => '-'.repeat(size)).join('  ');
  const text = lines.map((line) =>
    columns
      .map(({ align }, column) => {
        const cell = line[column] ?? '';
        const padding = ' '.repeat(widths[column]! - width(cell));
        return align === 'left' ? cell + padding : padding + cell;
      })
      .join('  ')
      .trimEnd(),
  );
  return [...text.slice(0, headerHeight), rule, ...text.slice(headerHeight)].join('\n');
}

function width(text: string): number {
  return Array.from(text).length;
}
