/** The worker: one answer a message. A mistake in a file or a setting is an answer too; anything else is an error of the page. */
import { InputError } from 'zomma';
import type { Message, Reply, Requests } from '../protocol.js';
import { openDesk } from './desk.js';

declare const self: {
  onmessage: ((event: { data: Message }) => void) | null;
  postMessage(reply: Reply): void;
};

const desk = openDesk();

self.onmessage = ({ data }) => {
  self.postMessage(replyTo(data));
};

function replyTo({ id, name, ask }: Message): Reply {
  try {
    return { id, ok: true, answer: (desk[name] as (ask: Message['ask']) => Requests[typeof name]['answer'])(ask) };
  } catch (error) {
    if (error instanceof InputError) return { id, ok: false, error: `${error.message}.` };
    throw error;
  }
}
