/** The page: forms on one side, the worker's answers on the other. */
import { paletteCss } from 'zomma/report/charts/palette.js';
import { newestOnly, openWorker, Refused } from './page/ask.js';
import { byId } from './page/dom.js';
import { openPictures } from './page/pictures.js';
import { openPositions } from './page/positions.js';
import { openQuotes } from './page/quotes.js';
import { openSettings } from './page/settings.js';
import { openSmileSection } from './page/smile-section.js';
import type { BookRequest, ReadRequest } from './protocol.js';

const palette = new CSSStyleSheet();
palette.replaceSync(paletteCss);
document.adoptedStyleSheets = [palette];

const status = byId('status', HTMLElement);
const problem = byId('error', HTMLElement);
const refuse = (message: string): void => {
  problem.textContent = message;
};

const ask = openWorker((message) => {
  refuse(`The calculation has failed: ${message}. Reload the page to go on.`);
});
const pictures = openPictures();
const settings = openSettings(() => {
  refit({ draft: false });
});
const smile = openSmileSection((draft) => {
  refit({ draft });
});
const positions = openPositions(() => {
  revalue(positions.read());
});
const quotes = openQuotes((request) => {
  read(request);
}, refuse);

let hasChain = false;

/** What the worker refuses is shown, and all else stays as it was; anything else is an error of the page. */
async function attempt(work: () => Promise<void>): Promise<void> {
  const said = status.textContent;
  try {
    await work();
    problem.textContent = '';
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    refuse(error.message);
    status.textContent = said;
  }
}

async function value(request: BookRequest, draft: boolean): Promise<void> {
  positions.show(await ask('value', request), draft);
}

const revalue = newestOnly((request: BookRequest) => attempt(() => value(request, false)));

const refit = newestOnly(({ draft }: { draft: boolean }) =>
  attempt(async () => {
    if (!hasChain) return;
    if (!draft) status.textContent = 'Calibrating.';
    const view = await ask('fit', { settings: settings.read(), edits: smile.edits(), draft });
    pictures.show(view);
    if (view.ok) {
      smile.show(view);
      await value(positions.read(), draft);
    }
    const lost = view.ok && view.lostEdits > 0 ? ` ${view.lostEdits} moved quotes are left out by the filters.` : '';
    status.textContent = `${draft ? 'While dragging: ' : ''}${view.status}${lost}`;
  }),
);

const read = newestOnly((request: ReadRequest) =>
  attempt(async () => {
    status.textContent = 'Reading.';
    const view = await ask('read', request);
    byId('facts', HTMLElement).textContent = [view.title, view.description, view.facts]
      .filter((words) => words !== undefined)
      .join(' | ');
    quotes.show(view);
    positions.offer(view);
    smile.clear();
    hasChain = true;
    refit({ draft: false });
  }),
);

await quotes.useSample();
