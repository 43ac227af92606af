/** What the worker holds: a chain, its quotes as slices, and the last surface. Every answer is a function of these and the question. */
import { calibrateSurface, InputError, sliceInputs, updateSurface } from 'zomma';
import type { SliceInputs, SurfaceFit } from 'zomma';
import type { BookRequest, BookView, ChainView, FitRequest, FitView, ReadRequest, Settings } from '../protocol.js';
import { bookView } from './book-view.js';
import { withEdits } from './edits.js';
import { fitView } from './fit-view.js';
import { readChain } from './read-chain.js';
import type { ReadChain } from './read-chain.js';

export interface Desk {
  read(request: ReadRequest): ChainView;
  fit(request: FitRequest): FitView;
  value(request: BookRequest): BookView;
}

type Fitted = SurfaceFit & { ok: true };

/** Its functions throw InputError on files, settings and positions that cannot be. */
export function openDesk(): Desk {
  let read: ReadChain | undefined;
  let prepared: { of: string; inputs: SliceInputs } | undefined;
  let lastDraft: Fitted | undefined;
  let last: Fitted | undefined;

  const slicesFor = ({ chain }: ReadChain, { filters, repair }: Settings): SliceInputs => {
    const of = JSON.stringify([filters, repair]);
    if (prepared?.of !== of) prepared = { of, inputs: sliceInputs(chain, { filters, repair }) };
    return prepared.inputs;
  };

  return {
    read(request) {
      const found = readChain(request);
      [read, prepared, lastDraft, last] = [found, undefined, undefined, undefined];
      return found.view;
    },

    fit({ settings, edits, draft }) {
      if (read === undefined) throw new InputError('quotes', undefined, 'read before they are fitted');
      const { chain } = read;
      const { model } = settings;
      const { slices: quoted, rejected } = slicesFor(read, settings);
      const { slices, lost } = withEdits(quoted, edits);
      const options = { model, slices: { slices, rejected } };
      let fit: SurfaceFit;
      if (draft) {
        const plainly = { ...options, arbitrage: 'report' as const };
        fit = lastDraft?.model === model ? updateSurface(lastDraft, chain, plainly) : calibrateSurface(chain, plainly);
        if (fit.ok) lastDraft = fit;
      } else {
        fit = calibrateSurface(chain, { ...options, arbitrage: model === 'sabr' ? 'report' : settings.arbitrage });
      }
      last = fit.ok ? fit : undefined;
      return fitView({ chain, fit, lostEdits: lost, draft });
    },

    value(request) {
      if (read === undefined || last === undefined)
        return { ok: false, status: 'There is no surface to value positions in.' };
      return bookView(request, { chain: read.chain, exercise: read.exercise, fit: last });
    },
  };
}
