/**
 * Long press, then drag: how a finger chooses many.
 *
 * The browser scrolls as soon as a finger moves, so a press counts only if the finger rests; from then on the
 * touch is ours. That needs touch events that are not passive: pointer events cannot stop a scroll late.
 */

export interface DragChooser {
  /** The asset under a point of the window, or null. */
  ordinalAt(clientX: number, clientY: number): number | null;
  /** The finger rested on this asset. */
  begin(ordinal: number): void;
  /** The finger now is on this one: everything between is meant. */
  extend(ordinal: number): void;
  /** Scroll by so many pixels because the finger is at an edge. */
  scrollBy(pixels: number): void;
}

const PRESS_MS = 450;
const SLACK_PX = 10;
const EDGE_PX = 72;
const EDGE_SPEED = 14;

/** Returns the function that removes the listeners. */
export function listenForDrag(element: HTMLElement, chooser: DragChooser): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;
  let isChoosing = false;
  let x = 0;
  let y = 0;

  const stop = () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    isChoosing = false;
  };

  const follow = () => {
    const box = element.getBoundingClientRect();
    const above = box.top + EDGE_PX - y;
    const below = y - (box.bottom - EDGE_PX);
    if (above > 0) chooser.scrollBy(-EDGE_SPEED * Math.min(1, above / EDGE_PX));
    if (below > 0) chooser.scrollBy(EDGE_SPEED * Math.min(1, below / EDGE_PX));
    const ordinal = chooser.ordinalAt(x, y);
    if (ordinal !== null) chooser.extend(ordinal);
    frame = requestAnimationFrame(follow);
  };

  const start = (event: TouchEvent) => {
    stop();
    const touch = event.touches[0];
    if (!touch || event.touches.length > 1) return;
    x = touch.clientX;
    y = touch.clientY;
    timer = setTimeout(() => {
      const ordinal = chooser.ordinalAt(x, y);
      if (ordinal === null) return;
      isChoosing = true;
      navigator.vibrate?.(10);
      chooser.begin(ordinal);
      frame = requestAnimationFrame(follow);
    }, PRESS_MS);
  };

  const move = (event: TouchEvent) => {
    const touch = event.touches[0];
    if (!touch) return;
    if (isChoosing) {
      event.preventDefault();
      x = touch.clientX;
      y = touch.clientY;
    } else if (Math.hypot(touch.clientX - x, touch.clientY - y) > SLACK_PX) stop();
  };

  const end = (event: TouchEvent) => {
    // The click that would follow must not open or drop what was just chosen.
    if (isChoosing && event.cancelable) event.preventDefault();
    stop();
  };

  const menu = (event: Event) => {
    if (isChoosing) event.preventDefault();
  };

  element.addEventListener('touchstart', start, { passive: true });
  element.addEventListener('touchmove', move, { passive: false });
  element.addEventListener('touchend', end);
  element.addEventListener('touchcancel', stop);
  element.addEventListener('contextmenu', menu);
  return () => {
    stop();
    element.removeEventListener('touchstart', start);
    element.removeEventListener('touchmove', move);
    element.removeEventListener('touchend', end);
    element.removeEventListener('touchcancel', stop);
    element.removeEventListener('contextmenu', menu);
  };
}
