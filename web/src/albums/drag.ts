/**
 * Photos of a grid are dragged by mouse or pen to another place. A finger scrolls and selects: for it there are
 * buttons. Nothing is known here of albums; the drop is told as a gap between two photos.
 */

export interface DragHost {
  /** A photo was dropped into the gap before this ordinal (the number of photos: after the last). */
  drop(ordinal: number, gap: number): void;
  /** Scroll by so many pixels because the pointer is at an edge. */
  scrollBy(pixels: number): void;
}

const SLACK_PX = 6;
const EDGE_PX = 64;
const EDGE_SPEED = 14;

/** Returns the function that removes the listeners. */
export function listenForReorder(element: HTMLElement, host: DragHost): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  let from: { ordinal: number; x: number; y: number; pointer: number } | null = null;
  let mark: HTMLElement | null = null;
  let gap: number | null = null;
  let point = { x: 0, y: 0 };
  let frame = 0;

  const stop = () => {
    cancelAnimationFrame(frame);
    mark?.remove();
    mark = null;
    gap = null;
    from = null;
    element.classList.remove('dragging');
  };

  const follow = () => {
    const box = element.getBoundingClientRect();
    if (point.y < box.top + EDGE_PX) host.scrollBy(-EDGE_SPEED);
    if (point.y > box.bottom - EDGE_PX) host.scrollBy(EDGE_SPEED);
    gap = showGap();
    frame = requestAnimationFrame(follow);
  };

  /** Draws the line into the gap nearest to the pointer, and says which it is. */
  const showGap = (): number | null => {
    const found = cellAt(point.x, point.y);
    if (!found || !mark) return gap;
    const box = found.cell.getBoundingClientRect();
    const isRight = point.x > box.left + box.width / 2;
    const isRtl = document.documentElement.dir === 'rtl';
    mark.style.left = `${(isRight ? box.right : box.left) - 2}px`;
    mark.style.top = `${box.top}px`;
    mark.style.height = `${box.height}px`;
    return found.ordinal + (isRight === isRtl ? 0 : 1);
  };

  const cellAt = (x: number, y: number) => {
    const cell = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-ordinal]');
    if (!cell || !element.contains(cell)) return null;
    return { cell, ordinal: Number(cell.dataset['ordinal']) };
  };

  const down = (event: PointerEvent) => {
    if (event.pointerType === 'touch' || event.button !== 0 || event.shiftKey) return;
    if ((event.target as Element).closest('[role="checkbox"]')) return;
    const found = cellAt(event.clientX, event.clientY);
    if (!found) return;
    from = { ordinal: found.ordinal, x: event.clientX, y: event.clientY, pointer: event.pointerId };
  };

  const move = (event: PointerEvent) => {
    if (!from || event.pointerId !== from.pointer) return;
    point = { x: event.clientX, y: event.clientY };
    if (mark || Math.hypot(point.x - from.x, point.y - from.y) < SLACK_PX) return;
    mark = document.createElement('div');
    mark.className = 'drop-mark';
    element.append(mark);
    element.classList.add('dragging');
    frame = requestAnimationFrame(follow);
  };

  const up = () => {
    if (!from || !mark) return stop();
    // The click that follows a drag opens nothing.
    const swallow = (event: Event) => {
      event.preventDefault();
      event.stopPropagation();
    };
    element.addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => element.removeEventListener('click', swallow, { capture: true }));
    const { ordinal } = from;
    const target = gap;
    stop();
    if (target !== null) host.drop(ordinal, target);
  };

  element.addEventListener('pointerdown', down, { signal });
  addEventListener('pointermove', move, { signal });
  addEventListener('pointerup', up, { signal });
  addEventListener('pointercancel', stop, { signal });
  addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape' || !mark) return;
      event.stopPropagation();
      stop();
    },
    { signal, capture: true },
  );
  return () => {
    stop();
    abort.abort();
  };
}
