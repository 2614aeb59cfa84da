/** What fingers, wheel and keys do to the shown picture: zoom, swipe to a neighbour, pull down to close, up to read. */

import type { GestureHandlers } from './gestures';
import * as zooming from './zoom';

export interface StageHost {
  /** The pixels of the shown picture. */
  picture(): zooming.Size;
  isZoomable(): boolean;
  hasNeighbour(step: 1 | -1): boolean;
  go(step: 1 | -1): void;
  close(): void;
  showInfo(): void;
  tap(): void;
}

export const GAP_PX = 24;
const SLIDE_MS = 180;
const WHEEL_REST_MS = 150;

export class Stage {
  width = $state(0);
  height = $state(0);
  zoom: zooming.Zoom = $state.raw(zooming.WHOLE);
  /** How far the picture is swiped to the side, and pulled down. */
  shift = $state(0);
  pull = $state(0);
  /** A finger or the wheel leads: no transitions. */
  isMoving = $state(false);

  #wheelTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: StageHost) {}

  get room(): zooming.Size {
    return { width: this.width, height: this.height };
  }

  get fitted(): zooming.Size {
    return zooming.fitSize(this.host.picture(), this.room);
  }

  get isZoomed(): boolean {
    return this.zoom.scale > 1.01;
  }

  /** 1 where nothing is pulled, towards 0 as the picture is pulled out. */
  get veil(): number {
    return this.pull > 0 ? 1 - Math.min(0.7, this.pull / this.height) : 1;
  }

  reset(): void {
    this.zoom = zooming.WHOLE;
    this.shift = 0;
    this.pull = 0;
  }

  toggleZoom(point: zooming.Point = { x: 0, y: 0 }): void {
    if (!this.host.isZoomable()) return;
    const picture = this.host.picture();
    const scale = zooming.toggleScale(this.zoom, picture, this.fitted, devicePixelRatio);
    this.#set(scale === 1 ? zooming.WHOLE : zooming.zoomAt(this.zoom, point, scale));
  }

  /** What the gestures on the stage do. */
  handlers(): GestureHandlers {
    return {
      isZoomed: () => this.isZoomed,
      pan: (dx, dy) => {
        this.isMoving = true;
        this.#moveBy(dx, dy);
      },
      pinch: (point, factor, dx, dy) => {
        this.isMoving = true;
        this.#zoomBy(point, factor);
        this.#moveBy(dx, dy);
      },
      rest: () => (this.isMoving = false),
      swipe: (dx) => {
        this.isMoving = true;
        this.shift = dx;
      },
      swipeEnd: (dx, speed) => this.#endSwipe(dx, speed),
      pull: (dy) => {
        this.isMoving = true;
        this.pull = Math.max(0, dy);
      },
      pullEnd: (dy, speed) => {
        this.pull = 0;
        if (dy > this.height / 5 || (speed > 0.5 && dy > 32)) this.host.close();
        else if (-dy > this.height / 5 || (speed < -0.5 && dy < -32)) this.host.showInfo();
      },
      tap: (pointerType) => {
        if (pointerType !== 'mouse') this.host.tap();
      },
      doubleTap: (point) => this.toggleZoom(point),
      wheel: (point, delta) => this.#wheel(point, delta),
    };
  }

  #set(zoom: zooming.Zoom): void {
    const largest = zooming.largestScale(this.host.picture(), this.fitted, devicePixelRatio);
    this.zoom = zooming.clampZoom(zoom, this.fitted, this.room, largest);
  }

  #moveBy(dx: number, dy: number): void {
    this.#set({ ...this.zoom, x: this.zoom.x + dx, y: this.zoom.y + dy });
  }

  #zoomBy(point: zooming.Point, factor: number): void {
    if (!this.host.isZoomable()) return;
    const largest = zooming.largestScale(this.host.picture(), this.fitted, devicePixelRatio);
    const scale = Math.min(largest, Math.max(1, this.zoom.scale * factor));
    this.#set(zooming.zoomAt(this.zoom, point, scale));
  }

  #wheel(point: zooming.Point, delta: number): void {
    this.isMoving = true;
    clearTimeout(this.#wheelTimer);
    this.#wheelTimer = setTimeout(() => (this.isMoving = false), WHEEL_REST_MS);
    this.#zoomBy(point, Math.exp(-delta / 400));
  }

  #endSwipe(dx: number, speed: number): void {
    const isMeant =
      Math.abs(dx) > this.width / 3 || (Math.abs(speed) > 0.4 && Math.abs(dx) > GAP_PX);
    const step = dx < 0 === (document.documentElement.dir !== 'rtl') ? 1 : -1;
    if (!isMeant || !this.host.hasNeighbour(step)) {
      this.shift = 0;
      return;
    }
    this.shift = Math.sign(dx) * (this.width + GAP_PX);
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    setTimeout(() => this.host.go(step), isStill ? 0 : SLIDE_MS);
  }
}
