/** What must stay where it is in the window while the view changes around it. */

import type { Cell, Layout } from './layout';
import type { Remap } from './shape';

export interface Anchor {
  /** Of the view after the change. */
  ordinal: number;
  /** Distance from the upper edge of the window. */
  inWindow: number;
}

/** An anchor by the asset's id, which outlives the page. */
export interface Place {
  id: string;
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

/** Where to scroll so that the cell is in the window; null if it is whole in it already. */
export function topToReveal(
  cell: Cell,
  top: number,
  viewport: number,
  where: 'nearest' | 'centre',
  header: number,
): number | null {
  const bottom = cell.y + cell.height;
  const isAbove = cell.y - header < top;
  if (!isAbove && bottom <= top + viewport) return null;
  if (where === 'centre') return cell.y + cell.height / 2 - viewport / 2;
  return isAbove ? cell.y - header : bottom - viewport + 8;
}
