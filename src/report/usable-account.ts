/** An account without the positions that a figure left out. */
import type { Account } from '../portfolio/account.js';
import type { Excluded } from '../portfolio/missing.js';

export function withoutExcluded(account: Account, excluded: readonly Excluded[]): Account {
  if (excluded.length === 0) return account;
  const lost = new Set(excluded.map(({ positionId }) => positionId));
  return { ...account, positions: account.positions.filter(({ id }) => !lost.has(id)) };
}
