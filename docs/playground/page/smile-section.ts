/** The smile that is edited: which expiry, which quote, where it was moved to, and what the fit and its certificates say to that. */
import { dateOf } from 'zomma/report/charts/surface-charts.js';
import { figure } from 'zomma/report/figure.js';
import type { Edit, FitView, SliceView } from '../protocol.js';
import { byId, fillSelect } from './dom.js';
import { openSmileEditor } from './smile-editor.js';

export interface SmileSection {
  show(view: FitView & { ok: true }): void;
  edits(): Edit[];
  /** For another chain. */
  clear(): void;
}

/** `onEdit` is called when a quote has been moved; `draft` while it is dragged. */
export function openSmileSection(onEdit: (draft: boolean) => void): SmileSection {
  const expiry = byId('expiry', HTMLSelectElement);
  const quote = byId('quote', HTMLSelectElement);
  const volatility = byId('volatility', HTMLInputElement);
  const putBack = byId('put-back', HTMLButtonElement);
  const putAllBack = byId('put-all-back', HTMLButtonElement);
  const verdict = byId('verdict', HTMLElement);
  const edits = new Map<string, Edit>();
  let view: (FitView & { ok: true }) | undefined;

  const editor = openSmileEditor(byId('smile', HTMLElement), {
    onChoose(instrument) {
      quote.value = instrument;
      chosenQuote();
    },
    onMove: move,
  });
  const keyOf = (instrument: string): string => `${expiry.value} ${instrument}`;
  const slice = (): SliceView | undefined => view?.slices.find((one) => String(one.expiry) === expiry.value);

  function move(instrument: string, to: number, done: boolean): void {
    edits.set(keyOf(instrument), { expiry: Number(expiry.value), instrument, volatility: to });
    volatility.value = figure(100 * to, 2).replaceAll(',', '');
    onEdit(!done);
  }

  function chosenQuote(): void {
    const shown = slice();
    const i = shown?.instruments.indexOf(quote.value) ?? -1;
    const target = shown?.panel.quotes[i]?.target;
    volatility.disabled = target === undefined;
    if (target !== undefined && document.activeElement !== volatility) {
      volatility.value = figure(100 * target, 2).replaceAll(',', '');
    }
    putBack.disabled = !edits.has(keyOf(quote.value));
    putAllBack.disabled = edits.size === 0;
    drawn();
  }

  function drawn(): void {
    const shown = slice();
    if (shown === undefined) return;
    const moved = new Set([...edits.values()].filter((edit) => edit.expiry === shown.expiry).map((e) => e.instrument));
    editor.show(shown, quote.value, moved);
  }

  function chosenExpiry(): void {
    const shown = slice();
    if (view === undefined || shown === undefined) return;
    const before = quote.value;
    const quotes = shown.panel.quotes.flatMap(({ k, target }, i) =>
      Number.isNaN(target) ? [] : [{ name: shown.instruments[i]!, distance: Math.abs(k) }],
    );
    fillSelect(
      quote,
      quotes.map(({ name }) => [name, name]),
    );
    if (quote.value !== before) {
      const nearest = quotes.reduce((a, b) => (b.distance < a.distance ? b : a));
      quote.value = nearest.name;
    }
    verdict.textContent = verdictOn(view, view.slices.indexOf(shown));
    chosenQuote();
  }

  expiry.addEventListener('change', chosenExpiry);
  quote.addEventListener('change', chosenQuote);
  volatility.addEventListener('change', () => {
    const percent = volatility.valueAsNumber;
    volatility.ariaInvalid = percent > 0 ? null : 'true';
    if (percent > 0) move(quote.value, percent / 100, true);
  });
  putBack.addEventListener('click', () => {
    edits.delete(keyOf(quote.value));
    quote.focus();
    onEdit(false);
  });
  putAllBack.addEventListener('click', () => {
    edits.clear();
    quote.focus();
    onEdit(false);
  });

  return {
    show(next) {
      view = next;
      const middle = String(next.slices[next.slices.length >> 1]!.expiry);
      const isFirst = expiry.value === '';
      fillSelect(
        expiry,
        next.slices.map((one) => [String(one.expiry), dateOf(one.expiry)]),
      );
      if (isFirst) expiry.value = middle;
      chosenExpiry();
    },
    edits: () => [...edits.values()],
    clear() {
      edits.clear();
      expiry.replaceChildren();
    },
  };
}

/** What is proved of a slice and of it with its neighbours. */
function verdictOn({ certificates: { rows } }: FitView & { ok: true }, i: number): string {
  const [, butterfly, next] = rows[i]!;
  const parts = [`Butterfly: ${butterfly}.`];
  if (i > 0) parts.push(`Calendar from the expiry before: ${rows[i - 1]![2]}.`);
  if (i < rows.length - 1) parts.push(`Calendar to the next: ${next}.`);
  return parts.join(' ');
}
