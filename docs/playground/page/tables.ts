/** Tables and single figures, every cell set as text. */
import type { Figure, Table } from '../protocol.js';
import { element } from './dom.js';

/** Wide tables scroll in their own box, which the keyboard reaches. */
export function showTable(into: HTMLElement, { caption, headers, rows }: Table): void {
  const table = element('table', {}, [
    element('caption', { textContent: caption }),
    element('thead', {}, [
      element(
        'tr',
        {},
        headers.map((header) => element('th', { scope: 'col', textContent: header })),
      ),
    ]),
    element(
      'tbody',
      {},
      rows.map(([name = '', ...cells]) =>
        element('tr', {}, [
          element('th', { scope: 'row', textContent: name }),
          ...cells.map((cell) => element('td', { textContent: cell })),
        ]),
      ),
    ),
  ]);
  const box = element('div', { className: 'scroll', tabIndex: 0, role: 'region', ariaLabel: caption }, [table]);
  into.replaceChildren(box);
}

export function showFigures(into: HTMLElement, figures: readonly Figure[]): void {
  into.replaceChildren(
    ...figures.map(({ name, value }) =>
      element('div', {}, [element('span', { textContent: name }), element('strong', { textContent: value })]),
    ),
  );
}
