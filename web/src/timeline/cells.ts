/** Small helpers of the drawing component that need no DOM. */

import { thumbHashToDataURL } from 'thumbhash';
import type { Layout } from './layout';
import { dayIndexOf, type Remap } from './shape';

/**
 * A key for each drawn asset that stays with it when it moves to another ordinal, so that the browser keeps
 * its picture instead of drawing all of them again. The id would do, were it known from the beginning.
 */
export class CellKeys {
  #keys = new Map<number, number>();
  #next = 1;

  of(ordinal: number): number {
    let key = this.#keys.get(ordinal);
    if (key === undefined) {
      key = this.#next++;
      this.#keys.set(ordinal, key);
    }
    return key;
  }

  apply(remap: Remap | null): void {
    const moved = new Map<number, number>();
    for (const [ordinal, key] of remap ? this.#keys : []) {
      const to = remap!.move(ordinal);
      if (to !== null) moved.set(to, key);
    }
    this.#keys = moved;
  }

  /** Forgets the keys of what is not drawn any more. */
  keep(isDrawn: (ordinal: number) => boolean): void {
    for (const ordinal of this.#keys.keys()) {
      if (!isDrawn(ordinal)) this.#keys.delete(ordinal);
    }
  }
}

const placeholders = new Map<string, string>();
const KEPT_PLACEHOLDERS = 2_000;

/** A thumbhash (base64) as a tiny picture; null if it cannot be read. */
export function placeholderUrl(thumbhash: string | null): string | null {
  if (thumbhash === null) return null;
  const known = placeholders.get(thumbhash);
  if (known !== undefined) return known;
  try {
    const bytes = Uint8Array.from(atob(thumbhash), (char) => char.charCodeAt(0));
    const url = thumbHashToDataURL(bytes);
    if (placeholders.size >= KEPT_PLACEHOLDERS) placeholders.clear();
    placeholders.set(thumbhash, url);
    return url;
  } catch {
    return null;
  }
}

export type Direction = 'before' | 'after' | 'above' | 'below';

/** The ordinal that an arrow key leads to; the same one at an edge. */
export function neighbour(layout: Layout, ordinal: number, direction: Direction): number {
  const last = layout.shape.count - 1;
  if (direction === 'before') return Math.max(0, ordinal - 1);
  if (direction === 'after') return Math.min(last, ordinal + 1);
  const row = layout.rowOf(ordinal) + (direction === 'above' ? -1 : 1);
  const cell = layout.cellOf(ordinal);
  if (!cell || row < 0 || row >= layout.rowCount) return ordinal;
  return layout.nearestInRow(row, cell.x + cell.width / 2);
}

export type Period = 'day' | 'month' | 'year';

const PERIOD_LENGTH: Record<Period, number> = { day: 10, month: 7, year: 4 };

/** The first ordinal of the next (step 1) or the previous (step -1) day, month or year. */
export function nextPeriod(layout: Layout, ordinal: number, period: Period, step: 1 | -1): number {
  const { days, dayStarts } = layout.shape;
  const length = PERIOD_LENGTH[period];
  const nameAt = (day: number) => days[day]!.slice(0, length);
  let day = dayIndexOf(layout.shape, ordinal);
  const here = nameAt(day);
  while (day + step >= 0 && day + step < days.length && nameAt(day) === here) day += step;
  // Going back ends at the last day of the period before: go on to its first.
  const there = nameAt(day);
  while (day > 0 && nameAt(day - 1) === there) day--;
  return dayStarts[day]!;
}

/** The row of the next or the previous month that is in another row: quiet months share one. */
export function nextMonthRow(layout: Layout, from: number, step: 1 | -1): number {
  const here = layout.rowOf(from);
  let ordinal = from;
  for (;;) {
    const next = nextPeriod(layout, ordinal, 'month', step);
    const row = layout.rowOf(next);
    if (row !== here || next === ordinal) return row;
    ordinal = next;
  }
}
