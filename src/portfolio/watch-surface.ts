/**
 * A surface, and the Greeks of a book, kept up to date with a feed of quote changes.
 *
 * Changes are taken in as they come, fits are made as they are asked for: what has come in the meantime goes into one fit, the newest
 * quote of each instrument wins, and everything passed over is counted. Fits run one at a time, so memory does not grow with a backlog.
 */
import { requireNonNegative, requireOneOf } from '../check.js';
import type { Rejection } from '../errors.js';
import type { OptionChain } from '../market/chain.js';
import { liveChain } from '../market/live-chain.js';
import type { ChangeCounts, LiveChainOptions, QuoteChange, TakenChain } from '../market/live-chain.js';
import type { Instant } from '../market/quote.js';
import { sliceInputs } from '../market/slice-inputs.js';
import type { SliceInputOptions } from '../market/slice-inputs.js';
import type { FitFailure } from '../volatility/calibration/fit.js';
import { calibrateSurface } from '../volatility/calibration/surface-fit.js';
import type { SurfaceFit, SurfaceFitOptions } from '../volatility/calibration/surface-fit.js';
import { updateSurface } from '../volatility/calibration/update-surface.js';
import type { Position } from './account.js';
import { snapshotOf } from './build-snapshot.js';
import type { MarketSource } from './build-snapshot.js';
import type { ValuationOptions } from './missing.js';
import { netGreeks } from './net-greeks.js';
import type { NetGreeks } from './net-greeks.js';
import type { MarketSnapshot } from './snapshot.js';

type Fitted = SurfaceFit & { ok: true };

/** Positions whose Greeks are wanted with every surface. */
export interface WatchedBook {
  positions: readonly Position[];
  /** The market of a surface; where missing the surface alone with its spot, futures at its forwards. */
  market?: ((source: MarketSource) => MarketSnapshot) | undefined;
  /** How the Greeks are expressed. Positions without data are left out and listed unless `missing` says otherwise. */
  valuation?: ValuationOptions | undefined;
}

export interface WatchOptions
  extends
    Omit<SurfaceFitOptions, 'previous' | 'slices' | 'onSlice' | 'start'>,
    Pick<SliceInputOptions, 'filters' | 'repair'>,
    LiveChainOptions {
  book?: WatchedBook | undefined;
  /** 'newest' (default): changes that come during a fit go into the next one together; 'every': a fit for each batch, none read ahead. */
  pace?: 'newest' | 'every' | undefined;
  /** Part of its time to expiry after which an expiry without new quotes is read again. Default 0.01. */
  refreshAfter?: number | undefined;
  /** Ends the updates, also while waiting for a change. */
  signal?: AbortSignal | undefined;
}

interface UpdateFacts {
  asOf: Instant;
  /** The quotes it was made from. */
  chain: OptionChain;
  /** Changes applied since the update before. */
  applied: number;
  /** Quotes that lost their prices since. */
  expired: number;
  /** Changes refused since, and duplicates of the chain at the start. */
  rejected: Rejection[];
  /** All since the start. */
  counts: ChangeCounts;
}

export type SurfaceUpdate =
  | (UpdateFacts & {
      ok: true;
      fit: Fitted;
      /** Expiries whose smile is another one than before; all of the first update. */
      refitted: Instant[];
      /** Of the book, where there is one. */
      greeks?: NetGreeks | undefined;
    })
  | (UpdateFacts & {
      ok: false;
      reason: FitFailure['reason'];
      message: string;
      /** The last surface there was. */
      last?: Fitted | undefined;
    });

/**
 * Updates of the surface of `chain` as it changes: the first from the chain itself, then one whenever changes have been applied, until
 * `changes` ends. What has come by then, and refusals not yet reported, are in a last update; an error of `changes` is thrown after it.
 * A chain that gives no surface is an update with `ok` false, and the watch goes on.
 *
 * Throws InputError, at the first update, on options that are not as they must be or a book that the market cannot value.
 */
export async function* watchSurface(
  chain: OptionChain,
  changes: AsyncIterable<readonly QuoteChange[]>,
  options: WatchOptions = {},
): AsyncGenerator<SurfaceUpdate, void, undefined> {
  const pace = requireOneOf('pace', options.pace ?? 'newest', ['newest', 'every']);
  const { signal } = options;
  const watch = startWatch(chain, options);
  yield watch.first;
  if (pace === 'every') {
    for await (const batch of endedBy(changes, signal)) {
      watch.apply(batch);
      const update = watch.update();
      if (update !== undefined) yield update;
    }
  } else {
    const reader = readAhead(endedBy(changes, signal), watch.apply);
    try {
      while (await reader.next()) {
        const update = watch.update();
        if (update !== undefined) yield update;
        reader.throwIfFailed();
      }
    } finally {
      reader.stop();
    }
  }
  const last = watch.rest();
  if (last !== undefined) yield last;
}

interface Watch {
  first: SurfaceUpdate;
  apply: (changes: readonly QuoteChange[]) => void;
  /** Undefined where nothing was applied. */
  update: () => SurfaceUpdate | undefined;
  /** What has not been reported; undefined where all has. */
  rest: () => SurfaceUpdate | undefined;
}

