/**
 * How venues scale volatility shocks by time to expiry: (30 / days)^power, the short power below 30 days and the long one from there,
 * days no fewer than a floor. At 30 days it is 1 by either power.
 */
export interface VolatilityTerm {
  shortPower: number;
  longPower: number;
}

export function termMultiplier(days: number, { shortPower, longPower }: VolatilityTerm, floorDays = 1): number {
  return (30 / Math.max(days, floorDays)) ** (days < 30 ? shortPower : longPower);
}
