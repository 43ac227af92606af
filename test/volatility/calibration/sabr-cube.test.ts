import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { calibrateSabrCube } from '../../../src/volatility/calibration/sabr-cube.js';
import type { SabrCubeOptions, SwaptionQuotes } from '../../../src/volatility/calibration/sabr-cube.js';
import { sabr } from '../../../src/volatility/smile/sabr.js';
import type { SabrForm } from '../../../src/volatility/smile/sabr.js';
import { openSabrCube } from '../../../src/volatility/surface/sabr-cube.js';
import type { SabrCubeData } from '../../../src/volatility/surface/sabr-cube.js';
import { hasSwaptions, quotesOf2016, quotesOf2025 } from './swaption-markets.js';

const expiries = [0.25, 1, 5, 10];
const tenors = [2, 10];
const offsets = [-0.02, -0.01, -0.005, 0, 0.005, 0.01, 0.02];
const shift = 0.03;

/** Smiles that change linearly over the grid. */
const truthAt = (e: number, t: number) => ({
  forward: 0.01 + 0.0005 * e + 0.0002 * t,
  alpha: 0.035 - 0.001 * e,
  beta: 0.5,
  rho: -0.2 - 0.01 * t,
  nu: 0.5 - 0.03 * e,
  timeToExpiry: e,
  shift,
});

function nodesOf(form: SabrForm = 'normal'): SwaptionQuotes[] {
  return expiries.flatMap((expiryYears) =>
    tenors.map((tenorYears) => {
      const p = truthAt(expiryYears, tenorYears);
      const volatilities = offsets.map((offset) => sabr.volatility({ ...p, strike: p.forward + offset }, { form }));
      return { expiryYears, tenorYears, forward: p.forward, strikeOffsets: offsets, volatilities };
    }),
  );
}

function cubeOf(nodes: SwaptionQuotes[], o?: SabrCubeOptions) {
  const fit = calibrateSabrCube(nodes, { shift, ...o });
  if (!fit.ok) throw new Error(fit.message);
  return fit;
}

describe.each(['normal', 'obloj', 'hagan'] as const)('%s', (form) => {
  test.each([true, false])('noiseless nodes give their smiles back, exactAtm %s', (exactAtm) => {
    const { data, failed, rejected } = cubeOf(nodesOf(form), { form, exactAtm });
    expect(failed).toEqual([]);
    expect(rejected).toEqual([]);
    expect(data.nodes).toHaveLength(8);
    for (const node of data.nodes) {
      const truth = truthAt(node.expiryYears, node.tenorYears);
      expect(node.alpha / truth.alpha).toBeCloseTo(1, 7);
      expect(node.rho).toBeCloseTo(truth.rho, 7);
      expect(node.nu).toBeCloseTo(truth.nu, 7);
      expect(node.source).toBe('fitted');
    }
  });

  test('the cube at a node is the node, and its data survive JSON', () => {
    const { data } = cubeOf(nodesOf(form), { form });
    const cube = openSabrCube(JSON.parse(JSON.stringify(data)) as SabrCubeData);
    for (const { expiryYears, tenorYears, forward, strikeOffsets, volatilities } of nodesOf(form)) {
      strikeOffsets!.forEach((offset, i) => {
        expect(cube.volatility(expiryYears, tenorYears, forward + offset) / volatilities[i]!).toBeCloseTo(1, 8);
      });
    }
  });
});

