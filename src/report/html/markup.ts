/** HTML as text, with everything that comes from data escaped: names of instruments are data, nothing in them can run. */

/** Text that is markup already. */
export interface Markup {
  readonly html: string;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** markup`<p>${text}</p>`: values are escaped unless they are markup; arrays are joined. */
export function markup(strings: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return { html: strings.reduce((text, part, i) => text + written(values[i - 1]) + part) };
}

/** Trusted text, of this library's own making: a chart it has drawn, a style sheet. */
export function trusted(html: string): Markup {
  return { html };
}

export type MarkupValue = Markup | string | number | undefined | readonly Markup[];

function written(value: MarkupValue): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return 'html' in value ? value.html : value.map(({ html }) => html).join('');
}

export interface HtmlTable {
  caption: string;
  headers: readonly string[];
  /** The first cell of a row names it. */
  rows: readonly (readonly (string | number)[])[];
  /** The last column is words: it stands left and wraps. */
  words?: boolean | undefined;
}

/** Wide tables scroll in their own box. */
export function htmlTable({ caption, headers, rows, words = false }: HtmlTable): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table${words ? trusted(' class="words"') : undefined}><caption>${caption}</caption>
<thead><tr>${headers.map((header) => markup`<th scope="col">${header}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([name, ...cells]) =>
      markup`<tr><th scope="row">${name}</th>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`,
  )}</tbody></table></div>\n`;
}
