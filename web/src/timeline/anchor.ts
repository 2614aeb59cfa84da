/** What must stay where it is in the window while the view changes around it. */

import type { Layout } from './layout';
import type { Remap } from './shape';

export interface Anchor {
  /** Of the view after the change. */
  ordinal: number;
  /** Distance from the upper edge of the window. */
  inWindow: number;
}

/** The first asset of the first wholly visible row that is still there after the change. */
export function findAnchor(layout: Layout, top: number, remap: Remap | null): Anchor | null {
  if (layout.rowCount === 0) return null;
  let row = layout.rowAt(top);
  if (layout.rowTop(row) < top && row + 1 < layout.rowCount) row++;
  for (let ordinal = layout.rowFirst(row); ordinal < layout.shape.count; ordinal++) {
    const moved = remap ? remap.move(ordinal) : ordinal;
    if (moved === null) continue;
    return { ordinal: moved, inWindow: layout.rowTop(layout.rowOf(ordinal)) - top };
  }
  return null;
}
