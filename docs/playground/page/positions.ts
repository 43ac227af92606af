/** The positions of the account: added by name and size, changed in their list. */
import { amount, figure, percent } from 'zomma/report/figure.js';
import { heatMapOption } from 'zomma/report/charts/heat-map.js';
import { lineChartOption } from 'zomma/report/charts/line-chart.js';
import type { BookRequest, BookView, ChainView, Holding, Measure } from '../protocol.js';
import { openChart } from './chart.js';
import { byId, element } from './dom.js';
import { showTable } from './tables.js';

export interface PositionsForm {
  read(): BookRequest;
  /** What can be held in this chain. */
  offer(view: ChainView): void;
  /** A draft, while a quote is dragged, is compared with what was there before the drag. */
  show(view: BookView, draft: boolean): void;
}

/** Cash an account begins with. */
const CASH = { inverse: 10, linear: 100_000 } as const;

/** `onChange` is called when a position or the cash has changed. */
export function openPositions(onChange: () => void): PositionsForm {
  const instrument = byId('instrument', HTMLInputElement);
  const quantity = byId('quantity', HTMLInputElement);
  const cash = byId('cash', HTMLInputElement);
  const list = byId('holdings', HTMLElement);
  const profit = openChart(byId('profit', HTMLElement), 'Profit over moves of spot and volatility');
  const profile = openChart(byId('profile', HTMLElement), 'Profit by the price of the underlying');
  const holdings: Holding[] = [];
  let settlement: ChainView['settlement'] | undefined;
  /** Of the last account that was not a draft, and of the one before it. */
  let settled: Measure[] | undefined;
  let before: Measure[] | undefined;

  const listed = (): void => {
    list.replaceChildren(...holdings.map(line));
  };
  const line = (holding: Holding): HTMLElement => {
    const { instrument: name } = holding;
    const size = element('input', { type: 'number', step: 'any', ariaLabel: `Contracts of ${name}` });
    size.valueAsNumber = holding.quantity;
    size.addEventListener('change', () => {
      if (!Number.isFinite(size.valueAsNumber)) return;
      holding.quantity = size.valueAsNumber;
      onChange();
    });
    const remove = element('button', { type: 'button', textContent: 'Remove', ariaLabel: `Remove ${name}` });
    remove.addEventListener('click', () => {
      holdings.splice(holdings.indexOf(holding), 1);
      listed();
      instrument.focus();
      onChange();
    });
    return element('li', {}, [element('span', { className: 'name', textContent: name }), size, remove]);
  };

  byId('add', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    holdings.push({ instrument: instrument.value.trim(), quantity: quantity.valueAsNumber });
    instrument.value = '';
    listed();
    onChange();
  });
  cash.addEventListener('change', () => {
    if (Number.isFinite(cash.valueAsNumber)) onChange();
  });

  return {
    read: () => ({ holdings, cash: cash.valueAsNumber }),
    offer(view) {
      byId('cash-currency', HTMLElement).textContent = view.premiumCurrency;
      if (view.settlement !== settlement) cash.valueAsNumber = CASH[view.settlement];
      settlement = view.settlement;
      settled = before = undefined;
      byId('instruments', HTMLDataListElement).replaceChildren(
        ...view.instruments.map((value) => element('option', { value })),
      );
    },
    show(view, draft) {
      byId('exposure', HTMLElement).hidden = !view.ok || holdings.length === 0;
      byId('excluded', HTMLElement).textContent = view.ok ? view.excluded.join('; ') : view.status;
      if (!view.ok) return;
      const { measures, profit: grid, profile: curve } = view;
      if (settled === undefined || measures.some(({ value }, i) => value !== settled?.[i]?.value)) {
        before = settled ?? measures;
        if (!draft) settled = measures;
      }
      showTable(byId('measures', HTMLElement), {
        caption: 'The account, now and before the last change',
        headers: ['figure', 'now', 'before', 'unit'],
        rows: measures.map((measure, i) => [
          measure.name,
          figure(measure.value, measure.decimals),
          figure(before?.[i]?.value ?? NaN, measure.decimals),
          measure.unit,
        ]),
      });
      const map = heatMapOption({
        x: 'move of spot',
        y: 'relative move of volatility',
        columns: grid.spot.map(signed),
        rows: grid.volatility.map(signed),
        values: grid.values,
        format: (value) => amount(value),
      });
      profit.draw((width) => ({ option: map, width: Math.max(620, width), height: 300 }));
      byId('profile-figure', HTMLElement).hidden = curve === undefined;
      if (curve !== undefined) {
        profile.draw((room) => {
          const width = Math.max(480, room);
          return { option: lineChartOption(curve, width), width, height: 340 };
        });
      }
    },
  };
}

function signed(move: number): string {
  return `${move > 0 ? '+' : ''}${percent(move).replace('.0%', '%')}`;
}
