/** The keyboard's place in a grid. */

/** The link of an asset, if it is drawn. */
export function linkOf(grid: HTMLElement | undefined, ordinal: number): HTMLElement | null {
  return grid?.querySelector(`[data-ordinal="${ordinal}"] a`) ?? null;
}

/** The focus of a photo that is gone goes to the one in its place, without moving what is looked at. */
export function keepFocus(grid: HTMLElement | undefined, ordinal: number): void {
  if (document.activeElement !== document.body) return;
  linkOf(grid, ordinal)?.focus({ preventScroll: true });
}
