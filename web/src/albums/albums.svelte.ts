/** The list of albums, kept while pages that show it come and go, and fetched anew when something changed. */

import { fetchAlbums, type Album } from '../api/browse';
import { live } from '../shell/live.svelte';

class Albums {
  list: readonly Album[] | null = $state.raw(null);
  error: unknown = $state.raw(null);
  #isLoading = false;
  #isStale = false;

  /** Fetches the list; a second wish meanwhile is one more fetch afterwards. */
  async load(): Promise<void> {
    this.#isStale = true;
    if (this.#isLoading) return;
    this.#isLoading = true;
    while (this.#isStale) {
      this.#isStale = false;
      try {
        this.list = await fetchAlbums();
        this.error = null;
      } catch (error) {
        this.error = error;
      }
    }
    this.#isLoading = false;
  }

  /** Keeps the list true while a page shows it. Returns the function that ends that. */
  follow(): () => void {
    void this.load();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(() => void this.load(), 300);
    };
    const end = live.subscribe({ library: soon, refresh: soon });
    return () => {
      clearTimeout(timer);
      end();
    };
  }
}

export const albums = new Albums();
