/**
 * Virtual and physical scrolling.
 *
 * Browsers clamp an element's height (Chromium 33.5 million px, Firefox 17.9 million), a large library is
 * taller. So the layout lives in virtual pixels and the scrolled element is capped. Small movements
 * (wheel, finger, keys) move virtual pixels one to one; large ones (dragging the scrollbar) are mapped in
 * proportion. One-to-one movement lets the two drift apart, which `settle` mends while nothing moves.
 *
 * The first and last `edge` pixels are never compressed: otherwise the browser would stop at its top
 * before the virtual top is reached, and every further wheel click would only go a part of the rest.
 */

export const PHYSICAL_CAP = 4_000_000;
const EDGE = 50_000;
const LEAST_JUMP = 2_500;

export class ScrollSpace {
  /** Virtual position of the upper edge of the window. */
  top = 0;
  /** Physical position: the element's scrollTop. */
  physical = 0;
  total = 0;
  viewport = 0;

  constructor(
    private readonly cap = PHYSICAL_CAP,
    private readonly edge = Math.min(EDGE, cap / 8),
  ) {}

  /** Virtual minus physical: what to subtract from a virtual position to draw it. */
  get offset(): number {
    return this.top - this.physical;
  }

  /** The physical height of the scrolled content. */
  get height(): number {
    return Math.min(this.total, this.cap);
  }

  get maxTop(): number {
    return Math.max(0, this.total - this.viewport);
  }

  get maxPhysical(): number {
    return Math.max(0, this.height - this.viewport);
  }

  get #isCompressed(): boolean {
    return this.total > this.cap;
  }

  /** The physical position that stands for a virtual one. */
  physicalOf(top: number): number {
    if (!this.#isCompressed || top <= this.edge) return top;
    const { maxTop, maxPhysical, edge } = this;
    if (top >= maxTop - edge) return maxPhysical - (maxTop - top);
    const share = (top - edge) / (maxTop - 2 * edge);
    return Math.round(edge + share * (maxPhysical - 2 * edge));
  }

  /** The virtual position that a physical one stands for. */
  virtualOf(physical: number): number {
    if (!this.#isCompressed || physical <= this.edge) return physical;
    const { maxTop, maxPhysical, edge } = this;
    if (physical >= maxPhysical - edge) return maxTop - (maxPhysical - physical);
    const share = (physical - edge) / (maxPhysical - 2 * edge);
    return Math.round(edge + share * (maxTop - 2 * edge));
  }

  /** New content or window size; the virtual position is kept as far as it still exists. */
  resize(total: number, viewport: number): void {
    this.total = Math.round(total);
    this.viewport = viewport;
    this.jump(this.top);
  }

  /** Go to a virtual position. The caller then writes `physical` to the element. */
  jump(top: number): void {
    this.top = Math.round(Math.min(Math.max(0, top), this.maxTop));
    this.physical = this.physicalOf(this.top);
  }

  /**
   * The browser scrolled to a physical position. Returns true if the two positions are about to run out
   * of step at an end, so that `settle` must not wait until the movement is over.
   */
  moved(physical: number): boolean {
    const delta = physical - this.physical;
    this.physical = physical;
    if (!this.#isCompressed) {
      this.top = physical;
      return false;
    }
    if (Math.abs(delta) > Math.max(LEAST_JUMP, 2 * this.viewport)) {
      this.top = this.virtualOf(physical);
      return false;
    }
    this.top = Math.min(Math.max(0, this.top + delta), this.maxTop);
    const isNearEnd =
      physical < this.viewport ||
      physical > this.maxPhysical - this.viewport ||
      this.top === 0 ||
      this.top === this.maxTop;
    return isNearEnd && this.physicalOf(this.top) !== physical;
  }

  /** Brings the physical position in line with the virtual one; true if it has to be written. */
  settle(): boolean {
    const wanted = this.physicalOf(this.top);
    if (Math.abs(wanted - this.physical) < 1) return false;
    this.physical = wanted;
    return true;
  }
}
