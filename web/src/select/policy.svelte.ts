/** Whether deleting means the trash here, or is for good at once (the setting try_soft_deletes). */

import { fetchTrash } from '../api/acts';

class Policy {
  isForGood = $state(false);
  #asked: Promise<void> | null = null;

  /** Asks the server once; what cannot be asked now is asked again the next time. */
  load(): Promise<void> {
    this.#asked ??= fetchTrash().then(
      (trash) => {
        this.isForGood = !trash.soft_deletes;
      },
      () => {
        // The trash is what it then stays: the server refuses whatever is not meant.
        this.#asked = null;
      },
    );
    return this.#asked;
  }
}

export const policy = new Policy();
