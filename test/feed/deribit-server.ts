/** A server on this machine that speaks Deribit's public WebSocket protocol: messages written by hand after the venue's reference. */
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

export interface Request {
  id: number;
  method: string;
  params: Readonly<Record<string, unknown>>;
}

/** A row of the book summary, and what a ticker says. */
export interface Listed {
  name: string;
  bid: number | null;
  ask: number | null;
  forward: number;
  at: number;
}

export interface Venue {
  url: string;
  /** What the summary lists; change it between connections. */
  listed: Listed[];
  /** Every request in order, by connection. */
  requests: Request[][];
  /** Channels whose subscription is refused. */
  refused: Set<string>;
  /** Answers a request in place of the venue; false to leave it to the venue, true where it is done. */
  intercept: (request: Request, socket: WebSocket) => boolean;
  /** Sends to every connection. */
  send(message: unknown): void;
  notify(channel: string, data: unknown): void;
  /** Cuts every connection. */
  cut(): void;
  /** Resolves when as many requests of the method have come in all. */
  asked(method: string, count?: number): Promise<void>;
  close(): Promise<void>;
}

export async function deribitVenue(listed: Listed[]): Promise<Venue> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  const waiting: { method: string; count: number; resolve: () => void }[] = [];
  const asked = (method: string): number => venue.requests.flat().filter((request) => request.method === method).length;
  const venue: Venue = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/api/v2`,
    listed,
    requests: [],
    refused: new Set(),
    intercept: () => false,
    send(message) {
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      for (const socket of server.clients) socket.send(text);
    },
    notify(channel, data) {
      venue.send({ jsonrpc: '2.0', method: 'subscription', params: { channel, data } });
    },
    cut() {
      for (const socket of server.clients) socket.terminate();
    },
    asked: (method, count = 1) =>
      new Promise((resolve) => {
        if (asked(method) >= count) resolve();
        else waiting.push({ method, count, resolve });
      }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of server.clients) socket.terminate();
        server.close(() => {
          resolve();
        });
      }),
  };
  server.on('connection', (socket) => {
    const requests: Request[] = [];
    venue.requests.push(requests);
    socket.on('message', (data: Buffer) => {
      const request = JSON.parse(data.toString('utf8')) as Request;
      requests.push(request);
      if (!venue.intercept(request, socket)) answer(venue, request, socket);
      for (const wait of waiting) if (asked(wait.method) >= wait.count) wait.resolve();
    });
  });
  return venue;
}

function answer(venue: Venue, { id, method, params }: Request, socket: WebSocket): void {
  const reply = (result: unknown): void => {
    const latest = Math.max(...venue.listed.map(({ at }) => at));
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, result, usIn: 1000 * latest, usOut: 1000 * latest, usDiff: 0 }));
  };
  if (method === 'public/set_heartbeat') reply('ok');
  else if (method === 'public/test') reply({ version: '1.2.26' });
  else if (method === 'public/get_book_summary_by_currency') reply(venue.listed.map(summaryRow));
  else if (method === 'public/subscribe' || method === 'public/unsubscribe') {
    reply((params['channels'] as string[]).filter((channel) => !venue.refused.has(channel)));
  } else socket.send(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } }));
}

function summaryRow({ name, bid, ask, forward, at }: Listed): object {
  return {
    instrument_name: name,
    base_currency: name.split('-')[0],
    quote_currency: name.split('-')[0],
    bid_price: bid,
    ask_price: ask,
    mid_price: bid === null || ask === null ? null : (bid + ask) / 2,
    mark_price: 0.03,
    mark_iv: 45.2,
    underlying_price: forward,
    underlying_index: name.split('-').slice(0, 2).join('-'),
    estimated_delivery_price: 96_480.25,
    interest_rate: 0,
    open_interest: 12.5,
    volume: 3,
    volume_usd: 8600,
    last: 0.031,
    price_change: 1.2,
    high: 0.034,
    low: 0.029,
    creation_timestamp: at,
  };
}

export function ticker(name: string, at: number, fields: Readonly<Record<string, unknown>> = {}): object {
  return {
    timestamp: at,
    state: 'open',
    stats: { volume: 3, volume_usd: 8600, price_change: 1.2, low: 0.029, high: 0.034 },
    greeks: { delta: 0.41, gamma: 0.00002, vega: 95.1, theta: -60.2, rho: 12.3 },
    settlement_price: 0.03,
    open_interest: 12.5,
    min_price: 0.01,
    max_price: 0.09,
    mark_price: 0.0305,
    mark_iv: 45.4,
    last_price: 0.031,
    interest_rate: 0,
    instrument_name: name,
    index_price: 96_500,
    estimated_delivery_price: 96_500,
    bid_iv: 44.8,
    best_bid_price: 0.03,
    best_bid_amount: 11,
    ask_iv: 46.1,
    best_ask_price: 0.0315,
    best_ask_amount: 4.2,
    underlying_price: 96_900,
    underlying_index: name.split('-').slice(0, 2).join('-'),
    ...fields,
  };
}

export function book(name: string, at: number, change: number, before: number | undefined, sides: object): object {
  return {
    type: before === undefined ? 'snapshot' : 'change',
    timestamp: at,
    instrument_name: name,
    change_id: change,
    ...(before === undefined ? {} : { prev_change_id: before }),
    bids: [],
    asks: [],
    ...sides,
  };
}
