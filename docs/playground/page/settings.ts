/** The form of the model and the quote filters. */
import { defaultQuoteFilters } from 'zomma';
import type { ModelName, QuoteFilters } from 'zomma';
import type { Settings } from '../protocol.js';
import { byId, element } from './dom.js';

const filterWords: readonly (readonly [keyof QuoteFilters, string])[] = [
  ['maximumSpread', 'Widest spread (of the mid price)'],
  ['maximumSpreadTicks', 'never too wide within (ticks)'],
  ['maximumVolatilityHalfSpread', 'Largest half-spread (volatility, decimal)'],
  ['maximumRelativeHalfSpread', 'or (of the volatility)'],
  ['minimumVega', 'Smallest vega (of F √T)'],
  ['minimumDelta', 'Smallest delta'],
  ['maximumDelta', 'Largest delta'],
  ['maximumAge', 'Oldest quote (seconds)'],
  ['maximumAgeMultiple', 'or (of the median age)'],
  ['blendWidth', 'Calls and puts blended within (ATM deviations)'],
  ['minimumQuotes', 'Fewest two-sided strikes of an expiry'],
  ['keepLocked', 'Keep quotes whose bid is their ask'],
  ['keepOneSided', 'Keep one-sided quotes as bounds'],
];

export interface SettingsForm {
  read(): Settings;
}

/** `onChange` is called with every change of a choice or a number that is one. */
export function openSettings(onChange: () => void): SettingsForm {
  const model = byId('model', HTMLSelectElement);
  const arbitrage = byId('arbitrage', HTMLSelectElement);
  const note = byId('arbitrage-note', HTMLElement);
  const repair = element('input', { type: 'checkbox', id: 'filter-repair' });
  const fields = filterWords.map(([key, words]) => ({ key, words, input: inputFor(key) }));

  byId('filters', HTMLElement).append(
    ...fields.map(({ words, input }) => row(words, input)),
    row('Repair quotes that contradict each other', repair),
  );
  const toUsual = (): void => {
    for (const { key, input } of fields) write(input, defaultQuoteFilters[key]);
    repair.checked = false;
  };
  toUsual();

  const changed = (): void => {
    arbitrage.disabled = model.value === 'sabr';
    note.hidden = model.value !== 'sabr';
    const wrong = fields.filter(({ input }) => !isFilter(input));
    for (const { input } of fields) input.ariaInvalid = wrong.some((field) => field.input === input) ? 'true' : null;
    if (wrong.length === 0) onChange();
  };
  for (const input of [model, arbitrage, repair, ...fields.map((field) => field.input)]) {
    input.addEventListener('change', changed);
  }
  byId('usual-filters', HTMLButtonElement).addEventListener('click', () => {
    toUsual();
    changed();
  });

  return {
    read: () => ({
      model: model.value as ModelName,
      arbitrage: arbitrage.value as Settings['arbitrage'],
      filters: Object.fromEntries(
        fields.map(({ key, input }) => [key, input.type === 'checkbox' ? input.checked : input.valueAsNumber]),
      ),
      repair: repair.checked,
    }),
  };
}

function inputFor(key: keyof QuoteFilters): HTMLInputElement {
  const isSwitch = typeof defaultQuoteFilters[key] === 'boolean';
  const input = element('input', { id: `filter-${key}`, type: isSwitch ? 'checkbox' : 'number' });
  if (!isSwitch) Object.assign(input, { min: '0', step: 'any' });
  return input;
}

function write(input: HTMLInputElement, value: number | boolean): void {
  if (typeof value === 'boolean') input.checked = value;
  else input.valueAsNumber = value;
}

function isFilter(input: HTMLInputElement): boolean {
  return input.type === 'checkbox' || input.valueAsNumber >= 0;
}

function row(words: string, input: HTMLInputElement): HTMLElement {
  return element('div', { className: 'row' }, [element('label', { htmlFor: input.id, textContent: words }), input]);
}
