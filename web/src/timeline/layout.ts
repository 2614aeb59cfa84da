/**
 * Where everything in a view stands, exact, in virtual pixels.
 *
 * Rows are broken once (packing.ts); the cells of a row are computed when asked for, because only some
 * screens of them are ever drawn. A million assets take some 20 ms, so a change simply lays out again.
 */

import {
  breakRows,
  HAS_HEADING,
  IS_JUSTIFIED,
  IS_SHARED,
  RowTable,
  type LayoutOptions,
} from './packing';
import { ASPECTS, dayIndexOf, type Shape } from './shape';

export type { LayoutOptions };

export interface Cell {
  ordinal: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Heading {
  day: number;
  x: number;
  y: number;
  width: number;
}

export function isSameOptions(a: LayoutOptions, b: LayoutOptions): boolean {
  const keys = Object.keys(a) as (keyof LayoutOptions)[];
  return keys.every((key) => a[key] === b[key]);
}

/** Extreme shapes are cropped in the grid: a panorama fits the row, a receipt stays wide enough to hit. */
const LEAST_ASPECT = 0.45;
export class Layout {
  readonly #table: RowTable;
  readonly #aspects: Float32Array;

  readonly options: LayoutOptions;

  constructor(
    readonly shape: Shape,
    options: LayoutOptions,
  ) {
    this.options = shape.headings ? options : { ...options, headingHeight: 0 };
    const { width, rowHeight } = options;
    const most = Math.max(1, width / rowHeight);
    this.#aspects = ASPECTS.map((aspect) => Math.min(most, Math.max(LEAST_ASPECT, aspect)));
    this.#table = width > 0 ? breakRows(shape, this.#aspects, this.options) : new RowTable(0);
  }

  /** Height of everything, in virtual pixels. */
  get height(): number {
    return this.#table.height;
  }

  get rowCount(): number {
    return this.#table.count;
  }

  rowFirst(row: number): number {
    return row < this.#table.count ? this.#table.first[row]! : this.shape.count;
  }

  /** The upper edge of the photos of a row; its heading is above. */
  rowTop(row: number): number {
    return this.#table.top[row] ?? this.height;
  }

  rowHeight(row: number): number {
    return this.#table.rowHeight[row] ?? 0;
  }

  hasHeading(row: number): boolean {
    return (this.#table.flags[row]! & HAS_HEADING) !== 0;
  }

  /** The upper edge of a row with its heading. */
  rowOuterTop(row: number): number {
    return this.rowTop(row) - (this.hasHeading(row) ? this.options.headingHeight : 0);
  }

  /** The last row that begins at or above y (0 if none does). */
  rowAt(y: number): number {
    let low = 0;
    let high = Math.max(0, this.#table.count - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rowOuterTop(middle) <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  rowOf(ordinal: number): number {
    let low = 0;
    let high = Math.max(0, this.#table.count - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#table.first[middle]! <= ordinal) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  cells(row: number): Cell[] {
    const cells: Cell[] = [];
    this.#place(row, (cell) => cells.push(cell));
    return cells;
  }

  headings(row: number): Heading[] {
    const headings: Heading[] = [];
    if (!this.shape.headings || !this.hasHeading(row)) return headings;
    const y = this.rowOuterTop(row);
    if ((this.#table.flags[row]! & IS_SHARED) === 0) {
      const day = dayIndexOf(this.shape, this.rowFirst(row));
      return [{ day, x: 0, y, width: this.options.width }];
    }
    this.#place(row, undefined, (day, x, width) => headings.push({ day, x, y, width }));
    return headings;
  }

  cellOf(ordinal: number): Cell | null {
    if (ordinal < 0 || ordinal >= this.shape.count || this.#table.count === 0) return null;
    const row = this.rowOf(ordinal);
    return this.cells(row)[ordinal - this.rowFirst(row)] ?? null;
  }

  /** The asset at a point, or the nearest one in the row at that height; null if there is no row. */
  ordinalAt(x: number, y: number): number | null {
    if (this.#table.count === 0) return null;
    return this.nearestInRow(this.rowAt(y), x);
  }

  /** The asset of the row whose cell is nearest to x. */
  nearestInRow(row: number, x: number): number {
    let best = this.rowFirst(row);
    let bestDistance = Infinity;
    for (const cell of this.cells(row)) {
      const distance = Math.max(cell.x - x, x - (cell.x + cell.width), 0);
      if (distance < bestDistance) {
        best = cell.ordinal;
        bestDistance = distance;
      }
    }
    return best;
  }

  #aspect(ordinal: number): number {
    return this.#aspects[this.shape.ratios[ordinal]!]!;
  }

  /** Walks the cells and days of a row from the inline start to the end. */
  #place(
    row: number,
    onCell?: (cell: Cell) => void,
    onDay?: (day: number, x: number, width: number) => void,
  ): void {
    const first = this.rowFirst(row);
    const end = this.rowFirst(row + 1);
    const flags = this.#table.flags[row]!;
    const { width, gap, dayGap } = this.options;
    const y = this.rowTop(row);
    const height = this.rowHeight(row);
    if ((flags & IS_SHARED) === 0) {
      let sum = 0;
      for (let i = first; i < end; i++) sum += this.#aspect(i);
      const gaps = gap * (end - first - 1);
      const unit = (flags & IS_JUSTIFIED) !== 0 ? (width - gaps) / sum : height;
      this.#placeRun(first, end, 0, unit, y, height, onCell);
      return;
    }
    let x = 0;
    const { dayStarts } = this.shape;
    for (let day = dayIndexOf(this.shape, first); dayStarts[day]! < end; day++) {
      const used = this.#placeRun(
        dayStarts[day]!,
        dayStarts[day + 1]!,
        x,
        height,
        y,
        height,
        onCell,
      );
      const dayWidth = Math.max(used, this.options.leastDayWidth);
      onDay?.(day, x, dayWidth);
      x += dayWidth + dayGap;
    }
  }

  /** Cells side by side from x; edges are rounded together so that all gaps are equal. Returns the width. */
  #placeRun(
    first: number,
    end: number,
    x: number,
    unit: number,
    y: number,
    height: number,
    onCell?: (cell: Cell) => void,
  ): number {
    let exact = 0;
    let edge = 0;
    for (let ordinal = first; ordinal < end; ordinal++) {
      exact += this.#aspect(ordinal) * unit;
      const right = Math.round(exact + (ordinal - first) * this.options.gap);
      onCell?.({ ordinal, x: x + edge, y, width: right - edge, height });
      edge = right + this.options.gap;
    }
    return edge - this.options.gap;
  }
}
