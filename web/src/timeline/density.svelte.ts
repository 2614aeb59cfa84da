/** How high the grid's rows are: one choice for every grid of this device, kept over visits. */

const KEY = 'photostore.density';

/** Steps away from the usual height; each is a fifth. */
export const SMALLEST = -4;
export const LARGEST = 4;
const STEP = 1.2;

export function factorOf(level: number): number {
  return STEP ** level;
}

function clamp(level: number): number {
  return Number.isFinite(level) ? Math.min(LARGEST, Math.max(SMALLEST, Math.round(level))) : 0;
}

class Density {
  level = $state(0);

  constructor() {
    try {
      this.level = clamp(Number(localStorage.getItem(KEY) ?? 0));
    } catch {
      // Storage may be blocked: the usual height will do.
    }
  }

  /** Rows higher (positive) or lower by so many steps. */
  change(steps: number): void {
    this.set(this.level + steps);
  }

  set(level: number): void {
    this.level = clamp(level);
    try {
      localStorage.setItem(KEY, String(this.level));
    } catch {
      // The choice then lasts as long as the page.
    }
  }
}

export const density = new Density();
