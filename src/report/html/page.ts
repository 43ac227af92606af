/**
 * One self-contained HTML page: no scripts, no network, a content-security policy that allows neither, light and dark by the reader's
 * own setting, printable.
 */
import { paletteCss } from '../charts/palette.js';
import { escapeHtml, markup, trusted } from './markup.js';
import type { Markup } from './markup.js';

const css = `${paletteCss}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 24px 20px 60px; color: var(--ink); background: var(--paper);
  font: 15px/1.5 Helvetica, Arial, 'DejaVu Sans', sans-serif; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 36px 0 8px; border-bottom: 1px solid var(--faint); padding-bottom: 4px; }
p { margin: 6px 0; max-width: 78ch; }
.muted { color: var(--muted); }
nav a { color: var(--series-1); margin-right: 14px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; margin: 8px 0; }
caption { text-align: left; color: var(--muted); padding: 4px 0; }
th, td { padding: 3px 10px; text-align: right; border-bottom: 1px solid var(--faint); white-space: nowrap; }
th[scope='row'], th:first-child { text-align: left; font-weight: normal; }
thead th { font-weight: bold; background: var(--panel); }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 10px; margin: 10px 0; }
.figures div { background: var(--panel); border: 1px solid var(--faint); border-radius: 6px; padding: 8px 12px; }
.figures span { display: block; color: var(--muted); font-size: 12px; }
.figures strong { font-size: 18px; overflow-wrap: anywhere; }
figure { margin: 10px 0; overflow-x: auto; }
figcaption { color: var(--muted); font-size: 13px; }
svg { max-width: 100%; height: auto; }
@media print { body { max-width: none; padding: 0; } nav { display: none; } h2, figure, table { break-inside: avoid; } }
`;

export interface PageSection {
  /** Of its anchor: letters and dashes. */
  id: string;
  title: string;
  body: readonly Markup[];
}

export interface Page {
  title: string;
  /** Lines below the title. */
  lead: readonly string[];
  sections: readonly PageSection[];
}

export function htmlPage({ title, lead, sections }: Page): string {
  const body = markup`<header><h1>${title}</h1>
${lead.map((line) => markup`<p class="muted">${line}</p>\n`)}<nav aria-label="sections">${sections.map(
    ({ id, title: name }) => markup`<a href="#${id}">${name}</a>`,
  )}</nav></header>
<main>${sections.map(
    ({ id, title: name, body: parts }) => markup`<section id="${id}"><h2>${name}</h2>\n${parts}</section>\n`,
  )}</main>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${css}</style>
</head>
<body>
${body.html}
</body>
</html>
`;
}

/** A drawing with what it shows in words, for those who cannot see it. */
export function htmlFigure(svg: string, caption: string): Markup {
  const labelled = svg.replace(/^<svg /, `<svg role="img" aria-label="${escapeHtml(caption)}" `);
  return markup`<figure>${trusted(labelled)}<figcaption>${caption}</figcaption></figure>\n`;
}

/** Single figures side by side. */
export function htmlFigures(figures: readonly { name: string; value: string }[]): Markup {
  return markup`<div class="figures">${figures.map(
    ({ name, value }) => markup`<div><span>${name}</span><strong>${value}</strong></div>`,
  )}</div>\n`;
}
