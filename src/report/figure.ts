/** Numbers as a person reads them: thousands apart, a few decimals, nothing hidden that is not finite. */

/** With `decimals` digits after the point, and commas between thousands; 'infinite' and 'no number' for what is neither. */
export function figure(value: number, decimals = 2): string {
  if (Number.isNaN(value)) return 'no number';
  if (!Number.isFinite(value)) return value > 0 ? 'infinite' : '-infinite';
  const [whole = '', fraction] = Math.abs(value).toFixed(decimals).split('.');
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `-${text}` : text;
}

/** An amount of money: no decimals from 1000 on, two below, and for coins, whose units are large, six. */
export function amount(value: number, isCoin = false): string {
  return figure(value, isCoin ? 6 : Math.abs(value) < 1000 ? 2 : 0);
}

/** A share as a percentage with one decimal. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${figure(100 * share, 1)}%` : figure(share);
}
