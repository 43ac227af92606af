import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { densityFactor } from '../../../src/volatility/arbitrage/slice-density.js';
import {
  fromVertex,
  toVertex,
  vertexAt,
  vertexDensity,
  vertexDensityGradient,
  vertexDensitySlope,
  vertexSlope,
  vertexVariance,
  vertexVarianceGradient,
} from '../../../src/volatility/calibration/svi-vertex.js';
import type { Vertex } from '../../../src/volatility/calibration/svi-vertex.js';
import { sviDerivatives } from '../../../src/volatility/smile/svi.js';

const y = fc
  .tuple(
    fc.double({ min: -6, max: 0, noNaN: true }),
    fc.double({ min: 0.1, max: 1.3, noNaN: true }),
    fc.double({ min: 0.1, max: 1.3, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: -3, max: 1, noNaN: true }),
  )
  .map((values) => Float64Array.from(values));
const k = fc.double({ min: -2, max: 2, noNaN: true });

describe('the variables of an SVI slice whose domain is a box', () => {
  it('go to raw SVI and back', () => {
    fc.assert(
      fc.property(y, (given) => {
        const back = new Float64Array(5);
        toVertex(fromVertex(given, 0), back, 0);
        given.forEach((value, j) => {
          expect(Math.abs(back[j]! - value)).toBeLessThan(1e-9);
        });
      }),
    );
  });

  it('give w, its slope and g as raw SVI does; G is g where h > 0 and below it elsewhere', () => {
    fc.assert(
      fc.property(y, k, (given, x) => {
        const vertex = vertexAt(given, 0);
        const { w, dw, d2w } = sviDerivatives(fromVertex(given, 0), x);
        const g = densityFactor(x, w, dw, d2w);
        const h = 1 - (x * dw) / (2 * w);
        const size = 1 + h * h + Math.abs(g) + (dw * dw) / w;
        expect(Math.abs(vertexVariance(vertex, x) - w)).toBeLessThan(1e-11 * (1 + w));
        expect(Math.abs(vertexSlope(vertex, x) - dw)).toBeLessThan(1e-12);
        expect(Math.abs(vertexDensity(vertex, x) - (h > 0 ? g : g - 2 * h * h))).toBeLessThan(1e-8 * size);
      }),
    );
  });

  it('have the gradients that differences give', () => {
    const pairs: [(v: Vertex, x: number) => number, (v: Vertex, x: number, g: Float64Array) => number][] = [
      [vertexVariance, vertexVarianceGradient],
      [vertexDensity, vertexDensityGradient],
    ];
    fc.assert(
      fc.property(y, k, (given, x) => {
        for (const [value, withGradient] of pairs) {
          const gradient = new Float64Array(5);
          const here = withGradient(vertexAt(given, 0), x, gradient);
          expect(here).toBeCloseTo(value(vertexAt(given, 0), x), 10);
          const size = 1 + Math.abs(here) + gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
          for (let j = 0; j < 5; j++) {
            const step = 1e-5;
            const at = (shift: number) =>
              value(
                vertexAt(
                  given.map((v, i) => (i === j ? v + shift : v)),
                  0,
                ),
                x,
              );
            const slope = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
            expect(Math.abs(slope - gradient[j]!)).toBeLessThan(1e-5 * size);
          }
        }
        const vertex = vertexAt(given, 0);
        const along = (shift: number) => vertexDensity(vertex, x + shift);
        const step = 1e-5;
        const slope = (8 * (along(step) - along(-step)) - (along(2 * step) - along(-2 * step))) / (12 * step);
        const exact = vertexDensitySlope(vertex, x);
        expect(Math.abs(slope - exact)).toBeLessThan(1e-4 * (1 + Math.abs(exact) + Math.abs(along(0))));
      }),
    );
  });
});
