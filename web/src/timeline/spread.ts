/** Ctrl and the wheel, a pinch on a touchpad (which browsers tell as the same), two fingers: steps of size. */

const WHEEL_STEP = 60;
/** The fingers' distance has to grow by this for one step. */
const PINCH_STEP = 1.2;
/** A mouse wheel's lines and pages as pixels. */
const LINE_PX = [1, 30, 400];

/** Whole steps out of many small amounts; what is left over counts for the next. */
export class Steps {
  #rest = 0;

  constructor(private readonly size: number) {}

  take(amount: number): number {
    // A turn in the other direction begins anew, so that it is felt at once.
    if (Math.sign(amount) !== Math.sign(this.#rest)) this.#rest = 0;
    this.#rest += amount;
    const steps = Math.trunc(this.#rest / this.size);
    this.#rest -= steps * this.size;
    return steps;
  }

  reset(): void {
    this.#rest = 0;
  }
}

/** Returns the function that removes the listeners. `change` gets steps, positive for larger. */
export function listenForSpread(element: HTMLElement, change: (steps: number) => void): () => void {
  const wheelSteps = new Steps(WHEEL_STEP);
  const pinchSteps = new Steps(Math.log(PINCH_STEP));
  let apart = 0;

  const wheel = (event: WheelEvent) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const steps = wheelSteps.take(-event.deltaY * (LINE_PX[event.deltaMode] ?? 1));
    if (steps !== 0) change(steps);
  };

  const distance = ({ touches }: TouchEvent) =>
    Math.hypot(
      touches[0]!.clientX - touches[1]!.clientX,
      touches[0]!.clientY - touches[1]!.clientY,
    );

  const start = (event: TouchEvent) => {
    apart = event.touches.length === 2 ? distance(event) : 0;
    pinchSteps.reset();
  };

  const move = (event: TouchEvent) => {
    if (event.touches.length !== 2 || apart === 0) return;
    if (event.cancelable) event.preventDefault();
    const now = distance(event);
    const steps = now > 0 ? pinchSteps.take(Math.log(now / apart)) : 0;
    apart = now;
    if (steps !== 0) change(steps);
  };

  element.addEventListener('wheel', wheel, { passive: false });
  element.addEventListener('touchstart', start, { passive: true });
  element.addEventListener('touchmove', move, { passive: false });
  return () => {
    element.removeEventListener('wheel', wheel);
    element.removeEventListener('touchstart', start);
    element.removeEventListener('touchmove', move);
  };
}
