/**
 * Breaks a view into rows: the arithmetic behind the layout, one pass over the ratio bytes.
 *
 * A day with more than one row's worth of photos is a section of its own. Shorter days share a row, side
 * by side, each under its own heading: a library with two photos a day stays dense.
 */

import type { Shape } from './shape';

export interface LayoutOptions {
  width: number;
  /** The row height aimed at. */
  rowHeight: number;
  gap: number;
  headingHeight: number;
  /** Space between two days in one row. */
  dayGap: number;
  /** The least width of a day in a shared row, so that its heading can be read. */
  leastDayWidth: number;
}

export const HAS_HEADING = 1;
export const IS_JUSTIFIED = 2;
export const IS_SHARED = 4;

/** A last row this full is stretched; a less full one is left ragged. */
const STRETCH = 1.2;

/** Rows as columns; entries from `count` on are room to grow. */
export class RowTable {
  count = 0;
  /** Height of everything, in virtual pixels. */
  height = 0;
  first: Uint32Array;
  /** The upper edge of the photos; a heading is above it. */
  top: Float64Array;
  rowHeight: Uint16Array;
  flags: Uint8Array;

  constructor(room: number) {
    this.first = new Uint32Array(room);
    this.top = new Float64Array(room);
    this.rowHeight = new Uint16Array(room);
    this.flags = new Uint8Array(room);
  }

  push(first: number, height: number, flags: number, options: LayoutOptions): void {
    if (this.count === this.first.length) this.#grow();
    const row = this.count++;
    const top = this.height + ((flags & HAS_HEADING) !== 0 ? options.headingHeight : 0);
    this.first[row] = first;
    this.top[row] = top;
    this.rowHeight[row] = height;
    this.flags[row] = flags;
    this.height = top + height + options.gap;
  }

  #grow(): void {
    const wider = new RowTable(this.count * 2);
    wider.first.set(this.first);
    wider.top.set(this.top);
    wider.rowHeight.set(this.rowHeight);
    wider.flags.set(this.flags);
    Object.assign(this, {
      first: wider.first,
      top: wider.top,
      rowHeight: wider.rowHeight,
      flags: wider.flags,
    });
  }
}

/** `aspects` holds the aspect ratio to use for each ratio byte. */
export function breakRows(shape: Shape, aspects: Float32Array, options: LayoutOptions): RowTable {
  const table = new RowTable(64 + (shape.count >> 2));
  const breaker = new RowBreaker(shape, aspects, options, table);
  let day = 0;
  while (day < shape.days.length) {
    const end = breaker.endOfSharedDays(day);
    if (end > day) breaker.shareRow(day, end);
    else breaker.breakDay(day);
    day = Math.max(end, day + 1);
  }
  return table;
}

class RowBreaker {
  constructor(
    private readonly shape: Shape,
    private readonly aspects: Float32Array,
    private readonly options: LayoutOptions,
    private readonly table: RowTable,
  ) {}

  /** The end of the run of short days from `day` on that fit into one row; `day` itself if it is long. */
  endOfSharedDays(day: number): number {
    const { width, dayGap, leastDayWidth, rowHeight } = this.options;
    let used = -dayGap;
    let end = day;
    while (end < this.shape.days.length) {
      used += dayGap + Math.max(leastDayWidth, this.#dayWidth(end, rowHeight, width));
      if (used > width) break;
      end++;
    }
    return end;
  }

  /** One row of whole days, made higher if that is enough to fill the width. */
  shareRow(fromDay: number, toDay: number): void {
    const { rowHeight, width } = this.options;
    const highest = Math.floor(rowHeight * STRETCH);
    let low = rowHeight;
    let high = this.#sharedWidth(fromDay, toDay, highest) < width ? rowHeight : highest;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#sharedWidth(fromDay, toDay, middle) <= width) low = middle;
      else high = middle - 1;
    }
    this.table.push(this.shape.dayStarts[fromDay]!, low, HAS_HEADING | IS_SHARED, this.options);
  }

  /** The rows of one long day: each ends where its height comes nearest to the one aimed at. */
  breakDay(day: number): void {
    const { width, gap, rowHeight } = this.options;
    const start = this.shape.dayStarts[day]!;
    const end = this.shape.dayStarts[day + 1]!;
    let first = start;
    let sum = 0;
    const close = (next: number, height: number, flags: number) => {
      const heading = first === start ? HAS_HEADING : 0;
      this.table.push(first, Math.max(1, Math.round(height)), heading | flags, this.options);
      first = next;
      sum = 0;
    };
    for (let i = start; i < end; i++) {
      const aspect = this.aspects[this.shape.ratios[i]!]!;
      const before = i - first;
      const heightWith = (width - gap * before) / (sum + aspect);
      const heightWithout = before > 0 ? (width - gap * (before - 1)) / sum : Infinity;
      if (heightWith > rowHeight) {
        sum += aspect;
      } else if (heightWithout - rowHeight < rowHeight - heightWith) {
        close(i, heightWithout, IS_JUSTIFIED);
        sum = aspect;
      } else {
        close(i + 1, heightWith, IS_JUSTIFIED);
      }
    }
    if (first === end) return;
    const full = (width - gap * (end - first - 1)) / sum;
    if (full <= rowHeight * STRETCH) close(end, full, IS_JUSTIFIED);
    else close(end, rowHeight, 0);
  }

  #sharedWidth(fromDay: number, toDay: number, height: number): number {
    let used = this.options.dayGap * (toDay - fromDay - 1);
    for (let day = fromDay; day < toDay; day++) {
      // One pixel a day for the rounding of its edge.
      used += 1 + Math.max(this.options.leastDayWidth, this.#dayWidth(day, height, Infinity));
    }
    return used;
  }

  /** The width of a day in one row of the given height; anything above `limit` may be cut short. */
  #dayWidth(day: number, height: number, limit: number): number {
    const { gap } = this.options;
    const end = this.shape.dayStarts[day + 1]!;
    let width = -gap;
    for (let i = this.shape.dayStarts[day]!; i < end && width <= limit; i++) {
      width += this.aspects[this.shape.ratios[i]!]! * height + gap;
    }
    return width;
  }
}