function startWatch(chain: OptionChain, options: WatchOptions): Watch {
  const { book, refreshAfter, clock, filters, repair } = options;
  const refresh = requireNonNegative('refreshAfter', refreshAfter ?? 0.01);
  const live = liveChain(chain, options);
  const readAt = new Map<Instant, Instant>();
  let last: Fitted | undefined;
  let waiting: Rejection[] = [];
  /** Touched, and in no surface yet. */
  let open = new Set<Instant>();

  const fit = ({ chain: taken, touched }: TakenChain): ReturnType<typeof updateSurface> => {
    for (const expiry of touched) open.add(expiry);
    if (last === undefined) {
      const slices = taken.style === 'american' ? undefined : sliceInputs(taken, { clock, filters, repair });
      const found = calibrateSurface(taken, { ...options, slices });
      return found.ok ? { ...found, refitted: found.fits.map(({ input }) => input.expiry) } : found;
    }
    for (const [expiry, at] of readAt) {
      if (taken.asOf - at > refresh * (expiry - taken.asOf)) open.add(expiry);
    }
    return updateSurface(last, taken, { ...options, touched: [...open] });
  };

  const make = (taken: TakenChain): SurfaceUpdate => {
    const facts: UpdateFacts = {
      asOf: taken.chain.asOf,
      chain: taken.chain,
      applied: taken.applied,
      expired: taken.expired,
      rejected: [...waiting, ...taken.rejected],
      counts: { ...live.counts },
    };
    waiting = [];
    const isFirst = last === undefined;
    const found = fit(taken);
    if (!found.ok) return { ...facts, ok: false, reason: found.reason, message: found.message, last };
    const { refitted, ...surface } = found;
    for (const { expiry } of taken.chain.quotes) {
      if (isFirst || open.has(expiry)) readAt.set(expiry, taken.chain.asOf);
    }
    for (const expiry of readAt.keys()) if (expiry <= taken.chain.asOf) readAt.delete(expiry);
    open = new Set();
    last = surface;
    return { ...facts, ok: true, fit: surface, refitted, greeks: book && greeksOf(book, surface) };
  };

  return {
    first: make(live.take()),
    apply: (changes) => {
      live.apply(changes);
    },
    update() {
      const taken = live.take();
      if (taken.applied > 0 || taken.expired > 0) return make(taken);
      waiting.push(...taken.rejected);
      return undefined;
    },
    rest() {
      const taken = live.take();
      if (taken.applied > 0 || taken.expired > 0 || taken.rejected.length + waiting.length > 0) return make(taken);
      return undefined;
    },
  };
}

function greeksOf({ positions, market, valuation }: WatchedBook, { surface, fits }: Fitted): NetGreeks {
  const source = { surface, fits };
  const snapshot = market === undefined ? snapshotOf([source]) : market(source);
  return netGreeks(positions, snapshot, { missing: 'exclude', ...valuation });
}

interface Reader {
  /** Waits until something has been read; false where all is and nothing more comes. */
  next(): Promise<boolean>;
  throwIfFailed(): void;
  stop(): void;
}

/** Reads on its own while there is something to read, each batch taken in at once. */
function readAhead<T>(source: AsyncIterable<T>, take: (batch: T) => void): Reader {
  const iterator = source[Symbol.asyncIterator]();
  let isNew = false;
  let isOver = false;
  let failure: { error: unknown } | undefined;
  let wake: (() => void) | undefined;
  const note = (): void => {
    wake?.();
    wake = undefined;
  };
  const read = async (): Promise<void> => {
    try {
      for (let next = await iterator.next(); next.done !== true && !isOver; next = await iterator.next()) {
        take(next.value);
        isNew = true;
        note();
      }
    } catch (error) {
      failure = { error };
    }
    isOver = true;
    note();
  };
  void read();
  const throwIfFailed = (): void => {
    if (failure !== undefined && !isNew) throw failure.error;
  };
  return {
    async next() {
      if (!isNew && !isOver) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      throwIfFailed();
      const something = isNew;
      isNew = false;
      return something;
    },
    throwIfFailed,
    stop() {
      isOver = true;
      // A reader that waits cannot be called back: the source is told, and not waited for.
      iterator.return?.().then(undefined, () => undefined);
    },
  };
}

/** The batches until the signal, also where one is waited for. */
function endedBy<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncIterable<T> {
  if (signal === undefined) return source;
  return {
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]();
      const over: IteratorResult<T> = { done: true, value: undefined };
      let answer: ((result: IteratorResult<T>) => void) | undefined;
      const end = (): void => {
        answer?.(over);
        iterator.return?.().then(undefined, () => undefined);
      };
      signal.addEventListener('abort', end, { once: true });
      return {
        next: () =>
          new Promise((resolve, reject) => {
            answer = resolve;
            if (signal.aborted) resolve(over);
            else iterator.next().then(resolve, reject);
          }),
        async return() {
          signal.removeEventListener('abort', end);
          await iterator.return?.();
          return over;
        },
      };
    },
  };
}
