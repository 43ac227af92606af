/**
 * Forward and discount factor between the expiries of a surface: log-linear in time, from 1 (and from spot, where it is known)
 * at time 0; the last interval's rate is kept beyond the last expiry.
 */
import { exp } from '../../math/exponential.js';
import { log } from '../../math/logarithm.js';

export interface TermNode {
  timeToExpiry: number;
  forward: number;
  discountFactor: number;
}

/** The discount factor for timeToExpiry years; `nodes` in order of time. */
export function discountFactorAt(nodes: readonly TermNode[], timeToExpiry: number): number {
  const logs = nodes.map((node) => log(node.discountFactor));
  return exp(interpolateLog(nodes, logs, 0, timeToExpiry));
}

/** The forward for timeToExpiry years; without a spot the first expiry's forward is kept before it. */
export function forwardAt(nodes: readonly TermNode[], spot: number | undefined, timeToExpiry: number): number {
  const node = nodes.find((other) => other.timeToExpiry === timeToExpiry);
  if (node !== undefined) return node.forward;
  const logs = nodes.map((other) => log(other.forward));
  return exp(interpolateLog(nodes, logs, spot === undefined ? logs[0]! : log(spot), timeToExpiry));
}

function interpolateLog(
  nodes: readonly TermNode[],
  logs: readonly number[],
  logAtZero: number,
  timeToExpiry: number,
): number {
  const last = nodes.length - 1;
  let later = nodes.findIndex((node) => node.timeToExpiry >= timeToExpiry);
  if (later < 0) later = last;
  const from = later === 0 ? 0 : nodes[later - 1]!.timeToExpiry;
  const logFrom = later === 0 ? logAtZero : logs[later - 1]!;
  const slope = (logs[later]! - logFrom) / (nodes[later]!.timeToExpiry - from);
  return logFrom + slope * (timeToExpiry - from);
}
