/** From files of positions, an account's file and balances on the command line to one account. */
import { basename } from 'node:path';
import { InputError } from '../errors.js';
import type { Account, Position } from '../portfolio/account.js';
import { readAccount } from '../portfolio/read/account-json.js';
import { readPositions } from '../portfolio/read/positions.js';
import type { PositionRejection } from '../portfolio/read/rejection.js';
import { requireAccount } from '../portfolio/validate.js';
import { positionRejections } from '../report/exposure-report.js';
import { CommandError } from './command-error.js';
import { explain, readText } from './files.js';
import type { BookArguments } from './grammar/exposure.js';
import type { Streams } from './streams.js';

export interface ReadBook {
  account: Account;
  rejected: PositionRejection[];
  indexPrices: Record<string, number>;
}

/**
 * The account. Rows that cannot be read are listed on stderr. Undefined where there are rows and none can be read, which stderr says.
 * Throws CommandError for files that cannot be read, and where two files are accounts.
 */
export function readBook(
  { files, account: accountFile, cash }: BookArguments,
  { stderr }: Streams,
): ReadBook | undefined {
  const positions: Position[] = [];
  const rejected: PositionRejection[] = [];
  const indexPrices: Record<string, number> = {};
  let holder: { file: string; account: Account } | undefined;
  const refuse = (file: string, rows: readonly PositionRejection[]): void => {
    if (rows.length > 0) stderr.write(`${positionRejections(basename(file), rows)}\n`);
    rejected.push(...rows);
  };
  const hold = (file: string, account: Account): void => {
    if (holder !== undefined) throw new CommandError(`${file}: a second account, after ${holder.file}`);
    holder = { file, account };
  };
  if (accountFile !== undefined) {
    const read = explain(accountFile, () => readAccount(readText(accountFile)));
    hold(accountFile, read.account);
    positions.push(...read.account.positions);
    refuse(accountFile, read.rejected);
  }
  for (const file of files) {
    const read = explain(file, () => readPositions(readText(file)));
    if (read.account !== undefined) hold(file, read.account);
    positions.push(...read.positions);
    for (const [name, price] of Object.entries(read.indexPrices ?? {})) indexPrices[name] ??= price;
    refuse(file, read.rejected);
  }
  if (positions.length === 0 && rejected.length > 0) {
    stderr.write('zomma: no position could be read\n');
    return undefined;
  }
  const base: Account = holder?.account ?? {
    id: files.map((file) => basename(file)).join(' + '),
    reportingCurrency: 'USD',
    cash: {},
    positions: [],
  };
  const account = { ...base, cash: added(base.cash, cash), positions };
  explain('the positions', () => {
    requireAccount(account);
  });
  return { account, rejected, indexPrices };
}

function added(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): Record<string, number> {
  const sum = { ...one };
  for (const [currency, amount] of Object.entries(other)) {
    if (currency === '') throw new InputError('--cash', currency, 'a currency');
    sum[currency] = (sum[currency] ?? 0) + amount;
  }
  return sum;
}
