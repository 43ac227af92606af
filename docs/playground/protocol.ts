/**
 * What the page and its worker say to each other: plain data both ways. The page asks one thing at a time and is answered in turn;
 * numbers stay numbers until they are shown.
 */
import type { ModelName } from 'zomma';
import type { LineChart } from 'zomma/report/charts/line-chart.js';
import type { SmilePanel } from 'zomma/report/charts/smiles.js';
import type { Surface3d } from 'zomma/report/charts/surface-3d.js';
import type { SurfaceGrid } from 'zomma/report/charts/surface-grid.js';

export interface QuoteFile {
  name: string;
  text: string;
}

/** Files of one chain. */
export interface ReadRequest {
  files: QuoteFile[];
  /** ISO 8601 with its offset; needed where the files do not say. */
  asOf?: string | undefined;
  /** Of files that hold several. */
  underlying?: string | undefined;
}

export interface ChainView {
  title: string;
  /** What the file says of itself. */
  description?: string | undefined;
  facts: string;
  underlying: string;
  /** All of the files'; the one above is among them. */
  underlyings: string[];
  /** Names of options. */
  instruments: string[];
  settlement: 'linear' | 'inverse';
  premiumCurrency: string;
}

export interface Settings {
  model: ModelName;
  /** 'certify' has no meaning for SABR, which is only reported on. */
  arbitrage: 'certify' | 'report';
  filters: Record<string, number | boolean>;
  /** Whether quotes that contradict each other are moved until they do not. */
  repair: boolean;
}

/** A quote moved by hand. */
export interface Edit {
  expiry: number;
  /** As the slice names it: one instrument, or a call and a put that make one point. */
  instrument: string;
  /** The fit target, decimal; bid and ask move with it. */
  volatility: number;
}

export interface FitRequest {
  settings: Settings;
  edits: Edit[];
  /** Best fits without certification, which a drag can wait for. */
  draft: boolean;
}

export interface Table {
  caption: string;
  headers: string[];
  /** The first cell of a row names it. */
  rows: string[][];
}

export interface Figure {
  name: string;
  value: string;
}

/** One expiry on the page. */
export interface SliceView {
  expiry: number;
  panel: SmilePanel;
  /** Names of the panel's quotes, in their order. */
  instruments: string[];
}

/** What takes longer than a fit. */
export interface SurfacePictures {
  grid: SurfaceGrid;
  solid: Surface3d;
  term: LineChart;
  variance: LineChart;
  /** Undefined where the surface implies none everywhere. */
  density: LineChart | undefined;
}

export type FitView =
  | {
      ok: true;
      proved: boolean;
      /** In one sentence. */
      status: string;
      figures: Figure[];
      slices: SliceView[];
      certificates: Table;
      fits: Table;
      leftOut: Table;
      /** Not of drafts. */
      pictures: SurfacePictures | undefined;
      /** Edits of quotes that the filters have since left out. */
      lostEdits: number;
    }
  | { ok: false; status: string; leftOut: Table };

export interface Holding {
  instrument: string;
  /** Contracts; long is positive. */
  quantity: number;
}

export interface BookRequest {
  holdings: Holding[];
  /** In the premium currency. */
  cash: number;
}

/** A figure of the account, with what it was before the last change. */
export interface Measure {
  name: string;
  unit: string;
  value: number;
  decimals: number;
}

export type BookView =
  | {
      ok: true;
      measures: Measure[];
      /** Profit over [volatility][spot]. */
      profit: { spot: number[]; volatility: number[]; values: number[][]; currency: string };
      profile: LineChart | undefined;
      /** Positions that could not be valued, each with its reason. */
      excluded: string[];
    }
  | { ok: false; status: string };

export interface Requests {
  read: { ask: ReadRequest; answer: ChainView };
  fit: { ask: FitRequest; answer: FitView };
  value: { ask: BookRequest; answer: BookView };
}

export type RequestName = keyof Requests;

export interface Message<Name extends RequestName = RequestName> {
  id: number;
  name: Name;
  ask: Requests[Name]['ask'];
}

/** `error` is one sentence for the reader: what was asked cannot be done. */
export type Reply<Name extends RequestName = RequestName> =
  { id: number; ok: true; answer: Requests[Name]['answer'] } | { id: number; ok: false; error: string };
