/** What fingers, and a wheel with Ctrl, do in a grid. A chunk of its own: nobody pinches before there is a picture. */

import { dragChooser } from '../select/choose';
import { listenForDrag, type CarrierAt } from '../select/touch';
import { density } from './density.svelte';
import type { GridModel } from './model.svelte';
import { listenForSpread } from './spread';

export interface FingerHost {
  readonly element: HTMLElement;
  readonly model: GridModel;
  /** The space before the first column. */
  inset(): number;
  carrierAt: CarrierAt;
}

/** Returns the function that removes the listeners. */
export function listenForFingers(host: FingerHost): () => void {
  const { element } = host;
  const choosing = dragChooser(host.model, element, () => host.inset());
  const ends = [
    listenForDrag(element, (x, y) => host.carrierAt(x, y) ?? choosing),
    listenForSpread(element, (steps) => density.change(steps)),
  ];
  return () => {
    for (const end of ends) end();
  };
}
