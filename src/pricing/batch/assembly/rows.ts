/**
 * What every loop does with rows beside arithmetic. Loops go by four rows, two to a vector; the loops themselves are translated
 * from the formulas by scripts/kernel. AssemblyScript.
 */

/** Left in the status of rows for the scalar models: PENDING in status.ts. */
const PENDING: u32 = 255;

/**
 * Scratch of a thread for a block of questions, SCRATCH_BYTES in columns.ts from an address of its own: two numbers and an answer of
 * each row, lists of the rows of each kind, as addresses of their first numbers, and the lengths of those. A list has room to be
 * filled up to whole vectors.
 */
export const BLOCK: usize = 512;
export const SECOND: usize = 8 * BLOCK;
export const ANSWER: usize = 16 * BLOCK;
const LISTS: usize = 24 * BLOCK;
const LIST_BYTES: usize = 4 * (BLOCK + 16);
const LENGTHS: usize = LISTS + 4 * LIST_BYTES;
/** Where results go that nobody wants: a branch for each store costs V8 more than the store. */
const SINK: usize = LENGTHS + 16;

/** All ones where a Greek is wanted: what its row offset is masked with. */
@inline
export function maskOf(wanted: i32, place: i32): usize {
  return (wanted >>> place) & 1 ? ~(<usize>0) : 0;
}

/** The column where it is wanted. */
@inline
export function targetOf(column: usize, mask: usize, scratch: usize): usize {
  return mask == 0 ? scratch + SINK : column;
}

/** -1 in the lanes of puts, 0 in those of calls: rows 2 copy and 2 copy + 1 of four. */
@inline
function putMask(isCall: usize, copy: i32): v128 {
  const puts = i8x16.eq(v128.load32_zero(isCall), i64x2.splat(0));
  const wide = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(puts));
  return copy == 0 ? i64x2.extend_low_i32x4_s(wide) : i64x2.extend_high_i32x4_s(wide);
}

/** 1 for a call and -1 for a put. */
@inline
export function loadOmega(isCall: usize, copy: i32): v128 {
  return v128.or(i64x2.shl(putMask(isCall, copy), 63), f64x2.splat(1));
}

/** Writes the status of four rows: 0 where the mask is set. */
@inline
export function storeStatus(status: usize, copy: i32, mask: v128): void {
  const bits: u32 = ~i64x2.bitmask(mask) & 3;
  store<u16>(status + 2 * copy, <u16>(((bits | (bits << 7)) & 0x0101) * PENDING));
}

@inline
export function clearLists(scratch: usize): void {
  v128.store(scratch, i64x2.splat(0), LENGTHS);
}

@inline
function append(scratch: usize, kind: i32, address: usize): void {
  const length = scratch + ((<usize>kind) << 2);
  const count = load<u32>(length, LENGTHS);
  store<u32>(listOf(scratch, kind) + ((<usize>count) << 2), <u32>address);
  store<u32>(length, count + 1, LENGTHS);
}

/** Enters two rows, their first numbers at `address` and after it, into the lists of their kinds. */
@inline
export function appendRows(scratch: usize, kinds: v128, address: usize): void {
  const whole = i32x4.trunc_sat_f64x2_s_zero(kinds);
  append(scratch, i32x4.extract_lane(whole, 0), address);
  append(scratch, i32x4.extract_lane(whole, 1), address + 8);
}

@inline
export function listOf(scratch: usize, kind: i32): usize {
  return scratch + LISTS + (<usize>kind) * LIST_BYTES;
}

/** The length of a list; filled up with its first row to a multiple of `step`, and then that many are there. */
@inline
export function filledLength(scratch: usize, kind: i32, step: u32): u32 {
  const count = load<u32>(scratch + ((<usize>kind) << 2), LENGTHS);
  if (count == 0) return 0;
  const list = listOf(scratch, kind);
  const first = load<u32>(list);
  const end = (count + step - 1) & ~(step - 1);
  for (let i = count; i < end; i++) store<u32>(list + ((<usize>i) << 2), first);
  return end;
}

/** The first numbers of two rows of a list. */
@inline
export function gatherFirst(list: usize): v128 {
  return v128.load64_lane(load<u32>(list, 4), v128.load64_zero(load<u32>(list)), 1);
}

@inline
export function gatherSecond(list: usize): v128 {
  return v128.load64_lane(load<u32>(list, 4), v128.load64_zero(load<u32>(list), SECOND), 1, SECOND);
}

@inline
export function scatterAnswer(list: usize, values: v128): void {
  v128.store64_lane(load<u32>(list), values, 0, ANSWER);
  v128.store64_lane(load<u32>(list, 4), values, 1, ANSWER);
}
