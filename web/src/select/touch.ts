/**
 * Long press, then drag: how a finger chooses many, or carries something to another place.
 *
 * The browser scrolls as soon as a finger moves, so a press counts only if the finger rests; from then on the
 * touch is ours. That needs touch events that are not passive: pointer events cannot stop a scroll late.
 */

/** What a drag does. Points are of the window. */
export interface DragHandler {
  /** The finger rested here; false if nothing begins. */
  begin(x: number, y: number): boolean;
  /** Each frame: the finger is here, and what is below it may have scrolled. */
  move(x: number, y: number): void;
  /** Scroll by so many pixels because the finger is at an edge. */
  scrollBy(pixels: number): void;
  end(): void;
  /** As if nothing had been begun. */
  cancel(): void;
}

export type CarrierAt = (x: number, y: number) => DragHandler | null;

const PRESS_MS = 450;
const SLACK_PX = 10;
const EDGE_PX = 72;
const EDGE_SPEED = 14;

/** How fast to scroll, in pixels a frame, with the pointer at this height: nearer to an edge is faster. */
export function edgeSpeed(box: Pick<DOMRect, 'top' | 'bottom'>, y: number): number {
  const above = box.top + EDGE_PX - y;
  const below = y - (box.bottom - EDGE_PX);
  if (above > 0) return -EDGE_SPEED * Math.min(1, above / EDGE_PX);
  return below > 0 ? EDGE_SPEED * Math.min(1, below / EDGE_PX) : 0;
}

/** `handlerAt` says what a press at a point begins. Returns the function that removes the listeners. */
export function listenForDrag(element: HTMLElement, handlerAt: CarrierAt): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;
  let handler: DragHandler | null = null;
  let x = 0;
  let y = 0;

  const stop = (how: 'end' | 'cancel') => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    const ended = handler;
    handler = null;
    ended?.[how]();
  };

  const follow = () => {
    if (!handler) return;
    const speed = edgeSpeed(element.getBoundingClientRect(), y);
    if (speed !== 0) handler.scrollBy(speed);
    handler.move(x, y);
    frame = requestAnimationFrame(follow);
  };

  const press = () => {
    const wanted = handlerAt(x, y);
    if (!wanted?.begin(x, y)) return;
    handler = wanted;
    navigator.vibrate?.(10);
    frame = requestAnimationFrame(follow);
  };

  const start = (event: TouchEvent) => {
    stop('cancel');
    const touch = event.touches[0];
    if (!touch || event.touches.length > 1) return;
    x = touch.clientX;
    y = touch.clientY;
    timer = setTimeout(press, PRESS_MS);
  };

  const move = (event: TouchEvent) => {
    const touch = event.touches[0];
    if (!touch) return;
    if (handler) {
      event.preventDefault();
      x = touch.clientX;
      y = touch.clientY;
    } else if (Math.hypot(touch.clientX - x, touch.clientY - y) > SLACK_PX) clearTimeout(timer);
  };

  const end = (event: TouchEvent) => {
    // The click that would follow must not open or drop what was just chosen.
    if (handler && event.cancelable) event.preventDefault();
    // Where it was lifted counts, whenever the last frame was.
    handler?.move(x, y);
    stop('end');
  };

  const menu = (event: Event) => {
    if (handler) event.preventDefault();
  };

  element.addEventListener('touchstart', start, { passive: true, signal });
  element.addEventListener('touchmove', move, { passive: false, signal });
  element.addEventListener('touchend', end, { signal });
  element.addEventListener('touchcancel', () => stop('cancel'), { signal });
  element.addEventListener('contextmenu', menu, { signal });
  return () => {
    stop('cancel');
    abort.abort();
  };
}
