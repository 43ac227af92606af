/** How many rows a level legend takes, so that what stands below it begins where it ends. */

export interface LegendStyle {
  /** Of the picture, less what is kept free at the sides. */
  width: number;
  /** Widths of an entry's icon and of the gap to the next, and the height of its letters, in pixels. */
  icon: number;
  gap: number;
  letters: number;
}

/** Between an icon and its word, and around all entries. */
const SPACE = 5;
/** Of a letter, as a share of its height: Helvetica's mean. */
const BREADTH = 0.52;

/** Entries go to the next row where the one they are in has no room for them. */
export function legendRows(words: readonly string[], { width, icon, gap, letters }: LegendStyle): number {
  let rows = words.length === 0 ? 0 : 1;
  let used = 0;
  for (const word of words) {
    const size = icon + SPACE + BREADTH * letters * word.length;
    if (used > 0 && used + size > width - 2 * SPACE) {
      rows += 1;
      used = 0;
    }
    used += size + gap;
  }
  return rows;
}
