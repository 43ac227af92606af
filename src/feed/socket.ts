/** What a feed needs of a WebSocket, and one by the package `ws`. A browser's own is wrapped in the same few lines. */
import { FeedError } from './feed-error.js';

export interface SocketHandlers {
  open(): void;
  message(text: string): void;
  /** Once, whoever closed it; also where it could not be opened. */
  close(reason: string): void;
}

export interface FeedSocket {
  send(text: string): void;
  close(): void;
}

export type Connect = (url: string, handlers: SocketHandlers) => Promise<FeedSocket>;

/** Opens a WebSocket by the package `ws`. Throws FeedError where it is not installed. */
export const connectByWs: Connect = async (url, handlers) => {
  const { WebSocket } = await import('ws').catch(() => {
    throw new FeedError('a WebSocket feed needs the package ws: npm install ws');
  });
  let fault = '';
  const socket = new WebSocket(url);
  socket.on('open', () => {
    handlers.open();
  });
  socket.on('message', (data) => {
    handlers.message(textOf(data));
  });
  socket.on('error', (error) => {
    fault = error.message;
  });
  socket.on('close', (code, reason) => {
    handlers.close(fault || reason.toString() || `code ${code}`);
  });
  return {
    send: (text) => {
      socket.send(text);
    },
    close: () => {
      socket.terminate();
    },
  };
};

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
