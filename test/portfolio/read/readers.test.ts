import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import type { Account } from '../../../src/portfolio/account.js';
import { coinDelta } from '../../../src/portfolio/coin-delta.js';
import { readAccount, readPositionsJson } from '../../../src/portfolio/read/account-json.js';
import { readPositionsCsv } from '../../../src/portfolio/read/csv-positions.js';
import { readDeribitPositions } from '../../../src/portfolio/read/deribit-positions.js';
import { readPositions } from '../../../src/portfolio/read/positions.js';
import { requireAccount } from '../../../src/portfolio/validate.js';
import { coinMarket, future, option, position, randomBook, smileMarket, spot } from '../support.js';

const call = { instrument_name: 'BTC-27MAR26-100000-C', kind: 'option', direction: 'buy', size: 2.5 };
const row = (o: Record<string, unknown> = {}) => ({ ...call, average_price: 0.043, index_price: 96_000, ...o });

describe("Deribit's positions", () => {
  it('are coins of options and linear futures, dollars of inverse futures', () => {
    const { positions, rejected, indexPrices } = readDeribitPositions({
      jsonrpc: '2.0',
      result: [
        row(),
        row({ instrument_name: 'BTC-27MAR26-80000-P', direction: 'sell', size: -4 }),
        row({ instrument_name: 'ETH-PERPETUAL', kind: 'future', direction: 'sell', size: 5000, average_price: 3100 }),
        row({
          instrument_name: 'SOL_USDC-PERPETUAL',
          kind: 'future',
          size: 20_000,
          size_currency: 130,
          average_price: 150,
          index_price: 151,
        }),
      ],
    });
    expect(rejected).toEqual([]);
    expect(positions.map(({ id, quantity, entryPrice }) => [id, quantity, entryPrice])).toEqual([
      ['BTC-27MAR26-100000-C', 2.5, 0.043],
      ['BTC-27MAR26-80000-P', -4, 0.043],
      ['ETH-PERPETUAL', -5000, 3100],
      ['SOL_USDC-PERPETUAL', 130, 150],
    ]);
    expect(positions.map(({ instrument }) => instrument.multiplier)).toEqual([1, 1, 1, 1]);
    expect(indexPrices).toEqual({ BTC: 96_000, ETH: 96_000, SOL: 151 });
  });

  it('are short whether the size says so, the direction, or both', () => {
    const sizes = [
      ['buy', 3],
      ['sell', 3],
      ['sell', -3],
    ].map(([direction, size]) => readDeribitPositions([row({ direction, size })]).positions[0]!.quantity);
    expect(sizes).toEqual([3, -3, -3]);
  });

  it('have the coin delta the venue would show: an inverse perpetual of N dollars is N/P coins', () => {
    const market = coinMarket();
    const { positions } = readDeribitPositions([
      row({ instrument_name: 'BTC-PERPETUAL', kind: 'future', size: 30_000, average_price: 60_000 }),
    ]);
    const account: Account = { id: 'a', reportingCurrency: 'USD', cash: { BTC: 1 }, positions };
    expect(coinDelta(account, market)['BTC']!.coinDelta).toBeCloseTo(0.5, 12);
  });

  it.each([
    [{ instrument_name: 'BTC-27MAR26-x-C' }, 'unreadable-instrument', 'instrument_name'],
    [{ instrument_name: 'BTC-CS-27MAR26-90000_100000' }, 'not-supported', 'instrument_name'],
    [{ instrument_name: undefined }, 'missing-value', 'instrument_name'],
    [{ instrument_name: 7 }, 'unreadable-value', 'instrument_name'],
    [{ kind: 'future' }, 'contradiction', 'kind'],
    [{ kind: {} }, 'contradiction', 'kind'],
    [{ direction: 'hold' }, 'unreadable-value', 'direction'],
    [{ direction: undefined }, 'missing-value', 'direction'],
    [{ size: '2' }, 'unreadable-value', 'size'],
    [{ size: null }, 'missing-value', 'size'],
    [{ size: -2 }, 'contradiction', 'direction'],
    [{ direction: 'zero' }, 'contradiction', 'direction'],
    [{ direction: 'zero', size: 0 }, 'closed', 'size'],
    [{ average_price: undefined }, 'missing-value', 'average_price'],
    [{ average_price: -1 }, 'unreadable-value', 'average_price'],
    [{ instrument_name: 'BTC-PERPETUAL', kind: 'future', average_price: 0 }, 'unreadable-value', 'average_price'],
    [{ index_price: 0 }, 'unreadable-value', 'index_price'],
  ])('%j is left out: %s of %s', (change, reason, field) => {
    const text = JSON.stringify([row(), row(change)], null, 1);
    const { positions, rejected } = readDeribitPositions(text);
    expect(positions).toHaveLength(1);
    expect(rejected).toMatchObject([{ index: 1, reason, field }]);
    const lines = text.split('\n');
    // A field that is missing is reported where its row begins.
    expect(lines[rejected[0]!.line - 1]).toMatch(text.includes(`"${field}"`, text.indexOf('},')) ? `"${field}"` : '{');
  });

  it('that are no objects or there twice are left out', () => {
    const { positions, rejected } = readDeribitPositions([row(), 3, row()]);
    expect(positions).toHaveLength(1);
    expect(rejected.map(({ index, reason, line }) => [index, reason, line])).toEqual([
      [1, 'not-a-row', 0],
      [2, 'duplicate-id', 0],
    ]);
  });

  it('of an account without any are none', () => {
    expect(readDeribitPositions('{"result": []}')).toEqual({ positions: [], rejected: [], indexPrices: {} });
  });

  it.each([['{"result": 3}'], ['{"result": [{"a": 1}]}'], ['[{"result":'], ['{}']])('%s is an error', (text) => {
    expect(() => readDeribitPositions(text)).toThrow(InputError);
  });

  it('that are not JSON are an error with the line', () => {
    expect(() => readDeribitPositions('[{"size": 1},\n{"size" 2}]')).toThrow("line 2 has '2}]'");
  });
});

