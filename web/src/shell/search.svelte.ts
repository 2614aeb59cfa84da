/** The search box's text and the address, kept in step: the query is the URL. */

import { router } from './router.svelte';

const TYPING_MS = 350;

class Search {
  /** What stands in the box. */
  text = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The current history entry came from typing that goes on: the next letter replaces it. */
  #isDraft = false;

  /** The address changed: by going back, by a link. */
  take(q: string): void {
    if (q !== this.text.trim()) this.text = q;
  }

  typed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#go(), TYPING_MS);
  }

  /** Enter, or the box was left: what is typed from now on is another search. */
  settle(): void {
    clearTimeout(this.#timer);
    this.#go();
    this.#isDraft = false;
  }

  clear(): void {
    this.text = '';
    this.settle();
  }

  #go(): void {
    const { route } = router;
    const q = this.text.trim();
    const current = route.page === 'photos' ? route.q : '';
    if (q === current) return;
    router.go({ page: 'photos', id: null, q }, this.#isDraft ? 'replace' : 'push');
    this.#isDraft = true;
  }
}

export const search = new Search();
