/** Where photos go when they are moved inside an album: arithmetic over ordinals, no page. */

import type { Range } from '../select/selection';

export interface Move {
  /** Stands before what is moved afterwards: an ordinal of before the move; null for the end. */
  before: number | null;
  /** Where the first of them stands afterwards. */
  first: number;
}

/**
 * Moves the photos of some ranges to the gap `at` (0 is before the first photo, `count` after the last). Null if
 * all stays as it is.
 */
export function planMove(ranges: readonly Range[], at: number, count: number): Move | null {
  const isMoved = (ordinal: number) =>
    ranges.some(([start, end]) => start <= ordinal && ordinal < end);
  const moved = ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  if (moved === 0 || moved === count) return null;
  let before = Math.max(0, Math.min(count, at));
  while (before < count && isMoved(before)) before++;
  const movedBelow = ranges.reduce(
    (sum, [start, end]) => sum + Math.max(0, Math.min(end, before) - start),
    0,
  );
  const first = before - movedBelow;
  const isInPlace = ranges.length === 1 && ranges[0]![0] === first;
  return isInPlace ? null : { before: before === count ? null : before, first };
}

/** The gap that is one photo earlier (-1) or later (1) than the ranges. */
export function stepGap(ranges: readonly Range[], step: 1 | -1): number {
  return step < 0 ? (ranges[0]?.[0] ?? 0) - 1 : (ranges.at(-1)?.[1] ?? 0) + 1;
}
