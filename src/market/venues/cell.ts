/** What one cell of a feed says: a number, a call or a put, or nothing. */
import type { OptionType } from '../../pricing/option.js';

const BLANKS: readonly string[] = ['', 'nan', 'none', 'null', 'n/a', 'na'];
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const GROUPED = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/;

/** A number, plain or with thousands separators; NaN where the text is anything else. */
export function parseNumber(text: string): number {
  if (NUMBER.test(text)) return Number(text);
  return GROUPED.test(text) ? Number(text.replaceAll(',', '')) : NaN;
}

/**
 * True for an empty cell, for nan, none, null and n/a in any case, and for the markers given. A marker that is a number covers
 * every way to write it: '0' also means '0.0' and '0.000000'.
 */
export function isMissing(text: string, markers: readonly string[]): boolean {
  if (BLANKS.includes(text.toLowerCase()) || markers.includes(text)) return true;
  return markers.some((marker) => NUMBER.test(marker) && Number(marker) === parseNumber(text));
}

/** 'C', 'CALL', 'P', 'PUT' in any case; undefined for other text. */
export function parseOptionType(text: string): OptionType | undefined {
  const word = text.toLowerCase();
  if (word === 'c' || word === 'call') return 'call';
  return word === 'p' || word === 'put' ? 'put' : undefined;
}
