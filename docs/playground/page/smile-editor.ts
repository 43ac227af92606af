/** The smile of one expiry with a handle on each quote: dragging one asks for a fit with that quote elsewhere. */
import type { SmilePanel } from 'zomma/report/charts/smiles.js';
import { pageColours, smilePictureOption } from 'zomma/report/charts/smiles.js';
import type { SliceView } from '../protocol.js';
import { openChart } from './chart.js';
import { element } from './dom.js';

export interface SmileEditor {
  show(slice: SliceView, chosen: string, moved: ReadonlySet<string>): void;
}

export interface SmileEditorEvents {
  onChoose: (instrument: string) => void;
  /** `volatility` decimal; `done` when the quote is let go. */
  onMove: (instrument: string, volatility: number, done: boolean) => void;
}

type Range = readonly [low: number, high: number];

interface Drag {
  instrument: string;
  /** Its volatility, and the pointer's height, when it was taken. */
  from: number;
  grabbed: number;
  volatility: number;
  /** False until the pointer has left its place: choosing a quote does not move it. */
  moved: boolean;
  range: Range;
}

const HEIGHT = 340;
const SIDES = 100;
/** The least volatility a quote can be dragged to. */
const LOWEST = 0.001;
/** Pixels that are no drag yet. */
const STEADY = 3;

export function openSmileEditor(box: HTMLElement, { onChoose, onMove }: SmileEditorEvents): SmileEditor {
  const handles = element('div', { ariaHidden: 'true' });
  const chart = openChart(box, 'The smile of the chosen expiry', () => {
    place();
  });
  box.append(handles);
  let shown: { slice: SliceView; chosen: string; moved: ReadonlySet<string> } | undefined;
  let drag: Drag | undefined;
  let range: Range = [0, 0];

  /** While a quote is dragged the axis stays as it was: the quote is under the pointer. */
  function drawing(panel: SmilePanel, width: number) {
    const picture = smilePictureOption(
      [panel],
      { title: '', columns: 1, panel: { width: Math.max(380, width - SIDES), height: HEIGHT } },
      pageColours,
    );
    const [axis] = picture.option['yAxis'] as { min: number; max: number }[];
    if (drag === undefined) range = [axis!.min, axis!.max];
    else [axis!.min, axis!.max] = drag.range;
    return picture;
  }

  function pixelOf(k: number, volatility: number): [number, number] {
    return chart.echart.convertToPixel({ gridIndex: 0 }, [k, 100 * volatility]) as [number, number];
  }

  function place(): void {
    if (shown === undefined) return;
    const { slice, chosen, moved } = shown;
    const [low, high] = drag?.range ?? range;
    const dots = slice.panel.quotes.flatMap(({ k, target }, i) => {
      const instrument = slice.instruments[i]!;
      const volatility = drag?.instrument === instrument ? drag.volatility : target;
      if (!(100 * volatility >= low && 100 * volatility <= high)) return [];
      const [x, y] = pixelOf(k, volatility);
      const dot = element('div', { className: 'handle' });
      dot.dataset['instrument'] = instrument;
      dot.classList.toggle('chosen', instrument === chosen);
      dot.classList.toggle('moved', moved.has(instrument));
      dot.style.left = `${x}px`;
      dot.style.top = `${y}px`;
      return [dot];
    });
    handles.replaceChildren(...dots);
  }

  function volatilityAt(clientY: number): number {
    const top = box.getBoundingClientRect().top;
    const [, percent] = chart.echart.convertFromPixel({ gridIndex: 0 }, [0, clientY - top]) as [number, number];
    return percent / 100;
  }

  /** Moves the dragged quote by as much as the pointer has moved, within the axis. */
  function follow({ clientY }: PointerEvent, { from, grabbed, range: [low, high] }: Drag): number {
    const volatility = from + volatilityAt(clientY) - volatilityAt(grabbed);
    return Math.max(LOWEST, Math.min(Math.max(volatility, low / 100), high / 100));
  }

  handles.addEventListener('pointerdown', (event) => {
    const instrument = (event.target as HTMLElement).dataset['instrument'];
    const i = shown?.slice.instruments.indexOf(instrument ?? '') ?? -1;
    if (shown === undefined || instrument === undefined || i < 0) return;
    event.preventDefault();
    // The handles are made anew with every fit: the layer they lie in keeps the pointer.
    handles.setPointerCapture(event.pointerId);
    const from = shown.slice.panel.quotes[i]!.target;
    drag = { instrument, from, grabbed: event.clientY, volatility: from, moved: false, range };
    onChoose(instrument);
  });
  handles.addEventListener('pointermove', (event) => {
    if (drag === undefined) return;
    if (!drag.moved && Math.abs(event.clientY - drag.grabbed) < STEADY) return;
    drag.moved = true;
    drag.volatility = follow(event, drag);
    place();
    onMove(drag.instrument, drag.volatility, false);
  });
  const end = (): void => {
    if (drag === undefined) return;
    const { instrument, volatility, moved } = drag;
    drag = undefined;
    if (moved) onMove(instrument, volatility, true);
  };
  handles.addEventListener('pointerup', end);
  handles.addEventListener('pointercancel', end);

  return {
    show(slice, chosen, moved) {
      shown = { slice, chosen, moved };
      chart.draw((width) => drawing(slice.panel, width));
    },
  };
}
