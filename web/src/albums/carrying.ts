/**
 * Carrying things of a page to another place, by mouse, pen or finger: a small picture goes with the pointer, a
 * line shows the gap where it would be put, a frame what it would be put into.
 */

import type { DragHandler } from '../select/touch';
import './carrying.css';

/** A gap before this ordinal (the number of things: after the last), or the thing to put it into. */
export type Drop = { gap: number } | { into: number };

export interface CarryHost {
  /** The thing at a point; null if there is none. */
  cellAt(x: number, y: number): { cell: HTMLElement; ordinal: number } | null;
  /** How many things go with this one; 0 if it has to stay. */
  lift(ordinal: number): number;
  canEnter?(ordinal: number, into: number): boolean;
  drop(ordinal: number, to: Drop): void;
  /** It was let go where it was taken up. */
  stay?(ordinal: number): void;
  scrollBy(pixels: number): void;
}

/** Nearer than this to where it was taken up is not carried. */
const SLACK_PX = 8;
/** The middle part of a thing that means: put it in here. */
const INSIDE = 0.44;

function make(parent: HTMLElement, name: string): HTMLElement {
  const element = document.createElement('div');
  element.className = name;
  parent.append(element);
  return element;
}

/** One thing at a time; the marks are put into `element`, whose styles they take. */
export class Carrying implements DragHandler {
  #ordinal: number | null = null;
  #from = { x: 0, y: 0 };
  #picture: HTMLElement | null = null;
  #mark: HTMLElement | null = null;
  #drop: Drop | null = null;
  #hasMoved = false;

  constructor(
    private readonly element: HTMLElement,
    private readonly host: CarryHost,
  ) {}

  begin(x: number, y: number): boolean {
    const found = this.host.cellAt(x, y);
    const count = found ? this.host.lift(found.ordinal) : 0;
    if (!found || count === 0) return false;
    this.#clear();
    this.#ordinal = found.ordinal;
    this.#from = { x, y };
    this.element.classList.add('carrying');
    this.#picture = make(document.body, 'carried');
    const source = found.cell.querySelector('img')?.src;
    if (source) this.#picture.style.backgroundImage = `url("${source}")`;
    if (count > 1) this.#picture.textContent = String(count);
    this.move(x, y);
    return true;
  }

  move(x: number, y: number): void {
    if (this.#ordinal === null || !this.#picture) return;
    this.#picture.style.translate = `${x}px ${y}px`;
    this.#hasMoved ||= Math.hypot(x - this.#from.x, y - this.#from.y) > SLACK_PX;
    if (this.#hasMoved) this.#show(this.#ordinal, x, y);
  }

  scrollBy(pixels: number): void {
    if (this.#hasMoved) this.host.scrollBy(pixels);
  }

  end(): void {
    const ordinal = this.#ordinal;
    const drop = this.#drop;
    const hasMoved = this.#hasMoved;
    this.#clear();
    if (ordinal === null) return;
    if (drop !== null) this.host.drop(ordinal, drop);
    else if (!hasMoved) this.host.stay?.(ordinal);
  }

  cancel(): void {
    this.#clear();
  }

  #clear(): void {
    this.#picture?.remove();
    this.#mark?.remove();
    this.#picture = this.#mark = this.#drop = this.#ordinal = null;
    this.#hasMoved = false;
    this.element.classList.remove('carrying');
  }

  /** Draws what letting go here would do. Between two things the last answer holds. */
  #show(ordinal: number, x: number, y: number): void {
    const found = this.host.cellAt(x, y);
    if (!found) return;
    this.#mark ??= make(document.body, 'drop-mark');
    const { style } = this.#mark;
    const box = found.cell.getBoundingClientRect();
    const share = (x - box.left) / box.width;
    const isInside =
      Math.abs(share - 0.5) < INSIDE / 2 && (this.host.canEnter?.(ordinal, found.ordinal) ?? false);
    const isRight = share > 0.5;
    this.#mark.classList.toggle('inside', isInside);
    style.left = `${isInside ? box.left : (isRight ? box.right : box.left) - 2}px`;
    style.top = `${box.top}px`;
    style.width = isInside ? `${box.width}px` : '4px';
    style.height = `${box.height}px`;
    const isAfter = isRight !== (document.documentElement.dir === 'rtl');
    this.#drop = isInside ? { into: found.ordinal } : { gap: found.ordinal + (isAfter ? 1 : 0) };
  }
}
