/** Where quotes come from: chosen or dropped files, pasted text, the bundled chain. */
import sampleUrl from '../../samples/synthetic-btc-chain.json?url';
import type { ChainView, QuoteFile, ReadRequest } from '../protocol.js';
import { byId, fillSelect } from './dom.js';

export interface QuotesForm {
  /** Shows which underlying was read. */
  show(view: ChainView): void;
  useSample(): Promise<void>;
}

/** `onRead` is called with the files that are to be read, `onFailure` with a sentence where they cannot be had. */
export function openQuotes(onRead: (request: ReadRequest) => void, onFailure: (message: string) => void): QuotesForm {
  const underlying = byId('underlying', HTMLSelectElement);
  const asOf = byId('as-of', HTMLInputElement);
  let files: QuoteFile[] = [];

  const read = (chosen?: string): void => {
    const instant = asOf.value.trim();
    onRead({ files, underlying: chosen, asOf: instant === '' ? undefined : instant });
  };
  const use = (given: QuoteFile[]): void => {
    files = given;
    read();
  };
  const useFiles = async (list: Iterable<File>): Promise<void> => {
    const given = await Promise.all([...list].map(async (file) => ({ name: file.name, text: await file.text() })));
    if (given.length > 0) use(given);
  };
  const useSample = async (): Promise<void> => {
    const answer = await fetch(sampleUrl);
    if (answer.ok) use([{ name: 'synthetic-btc-chain.json', text: await answer.text() }]);
    else onFailure(`The bundled chain could not be loaded: ${answer.status} ${answer.statusText}.`);
  };
  const attempt = (work: Promise<void>): void => {
    work.catch((error: unknown) => {
      onFailure(error instanceof Error ? error.message : String(error));
    });
  };

  byId('files', HTMLInputElement).addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement && target.files !== null) attempt(useFiles(target.files));
  });
  byId('sample', HTMLButtonElement).addEventListener('click', () => {
    attempt(useSample());
  });
  byId('use-pasted', HTMLButtonElement).addEventListener('click', () => {
    const text = byId('pasted', HTMLTextAreaElement).value;
    if (text.trim() !== '') use([{ name: 'pasted quotes', text }]);
  });
  underlying.addEventListener('change', () => {
    read(underlying.value);
  });
  asOf.addEventListener('change', () => {
    if (files.length > 0) read(underlying.value === '' ? undefined : underlying.value);
  });

  const { body } = document;
  body.addEventListener('dragover', (event) => {
    event.preventDefault();
    body.classList.add('dropping');
  });
  body.addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) body.classList.remove('dropping');
  });
  body.addEventListener('drop', (event) => {
    event.preventDefault();
    body.classList.remove('dropping');
    attempt(useFiles(event.dataTransfer?.files ?? []));
  });

  return {
    useSample,
    show(view) {
      fillSelect(
        underlying,
        view.underlyings.map((name) => [name, name]),
      );
      underlying.value = view.underlying;
      underlying.disabled = view.underlyings.length < 2;
    },
  };
}