describe('an account as JSON', () => {
  const market = smileMarket();
  const account: Account = {
    id: 'main',
    reportingCurrency: 'USD',
    cash: { BTC: 2, USD: -1000 },
    borrowed: { USDC: 500 },
    accruedInterest: { USDC: 1 },
    accruedFunding: { BTC: -0.01 },
    collateral: { BTC: [{ upTo: 10, factor: 0.95 }] },
    positions: [
      { ...position(option(), 2, 0.05), accountId: 'main', tags: ['hedge'] },
      position(future(), -5000, 61_000),
      position(future({ kind: 'future', style: 'linear', expiry: Date.UTC(2026, 5, 26, 8) }), 2, 5),
      position(spot('BTC'), 1),
      position({
        id: 'BULL',
        kind: 'leveraged-token',
        underlying: 'BTC',
        settlement: 'USD',
        multiplier: 1,
        targetLeverage: 3,
        nav: 10,
        leverage: 3.1,
      }),
      position(option({ style: 'quanto', settlement: 'EUR', fixedFx: 1, fxVolatility: 0.1, correlation: 0.2 })),
    ],
  };

  it('comes back as it was written', () => {
    expect(readAccount(JSON.stringify(account))).toEqual({
      account: JSON.parse(JSON.stringify(account)) as Account,
      rejected: [],
    });
  });

  it('comes back as it was written, whatever it holds', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(20), (seed, count) => {
        const held = { ...account, positions: randomBook(seed, count, market) };
        const plain = JSON.parse(JSON.stringify(held)) as Account;
        expect(readAccount(JSON.stringify(held))).toEqual({ account: plain, rejected: [] });
      }),
      { numRuns: 50 },
    );
  });

  it('may say instants as text and instruments by their names', () => {
    const { expiry, ...terms } = option({ id: 'mine' });
    const { account: read, rejected } = readAccount({
      id: 'main',
      reportingCurrency: 'USD',
      cash: {},
      positions: [
        { id: '1', instrument: { ...terms, expiry: new Date(expiry).toISOString() }, quantity: 1 },
        { id: '2', instrument: 'BTC-27MAR26-100000-C', quantity: 1, entryPrice: null },
      ],
    });
    expect(rejected).toEqual([]);
    expect(read.positions[0]!.instrument).toEqual(option({ id: 'mine' }));
    expect(read.positions[1]).toMatchObject({ instrument: { strike: 100_000, style: 'inverse' } });
    expect(read.positions[1]).not.toHaveProperty('entryPrice');
  });

  it.each([
    [{ quantity: 'two' }, 'unreadable-value', 'quantity'],
    [{ quantity: undefined }, 'missing-value', 'quantity'],
    [{ id: '' }, 'unreadable-value', 'id'],
    [{ entryprice: 1 }, 'unknown-field', 'entryprice'],
    [{ entryPrice: -1 }, 'unreadable-value', 'entryPrice'],
    [{ tags: [1] }, 'unreadable-value', 'tags.0'],
    [{ accountId: 3 }, 'unreadable-value', 'accountId'],
    [{ instrument: undefined }, 'missing-value', 'instrument'],
    [{ instrument: 'BTC' }, 'unreadable-instrument', 'instrument'],
    [{ instrument: 'BTC-CS-27JUN25-1_2' }, 'not-supported', 'instrument'],
    [{ instrument: 'b' }, 'unreadable-instrument', 'instrument'],
    [{ instrument: option({ strike: -1 }) }, 'unreadable-value', 'instrument.strike'],
    [{ instrument: { ...option(), expiry: '2026-03-27' } }, 'unreadable-value', 'instrument.expiry'],
    [{ instrument: { ...option(), stirke: 3 } }, 'unknown-field', 'instrument.stirke'],
    [{ instrument: { ...future(), expiry: 1e12 } }, 'unreadable-value', 'instrument.expiry'],
    [{ instrument: future() }, 'missing-value', 'entryPrice'],
  ])('leaves out a position of %j: %s of %s', (change, reason, field) => {
    const broken = { ...position(option(), 1), ...change };
    const text = JSON.stringify({ ...account, positions: [position(option()), broken] }, null, 2);
    const { account: read, rejected } = readAccount(text);
    expect(read.positions).toHaveLength(1);
    expect(rejected).toMatchObject([{ index: 1, reason, field }]);
    expect(rejected[0]!.line).toBeGreaterThan(text.slice(0, text.indexOf('"quantity"')).split('\n').length);
    expect(rejected[0]!.message).not.toBe('');
  });

  it.each([
    [{ reportingCurrency: undefined }, 'reportingCurrency'],
    [{ cash: { BTC: 'all' } }, 'cash.BTC'],
    [{ cash: undefined }, 'cash'],
    [{ borrowed: { USDC: -1 } }, 'borrowed.USDC'],
    [{ collateral: { BTC: [{ upTo: 1, factor: 2 }] } }, 'collateral.BTC[0].factor'],
    [{ balance: {} }, 'balance'],
    [{ positions: {} }, 'positions'],
  ])('of %j is an error', (change, field) => {
    let thrown: unknown;
    try {
      readAccount({ ...account, ...change });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).field).toBe(field);
  });

  it('can be positions alone', () => {
    const rows = [position(option()), { ...position(option()), quantity: NaN }];
    expect(readPositionsJson(JSON.stringify(rows))).toMatchObject({
      positions: [{}],
      rejected: [{ field: 'quantity', line: 1 }],
    });
    expect(() => readPositionsJson({})).toThrow(InputError);
  });
});

