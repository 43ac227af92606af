/**
 * One self-contained HTML page: no network, a content-security policy that allows none and no script but those the page was written
 * with, by their hashes; light and dark by the reader's own setting, printable.
 */
import { createHash } from 'node:crypto';
import { paletteCss } from '../charts/palette.js';
import { escapeHtml, markup, trusted } from './markup.js';
import type { Markup } from './markup.js';

const css = `${paletteCss}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 24px 20px 60px; color: var(--ink); background: var(--paper);
  font: 15px/1.5 Helvetica, Arial, 'DejaVu Sans', sans-serif; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 36px 0 8px; border-bottom: 1px solid var(--faint); padding-bottom: 4px; overflow-wrap: anywhere; }
p { margin: 6px 0; max-width: 78ch; overflow-wrap: anywhere; }
.muted { color: var(--muted); }
.missing { border-left: 3px solid var(--loss); padding-left: 10px; }
nav a { color: var(--series-1); margin-right: 14px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; margin: 8px 0; }
caption { text-align: left; color: var(--muted); padding: 4px 0; width: max-content; max-width: min(90ch, 92vw); }
th, td { padding: 3px 10px; text-align: right; border-bottom: 1px solid var(--faint); white-space: nowrap; }
th[scope='row'], th:first-child { text-align: left; font-weight: normal; }
thead th { font-weight: bold; background: var(--panel); }
.words td:last-child, .words th:last-child { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 24ch; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 10px; margin: 10px 0; }
.figures div { background: var(--panel); border: 1px solid var(--faint); border-radius: 6px; padding: 8px 12px; }
.figures span { display: block; color: var(--muted); font-size: 12px; }
.figures strong { font-size: 18px; overflow-wrap: anywhere; }
figure { margin: 10px 0; overflow-x: auto; }
figcaption { color: var(--muted); font-size: 13px; }
svg { max-width: 100%; height: auto; }
@media screen and (max-width: 800px) { figure svg { max-width: none; width: 800px; } }
summary { cursor: pointer; color: var(--series-1); }
.plot { height: 560px; }
@page { size: landscape; margin: 12mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 12px; }
  nav, .screen { display: none; }
  h2 { break-after: avoid; margin-top: 20px; }
  figure, tr, .figures { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll, figure { overflow: visible; }
  table { font-size: 10px; }
  th, td { padding: 2px 6px; white-space: normal; }
  .figures { grid-template-columns: repeat(5, 1fr); }
  .figures strong { font-size: 13px; }
}
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
  /** Run in this order when the page is there; it holds no other. */
  scripts?: readonly string[] | undefined;
}

export function htmlPage({ title, lead, sections, scripts = [] }: Page): string {
  const body = markup`<header><h1>${title}</h1>
${lead.map((line) => markup`<p class="muted">${line}</p>\n`)}<nav aria-label="sections">${sections.map(
    ({ id, title: name }) => markup`<a href="#${id}">${name}</a>`,
  )}</nav></header>
<main>${sections.map(
    ({ id, title: name, body: parts }) => markup`<section id="${id}"><h2>${name}</h2>\n${parts}</section>\n`,
  )}</main>`;
  const safe = scripts.map(scriptText);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(safe)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${css}</style>
</head>
<body>
${body.html}
${safe.map((text) => `<script>${text}</script>\n`).join('')}</body>
</html>
`;
}

/** Nothing from anywhere; styles of the page; scripts with these very texts. */
function policy(scripts: readonly string[]): string {
  const hashes = scripts.map((text) => ` 'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  const allowed = hashes.length === 0 ? '' : ` script-src${hashes.join('')};`;
  return `default-src 'none';${allowed} style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;
}

/** As it may stand in a page: what would end the element or hide its end is written another way, with the same meaning in strings. */
function scriptText(text: string): string {
  return text.replaceAll(/<\/(?=script)/gi, '<\\/').replaceAll('<!--', '<\\!--');
}

/** Data for a script, which nothing runs. `id` is of its element. */
export function htmlData(id: string, data: unknown): Markup {
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  return markup`<script type="application/json" id="${id}">${trusted(json)}</script>\n`;
}

/** A drawing with what it shows in words, for those who cannot see it. */
export function htmlFigure(svg: string, caption: string): Markup {
  const labelled = svg.replace(/^<svg /, `<svg role="img" aria-label="${escapeHtml(caption)}" `);
  return markup`<figure tabindex="0">${trusted(labelled)}<figcaption>${caption}</figcaption></figure>\n`;
}

/** Instead of what could not be computed: its reason. */
export function htmlMissing(what: string, { message }: { message: string }): Markup {
  return markup`<p class="missing">${what} could not be computed: ${message}.</p>\n`;
}

/** Single figures side by side. */
export function htmlFigures(figures: readonly { name: string; value: string }[]): Markup {
  return markup`<div class="figures">${figures.map(
    ({ name, value }) => markup`<div><span>${name}</span><strong>${value}</strong></div>`,
  )}</div>\n`;
}
