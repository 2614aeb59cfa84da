/** When a slideshow goes on: pure time, so that it can be tested. */

export const INTERVALS = [2, 4, 8, 15] as const;
export type Interval = (typeof INTERVALS)[number];

const KEY = 'photostore.slides';

export function readInterval(): Interval {
  try {
    const stored = Number(localStorage.getItem(KEY));
    return INTERVALS.find((one) => one === stored) ?? 4;
  } catch {
    return 4;
  }
}

export function keepInterval(seconds: Interval): void {
  try {
    localStorage.setItem(KEY, String(seconds));
  } catch {
    // Storage may be blocked: the choice then lasts as long as the page.
  }
}

/** How long to wait before the next: a video plays to its end, within reason. */
export function waitFor(seconds: Interval, durationS: number | null): number {
  const MOST_S = 120;
  return 1_000 * (durationS === null ? seconds : Math.min(MOST_S, Math.max(seconds, durationS)));
}
