/** Clicks on a grid, as changes of its selection. */

import type { GridModel } from '../timeline/model.svelte';
import type { Selection } from './selection';

/** On the check: choose. On the photo: open, or choose while choosing. With Shift: reach. */
export function chooseByClick(model: GridModel, event: MouseEvent): void {
  const target = event.target as Element;
  const cell = target.closest<HTMLElement>('[data-ordinal]');
  if (!cell) return;
  const ordinal = Number(cell.dataset['ordinal']);
  const isCheck = target.closest('[role="checkbox"]') !== null;
  const isChoosing = !model.selection.isEmpty;
  model.active = ordinal;
  if (!isCheck && !isChoosing && !event.shiftKey) return;
  // Ctrl-click on a photo stays the browser's: a new tab.
  if (!isCheck && (event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  const { selection } = model;
  const isReach = event.shiftKey && isChoosing;
  model.selection = isReach ? selection.reach(ordinal) : selection.toggle(ordinal);
}

/** What Shift and a click at the pointer would choose; null where Shift is up, or nothing is chosen yet. */
export function reachByHover(model: GridModel, event: PointerEvent): Selection | null {
  if (!event.shiftKey || model.selection.isEmpty) return null;
  const cell = (event.target as Element).closest<HTMLElement>('[data-ordinal]');
  return cell ? model.selection.reach(Number(cell.dataset['ordinal'])) : null;
}
