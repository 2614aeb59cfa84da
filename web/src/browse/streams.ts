/** What a stream is called. */

import type { Stream } from '../api/acts';
import { formatLongDay } from '../shell/dates';
import { t, type Key } from '../shell/i18n.svelte';
import { formatRoute } from '../shell/routes';

/** Streams that the app names in the person's language; the others bring the name of their tag. */
const NAMES: Record<string, Key> = {
  onthisday: 'stream.onthisday',
  recent: 'stream.recent',
  favourites: 'nav.favourites',
  random: 'stream.random',
};

export function streamTitle(stream: Pick<Stream, 'kind' | 'title'>): string {
  const name = NAMES[stream.kind];
  if (name) return t(name);
  return stream.kind === 'day' ? formatLongDay(stream.title) : stream.title;
}

/** The page of all of a stream, or a photo in the viewer over it: not only among the samples. */
export function streamHref(stream: Pick<Stream, 'kind' | 'query'>, id: string | null): string {
  if (stream.kind === 'recent') return formatRoute({ page: 'recent', id });
  return formatRoute({ page: 'photos', q: stream.query, id });
}
