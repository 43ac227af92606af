/**
 * SPAN's scan risk: what a contract gains or loses in sixteen scenarios, from the exchange's risk arrays (price moves of thirds of the
 * scan range with volatility up and down, and two extreme moves counted at 35%), added up by scenario; the largest loss is required.
 * Gains are positive here and losses negative, like every profit in this library; the exchange's own files have the opposite sign.
 * CME, "Standard Portfolio Analysis of Risk".
 */
import { requireArray, requireFinite, requireNonNegative } from '../../check.js';
import { InputError } from '../../errors.js';

export interface SpanPosition {
  /** Contracts, long positive. */
  quantity: number;
  /** Profit of one long contract in the sixteen scenarios, negative for a loss. */
  riskArray: number[];
}

const SCENARIOS = 16;

export interface SpanCharges {
  scanRisk: number;
  /** Added: calendar spreads within the commodity, and delivery. 0 where missing. */
  intraCommodity?: number | undefined;
  delivery?: number | undefined;
  /** Taken off: spreads against other commodities. 0 where missing. */
  interCommodityCredit?: number | undefined;
  /** The least a book must post: contracts sold times the charge a contract. None where missing. */
  shortOptions?: { contracts: number; minimum: number } | undefined;
  /** Value of long less short options, which covers the requirement; 0 where missing. */
  netOptionValue?: number | undefined;
}

export interface SpanRequirement {
  /** max(scan + intra + delivery - inter, short option minimum) */
  risk: number;
  /** max(risk - net option value, 0) */
  requirement: number;
  /** Net option value beyond the risk. */
  excess: number;
}

/** The whole requirement of one commodity. Throws InputError where a number is not finite, or a charge below 0. */
export function spanRequirement(charges: SpanCharges): SpanRequirement {
  const scanRisk = requireNonNegative('scanRisk', charges.scanRisk);
  const intra = requireNonNegative('intraCommodity', charges.intraCommodity ?? 0);
  const delivery = requireNonNegative('delivery', charges.delivery ?? 0);
  const inter = requireNonNegative('interCommodityCredit', charges.interCommodityCredit ?? 0);
  const contracts = requireNonNegative('shortOptions.contracts', charges.shortOptions?.contracts ?? 0);
  const minimum = requireNonNegative('shortOptions.minimum', charges.shortOptions?.minimum ?? 0);
  const value = requireFinite('netOptionValue', charges.netOptionValue ?? 0);
  const risk = Math.max(scanRisk + intra + delivery - inter, contracts * minimum);
  return { risk, requirement: Math.max(risk - value, 0), excess: Math.max(value - risk, 0) };
}

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
