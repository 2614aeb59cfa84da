import type { LayoutOptions } from './layout';
import type { GridModel } from './model.svelte';

type Resize = (
  model: GridModel,
  options: LayoutOptions,
  viewport: number,
  scroller: Element | undefined,
) => void;

/** Gives a grid its new size; what came or went above the page (an import's progress) moves no photo on the screen. */
export function resizer(): Resize {
  let edge: number | undefined;
  return (model, options, viewport, scroller) => {
    model.resize(options, viewport);
    const now = scroller?.closest('main')?.getBoundingClientRect().top ?? 0;
    const moved = now - (edge ?? now);
    edge = now;
    if (moved !== 0 && model.top > 0) model.scrollTo(model.top + moved);
  };
}
