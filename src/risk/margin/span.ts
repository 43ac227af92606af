/**
 * SPAN's scan risk: what a contract gains or loses in sixteen scenarios, from the exchange's risk arrays (price moves of thirds of the
 * scan range with volatility up and down, and two extreme moves counted at 35%), added up by scenario; the largest loss is required.
 * Gains are positive here and losses negative, like every profit in this library; the exchange's own files have the opposite sign.
 * CME, "Standard Portfolio Analysis of Risk".
 */
import { requireArray, requireFinite } from '../../check.js';
import { InputError } from '../../errors.js';

export interface SpanPosition {
  /** Contracts, long positive. */
  quantity: number;
  /** Profit of one long contract in the sixteen scenarios, negative for a loss. */
  riskArray: number[];
}

const SCENARIOS = 16;

/** `scenario` counts from 1. Throws InputError where an array does not hold sixteen finite numbers. */
export function spanMargin({ positions }: { positions: SpanPosition[] }): {
  scanRisk: number;
  scenario: number;
  combined: number[];
} {
  requireArray('positions', positions);
  const combined = new Array<number>(SCENARIOS).fill(0);
  positions.forEach(({ quantity, riskArray }, i) => {
    requireFinite(`positions[${i}].quantity`, quantity);
    requireArray(`positions[${i}].riskArray`, riskArray);
    if (riskArray.length !== SCENARIOS) {
      throw new InputError(`positions[${i}].riskArray.length`, riskArray.length, String(SCENARIOS));
    }
    riskArray.forEach((profit, s) => {
      combined[s]! += quantity * requireFinite(`positions[${i}].riskArray[${s}]`, profit);
    });
  });
  const worst = Math.min(...combined);
  return { scanRisk: Math.max(-worst, 0), scenario: combined.indexOf(worst) + 1, combined };
}
