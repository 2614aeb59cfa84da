/**
 * Which assets of a view are chosen: ascending, disjoint ranges of ordinals, never changed in place.
 *
 * Ranges make "all of a million" one entry, and follow the view's own order, so that shift-click chooses
 * what lies between on screen in every grid. When the view changes, the chosen assets stay chosen and new
 * ones between them do not become chosen.
 */

import type { Remap } from '../timeline/shape';

/** From start up to, but not including, end. */
export type Range = readonly [start: number, end: number];

export class Selection {
  static readonly NONE = new Selection([], null);

  private constructor(
    readonly ranges: readonly Range[],
    /** Where the last single choice was made: shift-click reaches from here. */
    readonly anchor: number | null,
  ) {}

  static of(ranges: readonly Range[], anchor: number | null = null): Selection {
    return new Selection(normalise(ranges), anchor);
  }

  get count(): number {
    return this.ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  }

  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  has(ordinal: number): boolean {
    return this.hasAll(ordinal, ordinal + 1);
  }

  hasAll(start: number, end: number): boolean {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ranges[middle]![1] <= start) low = middle + 1;
      else high = middle;
    }
    const range = this.ranges[low];
    return range !== undefined && range[0] <= start && end <= range[1];
  }

  add(start: number, end: number, anchor: number | null = this.anchor): Selection {
    return Selection.of([...this.ranges, [start, end]], anchor);
  }

  remove(start: number, end: number, anchor: number | null = this.anchor): Selection {
    const rest: Range[] = [];
    for (const [from, to] of this.ranges) {
      if (from < start) rest.push([from, Math.min(to, start)]);
      if (to > end) rest.push([Math.max(from, end), to]);
    }
    return Selection.of(rest, anchor);
  }

  toggle(ordinal: number): Selection {
    return this.toggleAll(ordinal, ordinal + 1);
  }

  /** Chooses the whole range, or drops it if all of it is chosen: a day's check. */
  toggleAll(start: number, end: number): Selection {
    return this.hasAll(start, end) ? this.remove(start, end, start) : this.add(start, end, start);
  }

  /** Everything from the anchor to the ordinal, both included, on top of what is chosen. */
  reach(ordinal: number): Selection {
    const from = this.anchor ?? ordinal;
    return this.add(Math.min(from, ordinal), Math.max(from, ordinal) + 1, from);
  }

  /** The same assets after the view changed. */
  apply(remap: Remap): Selection {
    const moved: Range[] = [];
    for (const [start, end] of this.ranges) moved.push(...moveRange(start, end, remap));
    return Selection.of(moved, this.anchor === null ? null : remap.move(this.anchor));
  }
}

interface Counted {
  readonly count: number;
}

/** All are chosen, and as many are there after a change of which nothing else is known. */
export function isAllOf(selection: Selection, before: Counted, after: Counted): boolean {
  return selection.count === before.count && before.count === after.count;
}

/** Cut at each removed asset, then halved until nothing was inserted inside a piece. */
function moveRange(start: number, end: number, remap: Remap): Range[] {
  const pieces: Range[] = [];
  let from = start;
  for (const ordinal of remap.removedBetween(start, end)) {
    pieces.push(...moveKept(from, ordinal, remap));
    from = ordinal + 1;
  }
  return [...pieces, ...moveKept(from, end, remap)];
}

function moveKept(start: number, end: number, remap: Remap): Range[] {
  if (end <= start) return [];
  const from = remap.move(start)!;
  const to = remap.move(end - 1)!;
  if (to - from === end - 1 - start) return [[from, to + 1]];
  const middle = (start + end) >> 1;
  return [...moveKept(start, middle, remap), ...moveKept(middle, end, remap)];
}

function normalise(ranges: readonly Range[]): Range[] {
  const sorted = ranges.filter(([start, end]) => end > start).sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [start, end] of sorted) {
    const last = merged[merged.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
