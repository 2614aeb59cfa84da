/** The ids of what is chosen: acts name assets by id, because ordinals move. */

import { ApiError, fetchRows } from '../api/client';
import type { GridModel } from '../timeline/model.svelte';
import type { Range, Selection } from './selection';

/** The most that one act takes. */
export const MOST_IDS = 100_000;
const LARGEST_REQUEST = 500;
const PARALLEL = 4;
const ATTEMPTS = 3;

/** Parts of the ranges of which something is not known, none longer than a request. */
export function missingParts(
  ranges: readonly Range[],
  isKnown: (ordinal: number) => boolean,
  most = LARGEST_REQUEST,
): Range[] {
  const parts: Range[] = [];
  for (const [start, end] of ranges) {
    for (let from = start; from < end; from++) {
      if (isKnown(from)) continue;
      const to = Math.min(end, from + most);
      parts.push([from, to]);
      from = to - 1;
    }
  }
  return parts;
}

/** In the view's order. If the view changes meanwhile, what is chosen then is asked for again. */
export async function collectIds(
  model: GridModel,
  chosen: () => Selection = () => model.selection,
  signal?: AbortSignal,
): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await collectOnce(model, chosen(), signal);
    } catch (error) {
      const isStale = error instanceof ApiError && error.type === 'revision-gone';
      if (!isStale || attempt === ATTEMPTS) throw error;
      await model.refresh((model.shape?.revision ?? 0) + 1);
    }
  }
}

async function collectOnce(
  model: GridModel,
  selection: Selection,
  signal?: AbortSignal,
): Promise<string[]> {
  const revision = model.shape?.revision ?? 0;
  const found = new Map<number, string>();
  for (const [start, end] of selection.ranges) {
    for (let ordinal = start; ordinal < end; ordinal++) {
      const row = model.rows.get(ordinal);
      if (row) found.set(ordinal, row.id);
    }
  }
  const parts = missingParts(selection.ranges, (ordinal) => found.has(ordinal));
  const load = async () => {
    for (let part = parts.pop(); part; part = parts.pop()) {
      const [start, end] = part;
      const columns = await fetchRows(model.view, revision, start, end - start, signal);
      columns.ids.forEach((id, i) => id && found.set(start + i, id));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, load));
  return [...found].sort(([a], [b]) => a - b).map(([, id]) => id);
}
