/** A finger or a button that rests on the picture: a live photo plays as long as it does. */

const PRESS_MS = 350;
const SLACK_PX = 8;

/** Returns the function that removes the listeners. */
export function listenForPress(
  element: HTMLElement,
  begin: () => void,
  end: () => void,
): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPressing = false;
  let start = { x: 0, y: 0 };

  const stop = () => {
    clearTimeout(timer);
    if (isPressing) end();
    isPressing = false;
  };

  const down = (event: PointerEvent) => {
    stop();
    const isControl = (event.target as Element).closest('button, a, video[controls]') !== null;
    if (event.button !== 0 || !event.isPrimary || isControl) return;
    start = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => {
      isPressing = true;
      begin();
    }, PRESS_MS);
  };

  const move = (event: PointerEvent) => {
    const isFar = Math.hypot(event.clientX - start.x, event.clientY - start.y) > SLACK_PX;
    if (isFar && !isPressing) stop();
  };

  element.addEventListener('pointerdown', down, { signal });
  element.addEventListener('pointermove', move, { signal });
  element.addEventListener('pointerup', stop, { signal });
  element.addEventListener('pointercancel', stop, { signal });
  element.addEventListener('contextmenu', (event) => isPressing && event.preventDefault(), {
    signal,
  });
  return () => {
    abort.abort();
    stop();
  };
}
