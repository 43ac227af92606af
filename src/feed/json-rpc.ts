/** JSON-RPC 2.0 over a socket: requests with their answers, notifications, and everything else counted as malformed. */
import { FeedError } from './feed-error.js';

export interface Notification {
  method: string;
  params: Readonly<Record<string, unknown>>;
}

export interface Answer {
  result: unknown;
  /** Milliseconds at the server when it answered, where it says so (`usOut`, in microseconds). */
  at?: number | undefined;
}

export interface JsonRpc {
  /** Rejects with FeedError on the server's error, after `answerSeconds` without an answer, and when the connection closes. */
  request(method: string, params: object): Promise<Answer>;
  /** A request whose answer nobody waits for. */
  tell(method: string, params: object): void;
  /** Reads a message; false where it is none. */
  receive(text: string): boolean;
  /** Fails what waits. */
  close(reason: string): void;
}

interface Waiting {
  method: string;
  resolve: (answer: Answer) => void;
  reject: (error: FeedError) => void;
  timer: NodeJS.Timeout;
}

export function jsonRpc(
  send: (text: string) => void,
  notify: (notification: Notification) => void,
  answerSeconds: number,
): JsonRpc {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  const sendRequest = (method: string, params: object): number => {
    const id = ++lastId;
    send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return id;
  };
  const settle = (id: number): Waiting | undefined => {
    const request = waiting.get(id);
    if (request === undefined) return undefined;
    waiting.delete(id);
    clearTimeout(request.timer);
    return request;
  };
  return {
    request: (method, params) =>
      new Promise((resolve, reject) => {
        const id = sendRequest(method, params);
        const timer = setTimeout(() => {
          settle(id)?.reject(new FeedError(`${method}: no answer in ${answerSeconds} seconds`));
        }, 1000 * answerSeconds);
        waiting.set(id, { method, resolve, reject, timer });
      }),
    tell: sendRequest,
    receive(text) {
      const message = readMessage(text);
      if (message === undefined) return false;
      const { id, method, params, result, error, usOut } = message;
      if (typeof id === 'number') {
        const request = settle(id);
        if (isRecord(error)) {
          const { code, message: reason } = error;
          request?.reject(
            new FeedError(`${request.method}: ${typeof reason === 'string' ? reason : 'error'} (code ${String(code)})`),
          );
        } else request?.resolve({ result, at: typeof usOut === 'number' ? Math.floor(usOut / 1000) : undefined });
        return true;
      }
      if (typeof method !== 'string') return false;
      notify({ method, params: isRecord(params) ? params : {} });
      return true;
    },
    close(reason) {
      for (const id of [...waiting.keys()]) {
        const request = settle(id);
        request?.reject(new FeedError(`${request.method}: the connection was closed: ${reason}`));
      }
    },
  };
}

function readMessage(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
