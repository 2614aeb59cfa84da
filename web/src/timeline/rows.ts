/**
 * What is known of the assets near the window, fetched by ranges of ordinals.
 *
 * `want` names the range that matters now: requests that no longer serve it are cancelled, missing parts
 * are asked for, and entries far away are forgotten. When the view changes, entries move with their assets.
 */

import { isAborted } from '../api/client';
import type { AssetKind, RowColumns } from '../api/types';
import type { Remap } from './shape';

export interface Row {
  readonly id: string;
  readonly taken: string | null;
  readonly kind: AssetKind;
  readonly thumbhash: string | null;
  readonly duration: number | null;
  readonly favourite: boolean;
  readonly preview: string | null;
  readonly title: string | null;
  readonly motion: boolean;
  readonly rotation: number;
}

export type RowFetcher = (
  revision: number,
  start: number,
  count: number,
  signal: AbortSignal,
) => Promise<RowColumns>;

export interface RowListener {
  /** New rows can be read. */
  changed(): void;
  /** The pictures of these are others than before. */
  repictured?(ids: string[]): void;
  /** A request failed, and not because it was cancelled. */
  failed(error: unknown): void;
}

interface Flight {
  start: number;
  end: number;
  abort: AbortController;
}

/** Requests begin at multiples of this, so that scrolling does not ask for slivers. */
const BLOCK = 100;
const LARGEST_REQUEST = 500;
/** Gaps this near to each other are one request. */
const NEAR = 50;
const KEPT = 6_000;

function rowAt(columns: RowColumns, i: number): Row {
  return {
    id: columns.ids[i]!,
    taken: columns.taken[i] ?? null,
    kind: columns.kinds[i] ?? 'photo',
    thumbhash: columns.thumbhashes[i] ?? null,
    duration: columns.durations[i] ?? null,
    favourite: columns.favourites[i] ?? false,
    preview: columns.previews[i] ?? null,
    title: columns.titles[i] ?? null,
    motion: columns.motion[i] ?? false,
    rotation: columns.rotations[i] ?? 0,
  };
}

export class RowCache {
  #rows = new Map<number, Row>();
  #stale = new Set<number>();
  #flights = new Set<Flight>();
  #revision = 0;
  #count = 0;

  constructor(
    private readonly fetch: RowFetcher,
    private readonly listener: RowListener,
  ) {}

  get(ordinal: number): Row | undefined {
    return this.#rows.get(ordinal);
  }

  /** Shows these assets differently until the server's word of them comes. */
  overlay(ids: ReadonlySet<string>, values: Partial<Row>): void {
    for (const [ordinal, row] of this.#rows) {
      if (ids.has(row.id)) this.#rows.set(ordinal, { ...row, ...values });
    }
  }

  /** These entries are still shown, but asked for again by the next `want`. */
  markStale(isStale: (row: Row) => boolean): void {
    for (const [ordinal, row] of this.#rows) {
      if (isStale(row)) this.#stale.add(ordinal);
    }
  }

  findOrdinal(id: string): number | null {
    for (const [ordinal, row] of this.#rows) {
      if (row.id === id) return ordinal;
    }
    return null;
  }

  /** Another view or an unknown change: nothing known is true any more. */
  reset(revision: number, count: number): void {
    this.cancel();
    this.#rows.clear();
    this.#stale.clear();
    this.#revision = revision;
    this.#count = count;
  }

  /** The view changed in a known way. */
  apply(revision: number, count: number, remap: Remap, changed: readonly number[]): void {
    this.cancel();
    const rows = new Map<number, Row>();
    const stale = new Set(changed);
    for (const [ordinal, row] of this.#rows) {
      const moved = remap.move(ordinal);
      if (moved === null) continue;
      rows.set(moved, row);
      if (this.#stale.has(ordinal)) stale.add(moved);
    }
    this.#rows = rows;
    this.#stale = stale;
    this.#revision = revision;
    this.#count = count;
  }

  cancel(): void {
    for (const flight of this.#flights) flight.abort.abort();
    this.#flights.clear();
  }

  /** Makes sure that the range is here or on its way, and nothing else is. */
  want(start: number, end: number): void {
    const from = Math.max(0, Math.floor(start / BLOCK) * BLOCK);
    const to = Math.min(this.#count, Math.ceil(end / BLOCK) * BLOCK);
    for (const flight of this.#flights) {
      if (flight.end <= from || flight.start >= to) {
        flight.abort.abort();
        this.#flights.delete(flight);
      }
    }
    this.#evict(from, to);
    let gap: { start: number; end: number } | null = null;
    for (let ordinal = from; ordinal < to; ordinal++) {
      if (!this.#isMissing(ordinal)) continue;
      const isNear = gap && ordinal - gap.end < NEAR && ordinal - gap.start < LARGEST_REQUEST;
      if (gap && isNear) {
        gap.end = ordinal + 1;
        continue;
      }
      if (gap) void this.#request(gap.start, gap.end);
      gap = { start: ordinal, end: ordinal + 1 };
    }
    if (gap) void this.#request(gap.start, gap.end);
  }

  /** Takes an answer that was asked for outside of `want`. */
  put(columns: RowColumns): void {
    if (columns.revision !== this.#revision) return;
    const repictured: string[] = [];
    columns.ids.forEach((id, i) => {
      const before = this.#rows.get(columns.start + i);
      const row = rowAt(columns, i);
      if (before?.id === id && before.preview !== null && before.preview !== row.preview) {
        repictured.push(id);
      }
      this.#rows.set(columns.start + i, row);
      this.#stale.delete(columns.start + i);
    });
    if (repictured.length > 0) this.listener.repictured?.(repictured);
  }

  #isMissing(ordinal: number): boolean {
    return (!this.#rows.has(ordinal) || this.#stale.has(ordinal)) && !this.#isFlying(ordinal);
  }

  #isFlying(ordinal: number): boolean {
    for (const flight of this.#flights) {
      if (ordinal >= flight.start && ordinal < flight.end) return true;
    }
    return false;
  }

  async #request(start: number, end: number): Promise<void> {
    const flight = { start, end, abort: new AbortController() };
    this.#flights.add(flight);
    try {
      const columns = await this.fetch(this.#revision, start, end - start, flight.abort.signal);
      // Cancelled flights are gone from the set: their ordinals may mean other assets by now.
      if (!this.#flights.has(flight)) return;
      this.put(columns);
      this.#flights.delete(flight);
      this.listener.changed();
    } catch (error) {
      const wasWanted = this.#flights.delete(flight);
      if (wasWanted && !isAborted(error)) this.listener.failed(error);
    }
  }

  /** Forgets what is farthest from the range once too much is kept. */
  #evict(from: number, to: number): void {
    if (this.#rows.size <= KEPT) return;
    const distance = (ordinal: number) => Math.max(from - ordinal, ordinal - to, 0);
    const byDistance = [...this.#rows.keys()].sort((a, b) => distance(a) - distance(b));
    for (const ordinal of byDistance.slice(KEPT / 2)) this.#rows.delete(ordinal);
  }
}
