/** What a stream is called. */

import type { Stream } from '../api/acts';
import { t, type Key } from '../shell/i18n.svelte';

/** Streams that the app names in the person's language; the others bring the name of their tag. */
const NAMES: Record<string, Key> = {
  onthisday: 'stream.onthisday',
  recent: 'stream.recent',
  favourites: 'nav.favourites',
};

export function streamTitle(stream: Pick<Stream, 'kind' | 'title'>): string {
  const name = NAMES[stream.kind];
  return name ? t(name) : stream.title;
}
