/**
 * A sheet at the foot of a phone's screen: pulled down by its head, or by its content where that is scrolled to
 * its beginning, it closes; pulled up by its head it becomes tall. What scrolls inside it does not move it.
 */

export interface SheetHost {
  /** Below a certain width the panel is a sheet; else nothing is done. */
  isSheet(): boolean;
  /** How far it is pulled; 0 where it stands. Up is negative. */
  pull(dy: number): void;
  /** Let go: at this distance, with this speed in pixels per millisecond. */
  release(dy: number, speed: number): void;
}

const SLACK_PX = 8;

/** Returns the function that removes the listeners. */
export function listenForSheet(
  element: HTMLElement,
  head: HTMLElement,
  host: SheetHost,
): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  let start: { x: number; y: number; isHead: boolean } | null = null;
  let isPulling = false;
  let last = { y: 0, at: 0, speed: 0 };

  const begin = (event: TouchEvent) => {
    const touch = event.touches[0];
    start = null;
    if (!touch || event.touches.length > 1 || !host.isSheet()) return;
    const isHead = head.contains(event.target as Node);
    const isField = (event.target as Element).closest('input, textarea, select') !== null;
    if (isField || (!isHead && element.scrollTop > 0)) return;
    start = { x: touch.clientX, y: touch.clientY, isHead };
    last = { y: touch.clientY, at: event.timeStamp, speed: 0 };
  };

  const move = (event: TouchEvent) => {
    const touch = event.touches[0];
    if (!start || !touch) return;
    const dy = touch.clientY - start.y;
    if (!isPulling) {
      const dx = touch.clientX - start.x;
      if (Math.hypot(dx, dy) < SLACK_PX) return;
      // Sideways is for the strips of photos, up in the content scrolls it.
      const isMeant = Math.abs(dy) > Math.abs(dx) && (start.isHead || dy > 0);
      if (!isMeant) {
        start = null;
        return;
      }
      isPulling = true;
    }
    if (event.cancelable) event.preventDefault();
    const elapsed = Math.max(1, event.timeStamp - last.at);
    last = { y: touch.clientY, at: event.timeStamp, speed: (touch.clientY - last.y) / elapsed };
    host.pull(dy);
  };

  const end = (event: TouchEvent) => {
    const dy = start ? last.y - start.y : 0;
    start = null;
    if (!isPulling) return;
    isPulling = false;
    const isCancelled = event.type === 'touchcancel';
    host.release(isCancelled ? 0 : dy, isCancelled ? 0 : last.speed);
  };

  element.addEventListener('touchstart', begin, { passive: true, signal });
  element.addEventListener('touchmove', move, { passive: false, signal });
  element.addEventListener('touchend', end, { signal });
  element.addEventListener('touchcancel', end, { signal });
  return () => abort.abort();
}
