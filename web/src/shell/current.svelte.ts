/** The grid that is on screen: the header shows its selection, whichever page it is part of. */

import type { GridModel } from '../timeline/model.svelte';

class Current {
  model: GridModel | null = $state.raw(null);

  /** Returns the function that takes it away again. */
  show(model: GridModel): () => void {
    this.model = model;
    return () => {
      if (this.model === model) this.model = null;
    };
  }
}

export const current = new Current();
