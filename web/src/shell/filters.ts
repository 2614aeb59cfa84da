/** Examples of what a search can say. All filters, with what they are for, are listed by the server. */

import type { Key } from './i18n.svelte';

export type Example = readonly [query: string, meaning: Key];

export const BASICS: readonly Example[] = [
  ['beach', 'search.hint.word'],
  ['"new york"', 'search.hint.phrase'],
  ['beach -dog', 'search.hint.not'],
  ['type:video', 'search.hint.type'],
  ['year:2019|2020', 'search.hint.year'],
];

export const MORE: readonly Example[] = [
  ['cat | dog', 'search.hint.or'],
  ['sun*', 'search.hint.star'],
];