test('between nodes forward, at-the-money volatility, rho and nu are bilinear, and the money is exact', () => {
  const { data } = cubeOf(nodesOf());
  const cube = openSabrCube(data);
  const node = (e: number, t: number) => data.nodes.find((n) => n.expiryYears === e && n.tenorYears === t)!;
  fc.assert(
    fc.property(fc.double({ min: 1, max: 5, noNaN: true }), fc.double({ min: 2, max: 10, noNaN: true }), (e, t) => {
      const [x, y] = [(e - 1) / 4, (t - 2) / 8];
      const mix = (field: 'forward' | 'atmVolatility' | 'rho' | 'nu'): number =>
        (1 - x) * (1 - y) * node(1, 2)[field] +
        x * (1 - y) * node(5, 2)[field] +
        (1 - x) * y * node(1, 10)[field] +
        x * y * node(5, 10)[field];
      const p = cube.parameters(e, t);
      expect(p.rho).toBeCloseTo(mix('rho'), 13);
      expect(p.nu).toBeCloseTo(mix('nu'), 13);
      expect(cube.forward(e, t)).toBeCloseTo(mix('forward'), 14);
      expect(Math.abs(cube.volatility(e, t, p.forward) / mix('atmVolatility') - 1)).toBeLessThan(1e-13);
      // Around another forward the smile moves, the volatility at it does not.
      expect(Math.abs(cube.volatility(e, t, 0.02, 0.02) / mix('atmVolatility') - 1)).toBeLessThan(1e-13);
    }),
  );
});

test('strikes, offsets and the order of nodes and quotes are all one', () => {
  const nodes = nodesOf();
  const other = [...nodes].reverse().map(({ strikeOffsets, volatilities, forward, ...pair }) => ({
    ...pair,
    forward,
    strikes: strikeOffsets!.map((offset) => forward + offset).reverse(),
    volatilities: [...volatilities].reverse(),
  }));
  expect(cubeOf(other).data).toEqual(cubeOf(nodes).data);
});

test('outside the grid there is nothing unless the edge is asked for', () => {
  const { data } = cubeOf(nodesOf());
  const cube = openSabrCube(data);
  expect(() => cube.volatility(0.1, 5, 0.02)).toThrow('expiryYears');
  expect(() => cube.volatility(1, 11, 0.02)).toThrow('tenorYears');
  const flat = openSabrCube(data, { extrapolation: 'flat' });
  expect(flat.parameters(20, 30)).toMatchObject({ rho: cube.parameters(10, 10).rho, nu: cube.parameters(10, 10).nu });
  const p = flat.parameters(20, 30);
  expect(flat.volatility(20, 30, p.forward)).toBeCloseTo(cube.volatility(10, 10, cube.forward(10, 10)), 13);
});

describe('nodes without a smile', () => {
  const withQuotes = (change: (node: SwaptionQuotes) => number[]): SwaptionQuotes[] =>
    nodesOf().map((node) => ({ ...node, volatilities: change(node) }));

  test('keep their at-the-money volatility and take rho and nu along the expiries', () => {
    const nodes = withQuotes(({ expiryYears, volatilities }) =>
      expiryYears === 1 ? volatilities.map((v, i) => (i === 3 ? v : NaN)) : volatilities,
    );
    const { data, failed, fits, rejected } = cubeOf(nodes);
    expect(failed.map(({ expiryYears, tenorYears, reason }) => [expiryYears, tenorYears, reason])).toEqual([
      [1, 2, 'too-few-quotes'],
      [1, 10, 'too-few-quotes'],
    ]);
    expect(fits).toHaveLength(6);
    expect(rejected).toHaveLength(12);
    expect(rejected[0]).toMatchObject({ index: 2, reason: 'no-volatility' });
    const cube = openSabrCube(data);
    for (const tenorYears of tenors) {
      const node = data.nodes.find((n) => n.expiryYears === 1 && n.tenorYears === tenorYears)!;
      const truth = truthAt(1, tenorYears);
      expect(node.source).toBe('smile-filled');
      // The truth is linear along the expiries.
      expect(node.rho).toBeCloseTo(truth.rho, 7);
      expect(node.nu).toBeCloseTo(truth.nu, 7);
      const own = sabr.volatility({ ...truth, strike: truth.forward }, { form: 'normal' });
      expect(Math.abs(cube.volatility(1, tenorYears, truth.forward) / own - 1)).toBeLessThan(1e-13);
    }
  });

  test('take everything from the others where they have no quote, along the tenors where their tenor has none', () => {
    const { data } = cubeOf(
      withQuotes(({ tenorYears, volatilities }) => (tenorYears === 2 ? volatilities.map(() => NaN) : volatilities)),
    );
    for (const node of data.nodes.filter((n) => n.tenorYears === 2)) {
      const from = data.nodes.find((n) => n.expiryYears === node.expiryYears && n.tenorYears === 10)!;
      expect(node).toMatchObject({ source: 'filled', rho: from.rho, nu: from.nu, atmVolatility: from.atmVolatility });
      const money = sabr.volatility(
        { ...node, timeToExpiry: node.expiryYears, beta: data.beta, shift: data.shift, strike: node.forward },
        { form: 'normal' },
      );
      expect(money / node.atmVolatility).toBeCloseTo(1, 13);
    }
  });

  test('none at all is a failure', () => {
    const fit = calibrateSabrCube(
      withQuotes(({ volatilities }) => volatilities.map(() => NaN)),
      { shift },
    );
    expect(fit).toMatchObject({ ok: false, reason: 'too-few-quotes' });
    expect(fit.rejected).toHaveLength(56);
  });

  test('a strike that the shift does not reach is listed', () => {
    const { rejected, data } = cubeOf(nodesOf(), { shift: 0.005 });
    expect(data.shift).toBe(0.005);
    expect(rejected.length).toBeGreaterThan(0);
    for (const { reason, value, limit } of rejected) {
      expect(reason).toBe('strike-below-shift');
      expect(limit).toBe(-0.005);
      expect(value).toBeLessThanOrEqual(limit);
    }
  });
});