describe('positions as CSV', () => {
  const head = 'instrument,quantity,entry price';

  it('are named by their venue, or by their parts', () => {
    const { positions, rejected } = readPositionsCsv(
      [
        '\uFEFFInstrument, Quantity ,Entry_Price,side,kind,underlying,style,type,strike,expiry,multiplier,settlement,exercise,tags,account',
        'BTC-27MAR26-100000-C,2,0.04,sell,,,,,,,,,,hedge; short vol,main',
        'SPXW260320P05000000,"1,000",12.5,,,,,,,,,,,,',
        'ESH26,-3,6000,,future,SPX,,,,2026-03-20T13:30:00Z,50,,,,',
        ',5,,long,,SPX,,c,6000,2026-03-20T20:00:00Z,100,,American,,',
        ',-5,,,,BTC,inverse,P,90000,2026-03-27T08:00:00Z,,,,,',
        ',7,,,spot,BTC,,,,,,BTC,,,',
        '',
        'BTC-27MAR26-100000-C,1,,,,,,,,,,,,,,,,',
      ].join('\n'),
    );
    expect(rejected).toEqual([]);
    expect(positions.map(({ id, quantity }) => [id, quantity])).toEqual([
      ['BTC-27MAR26-100000-C', -2],
      ['SPXW260320P05000000', 1000],
      ['ESH26', -3],
      ['SPX-2026-03-20T20:00Z-6000-call-linear-USD-american-x100', 5],
      ['BTC-2026-03-27T08:00Z-90000-put-inverse-BTC', -5],
      ['BTC-spot-BTC', 7],
      ['BTC-27MAR26-100000-C#2', 1],
    ]);
    expect(positions[0]).toMatchObject({ entryPrice: 0.04, accountId: 'main', tags: ['hedge', 'short vol'] });
    expect(positions[2]!.instrument).toEqual({
      id: 'ESH26',
      kind: 'future',
      underlying: 'SPX',
      settlement: 'USD',
      multiplier: 50,
      style: 'linear',
      expiry: Date.UTC(2026, 2, 20, 13, 30),
    });
    expect(positions[3]!.instrument).toMatchObject({
      kind: 'option',
      exercise: 'american',
      type: 'call',
      multiplier: 100,
    });
    expect(positions[4]!.instrument).toMatchObject({ settlement: 'BTC', style: 'inverse', multiplier: 1 });
    expect(() => {
      requireAccount({ id: 'a', reportingCurrency: 'USD', cash: {}, positions });
    }).not.toThrow();
  });

  it.each([
    ['BTC-27MAR26-100000-C,x,', 'unreadable-value', 'quantity'],
    ['BTC-27MAR26-100000-C,,', 'missing-value', 'quantity'],
    ['BTC-27MAR26-100000-C,0,', 'closed', 'quantity'],
    ['BTC-27MAR26-100000-C,1,-3', 'unreadable-value', 'entryPrice'],
    ['BTC-PERPETUAL,1,', 'missing-value', 'entryPrice'],
    ['nonsense,1,', 'unreadable-instrument', 'instrument'],
    [',1,', 'missing-value', 'underlying'],
    ['BTC-27MAR26-100000-C,1', 'not-a-row', ''],
    ['BTC-27MAR26-100000-C,1,2,3', 'not-a-row', ''],
  ])('%j is left out: %s of %s', (line, reason, field) => {
    const { positions, rejected } = readPositionsCsv(`${head}\n\nBTC-27MAR26-90000-C,1,\n${line}\n`);
    expect(positions).toHaveLength(1);
    expect(rejected).toMatchObject([{ index: 1, line: 4, reason, field }]);
  });

  it.each([
    ['side', '1,bid', 'unreadable-value'],
    ['side', '-1,buy', 'contradiction'],
    ['strike', '1,90000', 'contradiction'],
    ['expiry', '1,2026-03-28T08:00:00Z', 'contradiction'],
    ['expiry', '1,soon', 'unreadable-value'],
    ['type', '1,put', 'contradiction'],
    ['fixed fx', '1,2', 'contradiction'],
    ['id', '1,taken', 'duplicate-id'],
  ])('a %s of %j is refused', (column, cells, reason) => {
    const first = column === 'id' ? 'taken' : '';
    const text = `instrument,quantity,${column}\nBTC-27MAR26-80000-C,1,${first}\nBTC-27MAR26-100000-C,${cells}\n`;
    expect(readPositionsCsv(text).rejected).toMatchObject([{ index: 1, line: 3, reason }]);
  });

  it('repeats what a name says without harm, and has its own contract size', () => {
    const text =
      'instrument,quantity,strike,expiry,type,multiplier\nSOL_USDC-27MAR26-200-C,1,200,2026-03-27T08:00:00Z,C,10\n';
    expect(readPositionsCsv(text)).toMatchObject({ positions: [{ instrument: { multiplier: 10 } }], rejected: [] });
  });

  it.each([
    ['', 'csv'],
    ['instrument,price\nx,1\n', 'header'],
    ['instrument\nx\n', 'header'],
    ['quantity\n1\n', 'header'],
    ['instrument,quantity,Quantity\nx,1,1\n', 'header'],
    ['instrument,,quantity\nx,,1\n', 'header'],
    ['instrument,quantity\n"x,1\n', 'csv'],
  ])('%j is an error', (text, field) => {
    expect(() => readPositionsCsv(text)).toThrow(expect.objectContaining({ name: 'InputError', field }) as Error);
  });

  it('never throws anything but an InputError, whatever the cells', () => {
    const cell = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('1', '-2', 'BTC-PERPETUAL', 'BTC', 'option', 'C', '100'),
    );
    const names = ['instrument', 'quantity', 'kind', 'underlying', 'style', 'type', 'strike', 'expiry', 'entryPrice'];
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 9, maxLength: 9 }), { maxLength: 5 }), (rows) => {
        const lines = rows.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
        const { positions, rejected } = readPositionsCsv([names.join(','), ...lines].join('\n'));
        requireAccount({ id: 'a', reportingCurrency: 'USD', cash: {}, positions });
        for (const { line, message } of rejected) {
          expect(line).toBeGreaterThan(1);
          expect(message).not.toBe('');
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a file of positions', () => {
  it('is told by its content', () => {
    const account = { id: 'a', reportingCurrency: 'USD', cash: { BTC: 1 }, positions: [position(option())] };
    expect(readPositions(JSON.stringify(account))).toMatchObject({
      format: 'account',
      account: { cash: { BTC: 1 } },
      positions: [{}],
    });
    expect(readPositions(JSON.stringify(account.positions))).toMatchObject({ format: 'positions', positions: [{}] });
    expect(readPositions(JSON.stringify([row()]))).toMatchObject({ format: 'deribit', indexPrices: { BTC: 96_000 } });
    expect(readPositions(` {"result": [${JSON.stringify(row())}]}`)).toMatchObject({ format: 'deribit' });
    expect(readPositions('instrument,quantity\nBTC-27MAR26-100000-C,1')).toMatchObject({ format: 'csv' });
    expect(() => readPositions('{"id": "a"\n')).toThrow('line 2');
  });
});
