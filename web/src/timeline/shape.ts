/**
 * The shape of a view: one byte of aspect ratio per asset, and runs of days.
 *
 * An asset is named by its ordinal (0-based place in the view). A million of them are a million bytes
 * plus some thousand days, so everything here is one pass over typed arrays.
 */

import type { ShapePatch } from '../api/types';

/** Width divided by height for each ratio byte: 2 ** ((byte - 128) / 32). */
export const ASPECTS: Float32Array = Float32Array.from(
  { length: 256 },
  (_, byte) => 2 ** ((byte - 128) / 32),
);

export interface Shape {
  readonly revision: number;
  readonly count: number;
  readonly ratios: Uint8Array;
  /** Dates of the day runs in view order ("2024-05-03"); "" for assets without a date. */
  readonly days: readonly string[];
  /** dayStarts[d] is the first ordinal of day d; one entry more than days, the last is count. */
  readonly dayStarts: Uint32Array;
  /** False where the order is not one of time, as in an album: then nothing stands above the photos. */
  readonly headings: boolean;
}

export class ShapeFormatError extends Error {
  override readonly name = 'ShapeFormatError';
}

type DayRun = [day: string, count: number];

function buildShape(
  revision: number,
  runs: readonly DayRun[],
  ratios: Uint8Array,
  headings: boolean,
): Shape {
  const dayStarts = new Uint32Array(runs.length + 1);
  let ordinal = 0;
  for (let d = 0; d < runs.length; d++) {
    dayStarts[d] = ordinal;
    ordinal += runs[d]![1];
  }
  dayStarts[runs.length] = ordinal;
  if (ordinal !== ratios.length) {
    throw new ShapeFormatError(`The days hold ${ordinal} assets, the ratios ${ratios.length}.`);
  }
  const days = runs.map((run) => run[0]);
  return { revision, count: ratios.length, ratios, days, dayStarts, headings };
}

/** Reads application/vnd.photostore.shape: u32le header length, JSON header, ratio bytes. */
export function decodeShape(bytes: ArrayBuffer): Shape {
  if (bytes.byteLength < 4) throw new ShapeFormatError('The shape is cut short.');
  const headerLength = new DataView(bytes).getUint32(0, true);
  if (4 + headerLength > bytes.byteLength) throw new ShapeFormatError('The shape is cut short.');
  const text = new TextDecoder().decode(new Uint8Array(bytes, 4, headerLength));
  const header = JSON.parse(text) as {
    revision: number;
    count: number;
    days: DayRun[];
    headings?: boolean;
  };
  const ratios = new Uint8Array(bytes, 4 + headerLength);
  if (ratios.length !== header.count) {
    throw new ShapeFormatError(`${header.count} ratios announced, ${ratios.length} sent.`);
  }
  return buildShape(header.revision, header.days, ratios, header.headings ?? true);
}

/** The index of the day run that holds the ordinal. */
export function dayIndexOf(shape: Shape, ordinal: number): number {
  let low = 0;
  let high = shape.days.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (shape.dayStarts[middle]! <= ordinal) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where the assets of one revision stand in the next. */
export class Remap {
  /** Inserted ordinals, each less the number of inserts before it: non-decreasing. */
  readonly #ranks: Uint32Array;

  constructor(
    readonly removed: readonly number[],
    readonly inserted: readonly number[],
  ) {
    this.#ranks = Uint32Array.from(inserted, (ordinal, k) => ordinal - k);
  }

  /** The new ordinal, or null if the asset left the view. */
  move(ordinal: number): number | null {
    const before = countBelow(this.removed, ordinal);
    if (this.removed[before] === ordinal) return null;
    const rank = ordinal - before;
    // Inserts at or before this rank push it on: those whose own rank is not above it.
    return rank + countBelow(this.#ranks, rank + 1);
  }

  /** The removed ordinals from start up to, but not including, end. */
  removedBetween(start: number, end: number): readonly number[] {
    return this.removed.slice(countBelow(this.removed, start), countBelow(this.removed, end));
  }
}

/** How many entries of the ascending list are below the limit. */
function countBelow(sorted: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many inserts of a patch stand before the ordinal (of the view after it). */
export function countAbove(patch: ShapePatch, ordinal: number): number {
  return patch.inserted.filter(([at]) => at < ordinal).length;
}

/** The shape after the patch. Throws ShapeFormatError if the patch does not fit the shape. */
export function applyPatch(shape: Shape, patch: ShapePatch): { shape: Shape; remap: Remap } {
  if (patch.from !== shape.revision) {
    throw new ShapeFormatError(`A patch of ${patch.from} does not fit ${shape.revision}.`);
  }
  const survivors = withoutRemoved(shape, patch.removed);
  const total = survivors.ratios.length + patch.inserted.length;
  const ratios = new Uint8Array(total);
  const runs: DayRun[] = [];
  const push = (day: string, count: number) => {
    const last = runs[runs.length - 1];
    if (last?.[0] === day) last[1] += count;
    else if (count > 0) runs.push([day, count]);
  };

  let written = 0;
  let taken = 0;
  let run = 0;
  let leftInRun = survivors.runs[0]?.[1] ?? 0;
  const copySurvivors = (count: number) => {
    if (taken + count > survivors.ratios.length) throw new ShapeFormatError('A patch has a gap.');
    ratios.set(survivors.ratios.subarray(taken, taken + count), written);
    taken += count;
    written += count;
    while (count > 0) {
      const part = Math.min(count, leftInRun);
      push(survivors.runs[run]![0], part);
      count -= part;
      leftInRun -= part;
      if (leftInRun === 0) leftInRun = survivors.runs[++run]?.[1] ?? 0;
    }
  };

  for (const [ordinal, ratio, day] of patch.inserted) {
    if (ordinal < written) throw new ShapeFormatError('The inserts of a patch are not ascending.');
    copySurvivors(ordinal - written);
    ratios[written++] = ratio;
    push(day, 1);
  }
  copySurvivors(survivors.ratios.length - taken);

  const remap = new Remap(
    patch.removed,
    patch.inserted.map((entry) => entry[0]),
  );
  return { shape: buildShape(patch.to, runs, ratios, shape.headings), remap };
}

function withoutRemoved(
  shape: Shape,
  removed: readonly number[],
): { ratios: Uint8Array; runs: DayRun[] } {
  const counts = shape.days.map((_, d) => shape.dayStarts[d + 1]! - shape.dayStarts[d]!);
  const ratios = new Uint8Array(shape.count - removed.length);
  let from = 0;
  let written = 0;
  for (const ordinal of removed) {
    if (ordinal < from || ordinal >= shape.count) {
      throw new ShapeFormatError('The removals of a patch do not fit.');
    }
    ratios.set(shape.ratios.subarray(from, ordinal), written);
    written += ordinal - from;
    from = ordinal + 1;
    counts[dayIndexOf(shape, ordinal)]! -= 1;
  }
  ratios.set(shape.ratios.subarray(from), written);
  const runs = shape.days.map((day, d): DayRun => [day, counts[d]!]);
  return { ratios, runs: runs.filter((run) => run[1] > 0) };
}