describe('mistakes are refused by name', () => {
  const nodes = nodesOf();
  const change = (part: Partial<SwaptionQuotes>): SwaptionQuotes[] => [{ ...nodes[0]!, ...part }, ...nodes.slice(1)];
  test.each([
    ['nodes', [] as SwaptionQuotes[], {}],
    ['nodes', nodes.slice(1), {}],
    ['nodes', [...nodes, nodes[0]!], {}],
    ['nodes[0].expiryYears', change({ expiryYears: 0 }), {}],
    ['nodes[0].tenorYears', change({ tenorYears: NaN }), {}],
    ['nodes[0].forward', change({ forward: -0.04 }), {}],
    ['nodes[0].strikes', change({ strikeOffsets: undefined }), {}],
    ['nodes[0].strikes', change({ strikes: offsets }), {}],
    ['nodes[0].strikeOffsets', change({ strikeOffsets: [0] }), {}],
    ['nodes[0].volatilities[1]', change({ volatilities: offsets.map((_, i) => (i === 1 ? -1 : 0.01)) }), {}],
    ['nodes[0].standardDeviations[0]', change({ standardDeviations: offsets.map(() => 0) }), {}],
    ['form', nodes, { form: 'zabr' as SabrForm }],
    ['beta', nodes, { beta: 2 }],
    ['shift', nodes, { shift: NaN }],
    ['engine', nodes, { engine: 'ml' }],
    ['loss', nodes, { loss: 'l1' as 'l2' }],
  ] as [string, SwaptionQuotes[], SabrCubeOptions][])('%s', (field, given, o) => {
    const call = (): unknown => calibrateSabrCube(given, { shift, ...o });
    expect(call).toThrow(InputError);
    expect(call).toThrow(field);
  });

  const { data } = cubeOf(nodes);
  const node = data.nodes[0]!;
  test.each([
    ['schema', { ...data, schema: 2 as 1 }],
    ['form', { ...data, form: 'x' as SabrForm }],
    ['nodes', { ...data, nodes: data.nodes.slice(1) }],
    ['nodes[0].rho', { ...data, nodes: [{ ...node, rho: 2 }, ...data.nodes.slice(1)] }],
    ['nodes[0].atmVolatility', { ...data, nodes: [{ ...node, atmVolatility: 0 }, ...data.nodes.slice(1)] }],
    ['forward', { ...data, nodes: [{ ...node, forward: -0.1 }, ...data.nodes.slice(1)] }],
  ])('data: %s', (field, given) => {
    expect(() => openSabrCube(given)).toThrow(InputError);
    expect(() => openSabrCube(given)).toThrow(field);
  });

  test('a strike below the shift, a point that is no number', () => {
    const cube = openSabrCube(data);
    expect(() => cube.volatility(1, 2, -0.03)).toThrow(InputError);
    expect(() => cube.volatility(NaN, 2, 0.01)).toThrow(InputError);
    expect(() => cube.volatility(1, 2, 0.01, -0.05)).toThrow('forward');
    expect(() => openSabrCube(data, { extrapolation: 'linear' as 'flat' })).toThrow('extrapolation');
  });
});

