/** Some photos as whole justified rows: how a stream is shown on a page of streams. */

export interface StripRow {
  /** Indices from start up to, but not including, end. */
  start: number;
  end: number;
  height: number;
}

export interface StripOptions {
  width: number;
  /** The row height aimed at. */
  height: number;
  gap: number;
  rows: number;
}

/** The most that a row may be higher than aimed at. */
const STRETCH = 1.35;

/**
 * Breaks as many of the photos as fill whole rows; what is left over is not shown. Too few to fill the first
 * row are shown at the height aimed at, and leave it ragged.
 */
export function fillRows(ratios: readonly number[], options: StripOptions): StripRow[] {
  const { width, height, gap, rows } = options;
  const filled: StripRow[] = [];
  let start = 0;
  let sum = 0;
  for (let i = 0; i < ratios.length && filled.length < rows; i++) {
    sum += ratios[i]!;
    const fitted = (width - gap * (i - start)) / sum;
    if (fitted > height * STRETCH) continue;
    // One photo less may come nearer to the height aimed at.
    const before = sum - ratios[i]!;
    const without = i > start ? (width - gap * (i - start - 1)) / before : Infinity;
    const isBetterWithout = without / height < height / fitted && without <= height * STRETCH;
    const end = isBetterWithout ? i : i + 1;
    filled.push({ start, end, height: isBetterWithout ? without : fitted });
    start = end;
    sum = isBetterWithout ? ratios[i]! : 0;
  }
  if (filled.length === 0 && ratios.length > 0) {
    filled.push({ start: 0, end: ratios.length, height });
  }
  return filled;
}
