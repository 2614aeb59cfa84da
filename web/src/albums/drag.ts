/** A mouse or a pen that is pressed and moved carries what it was pressed on; for fingers see select/touch.ts. */

import { edgeSpeed, type DragHandler } from '../select/touch';

const SLACK_PX = 9;

/** Returns the function that removes the listeners. */
export function listenForReorder(element: HTMLElement, handler: DragHandler): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  let from: { x: number; y: number; pointer: number } | null = null;
  let isCarrying = false;
  let point = { x: 0, y: 0 };
  let frame = 0;

  const stop = (how: 'end' | 'cancel') => {
    cancelAnimationFrame(frame);
    const wasCarrying = isCarrying;
    from = null;
    isCarrying = false;
    if (wasCarrying) handler[how]();
  };

  const follow = () => {
    const speed = edgeSpeed(element.getBoundingClientRect(), point.y);
    if (speed !== 0) handler.scrollBy(speed);
    handler.move(point.x, point.y);
    frame = requestAnimationFrame(follow);
  };

  const down = (event: PointerEvent) => {
    if (event.pointerType === 'touch' || event.button !== 0 || event.shiftKey) return;
    if ((event.target as Element).closest('button, input, [role="checkbox"]')) return;
    from = { x: event.clientX, y: event.clientY, pointer: event.pointerId };
  };

  const move = (event: PointerEvent) => {
    if (!from || event.pointerId !== from.pointer) return;
    point = { x: event.clientX, y: event.clientY };
    if (isCarrying || Math.hypot(point.x - from.x, point.y - from.y) < SLACK_PX) return;
    isCarrying = handler.begin(from.x, from.y);
    if (isCarrying) frame = requestAnimationFrame(follow);
    else from = null;
  };

  const up = () => {
    if (isCarrying) {
      // The click that follows a drag opens nothing.
      const swallow = (event: Event) => {
        event.preventDefault();
        event.stopPropagation();
      };
      element.addEventListener('click', swallow, { capture: true, once: true });
      setTimeout(() => element.removeEventListener('click', swallow, { capture: true }));
      handler.move(point.x, point.y);
    }
    stop('end');
  };

  const escape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !isCarrying) return;
    event.stopPropagation();
    stop('cancel');
  };

  element.addEventListener('pointerdown', down, { signal });
  // Links and pictures are not dragged out of the page.
  element.addEventListener('dragstart', (event) => event.preventDefault(), { signal });
  addEventListener('pointermove', move, { signal });
  addEventListener('pointerup', up, { signal });
  addEventListener('pointercancel', () => stop('cancel'), { signal });
  addEventListener('keydown', escape, { signal, capture: true });
  return () => {
    stop('cancel');
    abort.abort();
  };
}