test('the ml engine ends at the same cube where the money is free', () => {
  const nodes = nodesOf().map((node, n) => ({
    ...node,
    volatilities: node.volatilities.map((v, i) => v + 1e-4 * Math.sin(5 * i + n)),
  }));
  const [ours, ml] = [cubeOf(nodes, { exactAtm: false }), cubeOf(nodes, { exactAtm: false, engine: 'ml' })];
  ours.fits.forEach(({ fit }, i) => {
    const other = ml.fits[i]!.fit;
    expect(Math.abs(other.diagnostics.rmseBp / fit.diagnostics.rmseBp - 1)).toBeLessThan(1e-5);
  });
});

describe.skipIf(!hasSwaptions)('real markets (skipped without the data)', () => {
  // The file has no forwards; rates were near zero.
  test.each([-0.0015, 0, 0.003])('29 February 2016 around a forward of %d: each node within 2.7 bp', (forward) => {
    for (const exactAtm of [true, false]) {
      const { data, fits, failed } = cubeOf(quotesOf2016('full', forward), { exactAtm });
      expect(failed).toEqual([]);
      expect(fits).toHaveLength(18);
      for (const { fit } of fits) {
        expect(fit.diagnostics.rmseBp).toBeLessThan(2.7);
        expect(fit.diagnostics.maxErrorBp).toBeLessThan(5);
        expect(fit.diagnostics.atBound).toEqual([]);
      }
      if (!exactAtm) continue;
      const cube = openSabrCube(data);
      for (const { expiryYears, tenorYears, volatilities } of quotesOf2016('full', forward)) {
        expect(Math.abs(cube.volatility(expiryYears, tenorYears, forward) / volatilities[4]! - 1)).toBeLessThan(1e-13);
      }
    }
  });

  test('29 February 2016, sparse: every missing quote is listed, the rest fits as well', () => {
    const { fits, failed, rejected } = cubeOf(quotesOf2016('sparse', 0));
    expect(failed).toEqual([]);
    expect(rejected).toHaveLength(20);
    for (const { fit } of fits) expect(fit.diagnostics.rmseBp).toBeLessThan(2.7);
  });

  test('10 February 2025: 105 smiles within 4.2 bp, 280 at-the-money volatilities exact', () => {
    const nodes = quotesOf2025();
    const { data, fits, failed, rejected } = cubeOf(nodes);
    expect(fits).toHaveLength(105);
    expect(failed).toHaveLength(175);
    expect(new Set(rejected.map(({ reason }) => reason))).toEqual(new Set(['strike-below-shift']));
    const errors = fits.map(({ fit }) => fit.diagnostics.rmseBp).sort((a, b) => a - b);
    expect(errors[52]).toBeLessThan(2.2);
    expect(errors[104]).toBeLessThan(4.2);
    for (const { fit } of fits) expect(fit.diagnostics.atBound).toEqual([]);
    const cube = openSabrCube(data);
    for (const { expiryYears, tenorYears, forward, strikeOffsets, volatilities } of nodes) {
      const money = volatilities[strikeOffsets!.indexOf(0)]!;
      expect(Math.abs(cube.volatility(expiryYears, tenorYears, forward) / money - 1)).toBeLessThan(1e-12);
    }
    // Every expiry, tenor and strike inside the grid has a volatility.
    for (let e = 0.1; e < 30; e *= 1.3) {
      for (let t = 1; t <= 30; t += 2.9) {
        for (const offset of [-0.02, 0, 0.03]) {
          const volatility = cube.volatility(e, t, cube.forward(e, t) + offset);
          expect(volatility).toBeGreaterThan(0.002);
          expect(volatility).toBeLessThan(0.03);
        }
      }
    }
  });
});
