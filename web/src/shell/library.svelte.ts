/** How large the library is: a small one needs no home page, its photos are all on one screen. */

import { fetchStats } from '../api/client';

/** About a screenful. */
const SMALL = 60;

class LibrarySize {
  /** Null while nobody knows. */
  isSmall: boolean | null = $state(null);

  /** Asks the server; a home page that is shown stays what it is unless there is another answer. */
  async ask(): Promise<void> {
    try {
      this.isSmall = (await fetchStats()).assets <= SMALL;
    } catch {
      // The page of photos says what is wrong and tries again.
      this.isSmall ??= true;
    }
  }
}

export const librarySize = new LibrarySize();
