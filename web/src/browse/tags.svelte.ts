/** Children of tags, fetched when they are first looked at and anew when the library changes. */

import { fetchTags, type Tag } from '../api/browse';
import { isAborted } from '../api/client';
import { live } from '../shell/live.svelte';

export class TagChildren {
  list: readonly Tag[] | null = $state.raw(null);
  error: unknown = $state.raw(null);
  #abort = new AbortController();

  /** `null` is the top of the tree. */
  constructor(readonly parent: string | null) {}

  async load(): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    try {
      this.list = await fetchTags(this.parent, this.#abort.signal);
      this.error = null;
    } catch (error) {
      if (!isAborted(error)) this.error = error;
    }
  }

  /** Keeps the list true while it is shown. Returns the function that ends that. */
  follow(): () => void {
    void this.load();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(() => void this.load(), 1_000);
    };
    const end = live.subscribe({ library: soon, refresh: soon });
    return () => {
      clearTimeout(timer);
      this.#abort.abort();
      end();
    };
  }
}
