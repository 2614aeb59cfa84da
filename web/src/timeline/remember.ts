/** Keeps the place in the grid over a reload of the page: browsers do that only for the page's own scrolling. */

import type { Place } from './anchor';
import type { GridModel } from './model.svelte';

const keyOf = (model: GridModel) => `photostore.place.${JSON.stringify(model.view)}`;

/** Saves the place when the page is left. Returns the function that stops that. */
export function rememberPlace(model: GridModel): () => void {
  const save = () => {
    try {
      sessionStorage.setItem(keyOf(model), JSON.stringify(model.place));
    } catch {
      // Storage may be blocked: a reload then begins at the top.
    }
  };
  addEventListener('pagehide', save);
  return () => removeEventListener('pagehide', save);
}

/** The saved place, if this page was reloaded or come back to; it is given once. */
export function takePlace(model: GridModel): Place | null {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (entry?.type !== 'reload' && entry?.type !== 'back_forward') return null;
  try {
    const saved = sessionStorage.getItem(keyOf(model));
    sessionStorage.removeItem(keyOf(model));
    return saved === null ? null : (JSON.parse(saved) as Place | null);
  } catch {
    return null;
  }
}
