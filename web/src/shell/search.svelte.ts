/** The search box: its text, what is suggested for it, and the address. The query is the URL. */

import { fetchAlbums, fetchSuggestions, type Suggestion, type Suggestions } from '../api/browse';
import { isAborted } from '../api/client';
import { t } from './i18n.svelte';
import { meantBy } from './meant';
import { forgetSearches, recentSearches } from './recent';
import { router } from './router.svelte';

const TYPING_MS = 350;
const SUGGEST_MS = 120;
/** More are among the albums. */
const MOST_SAVED = 8;

/** What the list offers to do, below what it suggests. */
const act = (kind: 'help' | 'forget', text: string): Suggestion => ({
  text,
  query: '',
  kind,
  count: null,
});

class Search {
  /** What stands in the box. */
  text = $state('');
  suggestions: readonly Suggestion[] = $state.raw([]);
  /** What is wrong with the text, and where in it. */
  problem: Suggestions['problem'] = $state.raw(null);
  /** The suggestion that the arrow keys stand on; -1 for none. */
  active = $state(-1);
  isOpen = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #suggestTimer: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();
  /** The last question to the server, answered or not. */
  #asked: Promise<void> = Promise.resolve();
  /** Searches that were saved as albums, as they were last known. */
  #saved: readonly Suggestion[] | undefined;
  /** The current history entry came from typing that goes on: the next letter replaces it. */
  #isDraft = false;

  /** The address changed: by going back, by a link. */
  take(q: string): void {
    if (q !== this.text.trim()) this.text = q;
  }

  typed(cursor: number): void {
    clearTimeout(this.#timer);
    this.suggest(cursor);
    const typed = this.text;
    this.#timer = setTimeout(() => {
      // What is not finished is not looked for; Enter does it all the same, and says why not.
      void this.#asked.then(() => {
        if (this.text === typed && this.isOpen && this.problem === null) this.#go();
      });
    }, TYPING_MS);
  }

  /** Asks what could stand at the cursor. */
  suggest(cursor: number): void {
    clearTimeout(this.#suggestTimer);
    this.isOpen = true;
    this.active = -1;
    if (this.text.trim() === '') {
      void this.#offer();
      return;
    }
    this.#suggestTimer = setTimeout(() => (this.#asked = this.#ask(cursor)), SUGGEST_MS);
  }

  /** One further up or down; past the ends is none. */
  move(step: 1 | -1): void {
    const { length } = this.suggestions;
    if (!this.isOpen || length === 0) return;
    const next = this.active + step;
    this.active = next < -1 ? length - 1 : next >= length ? -1 : next;
  }

  /** Forgets what was looked for in this browser. */
  forget(): void {
    forgetSearches();
    void this.#offer();
  }

  /** Puts a suggestion into the box. True if it is a whole query, false if a value has to follow. */
  accept(suggestion: Suggestion): boolean {
    // The name of a filter waits for its value.
    const isOpen = suggestion.query.endsWith(':');
    this.text = isOpen ? suggestion.query : suggestion.query.trim();
    if (isOpen) {
      this.suggest(Array.from(this.text).length);
      return false;
    }
    this.settle();
    return true;
  }

  /** Enter, or the box was left: what is typed from now on is another search. */
  settle(): void {
    clearTimeout(this.#timer);
    this.close();
    this.#go();
    this.#isDraft = false;
  }

  clear(): void {
    this.text = '';
    this.settle();
  }

  close(): void {
    clearTimeout(this.#suggestTimer);
    this.#abort.abort();
    this.isOpen = false;
    this.active = -1;
  }

  /** In an empty box: what was looked for last, and the searches that were saved as albums. */
  async #offer(): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    const recent = recentSearches();
    const forget = recent.length > 0 ? [act('forget', t('search.forget'))] : [];
    const offer = () =>
      this.#show({ suggestions: [...recent, ...(this.#saved ?? []), ...forget], problem: null });
    // The list waits for them the first time: nothing moves under the finger that chooses.
    if (this.#saved) offer();
    try {
      const albums = await fetchAlbums(this.#abort.signal);
      const saved = albums.flatMap(({ name, query, count }) =>
        query === null ? [] : [{ text: name, query, kind: 'saved', count }],
      );
      this.#saved = saved.slice(0, MOST_SAVED);
      offer();
    } catch (error) {
      // Without the saved ones there still are the recent ones.
      if (!isAborted(error)) offer();
    }
  }

  async #ask(cursor: number): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    try {
      this.#show(await fetchSuggestions(this.text, cursor, this.#abort.signal));
    } catch (error) {
      // Without suggestions the search still works.
      if (!isAborted(error)) this.#show({ suggestions: [], problem: null });
    }
  }

  #show({ suggestions, problem }: Suggestions): void {
    // An answer that comes late leaves the arrow keys where they are.
    const { query } = this.suggestions[this.active] ?? {};
    const fixed = problem && meantBy(this.text, problem);
    const meant = fixed ? [{ text: fixed, query: fixed, kind: 'meant', count: null }] : [];
    this.suggestions = [...meant, ...suggestions, act('help', t('search.help'))];
    this.problem = problem;
    this.active = query ? this.suggestions.findIndex((one) => one.query === query) : -1;
  }

  #go(): void {
    const { route } = router;
    const q = this.text.trim();
    const current = route.page === 'photos' ? route.q : '';
    if (q === current) return;
    router.go({ page: 'photos', q }, this.#isDraft ? 'replace' : 'push');
    this.#isDraft = true;
  }
}

export const search = new Search();
