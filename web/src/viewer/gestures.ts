/**
 * Pointers → gestures: pinch, pan, swipe sideways, pull down, tap, double tap, wheel.
 *
 * What a drag means is decided once, after some pixels: with a zoomed picture it pans, else its direction
 * decides. Points are given from the middle of the element.
 */

import type { Point } from './zoom';

export interface GestureHandlers {
  isZoomed(): boolean;
  pan(dx: number, dy: number): void;
  /** `factor` multiplies the scale, about the point; the fingers moved by (dx, dy) meanwhile. */
  pinch(point: Point, factor: number, dx: number, dy: number): void;
  /** No finger and no button is down any more. */
  rest(): void;
  /** While swiping sideways: the distance so far. */
  swipe(dx: number): void;
  /** `speed` in pixels per millisecond, signed like the distance. */
  swipeEnd(dx: number, speed: number): void;
  pull(dy: number): void;
  pullEnd(dy: number, speed: number): void;
  tap(pointerType: string): void;
  doubleTap(point: Point): void;
  wheel(point: Point, delta: number): void;
}

type Mode = 'undecided' | 'pan' | 'swipe' | 'pull' | 'pinch';

const SLACK_PX = 8;
const DOUBLE_TAP_MS = 280;
const DOUBLE_TAP_PX = 32;

interface Tracked extends Point {
  startX: number;
  startY: number;
  at: number;
}

/** Returns the function that removes the listeners. */
export function listenForGestures(element: HTMLElement, handlers: GestureHandlers): () => void {
  const pointers = new Map<number, Tracked>();
  let mode: Mode = 'undecided';
  let velocity: Point = { x: 0, y: 0 };
  let lastTap: { at: number; point: Point } | null = null;
  let tapTimer: ReturnType<typeof setTimeout> | undefined;

  const fromMiddle = (x: number, y: number): Point => {
    const box = element.getBoundingClientRect();
    return { x: x - box.left - box.width / 2, y: y - box.top - box.height / 2 };
  };

  const down = (event: PointerEvent) => {
    if (event.button !== 0 || isControl(event)) return;
    if (pointers.size === 2) return;
    const { clientX: x, clientY: y } = event;
    pointers.set(event.pointerId, { x, y, startX: x, startY: y, at: event.timeStamp });
    velocity = { x: 0, y: 0 };
    if (pointers.size === 2) {
      settleSwipe();
      mode = 'pinch';
    } else mode = 'undecided';
  };

  const move = (event: PointerEvent) => {
    const pointer = pointers.get(event.pointerId);
    if (!pointer) return;
    const before = { ...pointer };
    const elapsed = Math.max(1, event.timeStamp - pointer.at);
    pointer.x = event.clientX;
    pointer.y = event.clientY;
    pointer.at = event.timeStamp;
    const dx = pointer.x - before.x;
    const dy = pointer.y - before.y;
    if (mode === 'pinch') {
      pinchBy(event.pointerId, before);
      return;
    }
    velocity = {
      x: 0.6 * (dx / elapsed) + 0.4 * velocity.x,
      y: 0.6 * (dy / elapsed) + 0.4 * velocity.y,
    };
    const totalX = pointer.x - pointer.startX;
    const totalY = pointer.y - pointer.startY;
    if (mode === 'undecided') {
      if (Math.hypot(totalX, totalY) < SLACK_PX) return;
      mode = decide(totalX, totalY, event.pointerType);
      element.setPointerCapture(event.pointerId);
    }
    if (mode === 'pan') handlers.pan(dx, dy);
    else if (mode === 'swipe') handlers.swipe(totalX);
    else if (mode === 'pull') handlers.pull(totalY);
  };

  const decide = (dx: number, dy: number, pointerType: string): Mode => {
    if (handlers.isZoomed() || pointerType === 'mouse') return 'pan';
    return Math.abs(dx) >= Math.abs(dy) ? 'swipe' : 'pull';
  };

  const pinchBy = (movedId: number, before: Point) => {
    const other = [...pointers].find(([id]) => id !== movedId)?.[1];
    const moved = pointers.get(movedId);
    if (!other || !moved) return;
    const apart = Math.hypot(before.x - other.x, before.y - other.y);
    if (apart === 0) return;
    const factor = Math.hypot(moved.x - other.x, moved.y - other.y) / apart;
    const middle = fromMiddle((before.x + other.x) / 2, (before.y + other.y) / 2);
    handlers.pinch(middle, factor, (moved.x - before.x) / 2, (moved.y - before.y) / 2);
  };

  /** A second finger ends a swipe that had begun. */
  const settleSwipe = () => {
    if (mode === 'swipe') handlers.swipeEnd(0, 0);
    if (mode === 'pull') handlers.pullEnd(0, 0);
  };

  const up = (event: PointerEvent) => {
    const pointer = pointers.get(event.pointerId);
    if (!pointer) return;
    pointers.delete(event.pointerId);
    const dx = pointer.x - pointer.startX;
    const dy = pointer.y - pointer.startY;
    const isCancelled = event.type === 'pointercancel';
    if (pointers.size === 0) handlers.rest();
    if (mode === 'pinch') {
      // The finger that is left goes on by panning.
      mode = 'pan';
    } else if (mode === 'swipe')
      handlers.swipeEnd(isCancelled ? 0 : dx, isCancelled ? 0 : velocity.x);
    else if (mode === 'pull') handlers.pullEnd(isCancelled ? 0 : dy, isCancelled ? 0 : velocity.y);
    else if (mode === 'undecided' && !isCancelled) tapped(event);
  };

  const tapped = (event: PointerEvent) => {
    const point = fromMiddle(event.clientX, event.clientY);
    const isSecond =
      lastTap !== null &&
      event.timeStamp - lastTap.at < DOUBLE_TAP_MS &&
      Math.hypot(point.x - lastTap.point.x, point.y - lastTap.point.y) < DOUBLE_TAP_PX;
    clearTimeout(tapTimer);
    if (isSecond) {
      lastTap = null;
      handlers.doubleTap(point);
      return;
    }
    lastTap = { at: event.timeStamp, point };
    tapTimer = setTimeout(() => handlers.tap(event.pointerType), DOUBLE_TAP_MS);
  };

  const wheel = (event: WheelEvent) => {
    if (isControl(event)) return;
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    handlers.wheel(fromMiddle(event.clientX, event.clientY), pixels);
  };

  element.addEventListener('pointerdown', down);
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', up);
  element.addEventListener('pointercancel', up);
  element.addEventListener('wheel', wheel, { passive: false });
  return () => {
    clearTimeout(tapTimer);
    element.removeEventListener('pointerdown', down);
    element.removeEventListener('pointermove', move);
    element.removeEventListener('pointerup', up);
    element.removeEventListener('pointercancel', up);
    element.removeEventListener('wheel', wheel);
  };
}

const VIDEO_CONTROLS_PX = 90;

/** Buttons, and the controls at the foot of a video, keep their own pointers. */
function isControl(event: MouseEvent): boolean {
  const target = event.target as Element;
  if (target.closest('button, a, input')) return true;
  if (!(target instanceof HTMLVideoElement)) return false;
  const isTouch = event instanceof PointerEvent && event.pointerType !== 'mouse';
  return !isTouch || event.clientY > target.getBoundingClientRect().bottom - VIDEO_CONTROLS_PX;
}
