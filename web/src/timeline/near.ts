/** Asks for what the window and its surroundings need, the most urgent first. */

import type { Layout } from './layout';
import type { GridModel } from './model.svelte';

/** How much is fetched above and below the window, in windows: further than what is drawn. */
const NEAR = 1.25;

export function wantNear(model: GridModel, layout: Layout): void {
  if (layout.rowCount === 0) return;
  const { top, viewport } = model.scroll;
  const ordinals = (from: number, to: number) =>
    [layout.rowFirst(layout.rowAt(from)), layout.rowFirst(layout.rowAt(to) + 1)] as const;
  const [start, end] = ordinals(top, top + viewport);
  const [before, after] = ordinals(top - NEAR * viewport, top + (1 + NEAR) * viewport);
  model.rows.want(before, after);
  const ids: string[] = [];
  const add = (from: number, to: number) => {
    for (let ordinal = from; ordinal < to; ordinal++) {
      const row = model.rows.get(ordinal);
      if (row) ids.push(row.id);
    }
  };
  add(start, end);
  add(end, after);
  add(before, start);
  model.thumbs.want(ids);
}
