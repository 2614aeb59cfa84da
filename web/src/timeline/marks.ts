/** Where the months and years of a view stand on the scrubber. */

import type { Layout } from './layout';

export interface Mark {
  /** The first day of the run: "2024-05-31", or "" for assets without a date. */
  day: string;
  /** Virtual position of its heading. */
  top: number;
}

/** The first heading of each month, in view order. */
export function monthMarks(layout: Layout): Mark[] {
  const { days, dayStarts } = layout.shape;
  const marks: Mark[] = [];
  let month: string | null = null;
  for (let d = 0; d < days.length; d++) {
    const day = days[d]!;
    if (day.slice(0, 7) === month) continue;
    month = day.slice(0, 7);
    marks.push({ day, top: layout.rowOuterTop(layout.rowOf(dayStarts[d]!)) });
  }
  return marks;
}

export interface Tick {
  /** Distance from the upper end of the scrubber, in pixels. */
  y: number;
  /** A year to write, or null for a dot. */
  year: string | null;
}

const YEAR_SPACE = 22;
const DOT_SPACE = 8;

/** As many year labels and month dots as can be told apart on a scrubber of this length. */
export function scrubberTicks(marks: readonly Mark[], maxTop: number, length: number): Tick[] {
  if (maxTop <= 0) return [];
  const ticks: Tick[] = [];
  const yOf = (mark: Mark) => Math.min(1, mark.top / maxTop) * length;
  let lastYear: string | null = null;
  let free = -Infinity;
  for (const mark of marks) {
    const year = mark.day.slice(0, 4);
    if (year === lastYear || year === '') continue;
    lastYear = year;
    const y = yOf(mark);
    if (y < free) continue;
    ticks.push({ y, year });
    free = y + YEAR_SPACE;
  }
  const years = ticks.map((tick) => tick.y);
  let dotFree = -Infinity;
  for (const mark of marks) {
    const y = yOf(mark);
    if (y < dotFree || years.some((other) => Math.abs(other - y) < YEAR_SPACE / 2)) continue;
    ticks.push({ y, year: null });
    dotFree = y + DOT_SPACE;
  }
  return ticks;
}
