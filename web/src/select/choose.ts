/** Long presses on a grid, as changes of its selection. */

import type { GridModel } from '../timeline/model.svelte';
import { Selection } from './selection';
import type { DragHandler } from './touch';

/** Long press and drag; `inset` is the space before the first column. */
export function dragChooser(
  model: GridModel,
  element: HTMLElement,
  inset: () => number,
): DragHandler {
  let before = Selection.NONE;

  const ordinalAt = (x: number, y: number): number | null => {
    const box = element.getBoundingClientRect();
    const inline = document.documentElement.dir === 'rtl' ? box.right - x : x - box.left;
    return model.layout?.ordinalAt(inline - inset(), y - box.top + model.top) ?? null;
  };

  return {
    begin: (x, y) => {
      const ordinal = ordinalAt(x, y);
      if (ordinal === null) return false;
      before = model.selection;
      model.selection = before.add(ordinal, ordinal + 1, ordinal);
      return true;
    },
    move: (x, y) => {
      const ordinal = ordinalAt(x, y);
      if (ordinal === null) return;
      const from = model.selection.anchor ?? ordinal;
      const wanted = before.add(Math.min(from, ordinal), Math.max(from, ordinal) + 1, from);
      if (wanted.count !== model.selection.count) model.selection = wanted;
    },
    scrollBy: (pixels) => model.scrollTo(model.top + pixels),
    end: () => undefined,
    // What was chosen so far stays chosen.
    cancel: () => undefined,
  };
}
