/** Examples of what a search can say, as help shows them. SPEC 7.5 lists the filters. */

import type { Key } from './i18n.svelte';

export type Example = readonly [query: string, meaning: Key];

export const BASICS: readonly Example[] = [
  ['beach', 'search.hint.word'],
  ['"new york"', 'search.hint.phrase'],
  ['beach -dog', 'search.hint.not'],
  ['type:video', 'search.hint.type'],
  ['year:2019|2020', 'search.hint.year'],
];

export const EXAMPLES: readonly Example[] = [
  ['beach', 'search.hint.word'],
  ['"new york"', 'search.hint.phrase'],
  ['beach -dog', 'search.hint.not'],
  ['cat | dog', 'search.hint.or'],
  ['sun*', 'search.hint.star'],
  ['year:2019|2020', 'search.hint.year'],
  ['taken:2024-05', 'search.hint.taken'],
  ['after:2020-01-01 before:2020-07-01', 'search.hint.between'],
  ['country:DE', 'search.hint.country'],
  ['city:Berlin', 'search.hint.city'],
  ['person:Ana', 'search.hint.person'],
  ['camera:canon', 'search.hint.camera'],
  ['lens:50mm', 'search.hint.lens'],
  ['iso:200-400', 'search.hint.iso'],
  ['f:1.4-2.8', 'search.hint.f'],
  ['mm:70-200', 'search.hint.mm'],
  ['mp:12-', 'search.hint.mp'],
  ['type:video', 'search.hint.type'],
  ['type:raw|live', 'search.hint.kind'],
  ['favorite:yes', 'search.hint.favourite'],
  ['rating:4-5', 'search.hint.rating'],
  ['album:holiday', 'search.hint.album'],
  ['path:2019/summer', 'search.hint.path'],
  ['filename:IMG_*', 'search.hint.filename'],
  ['ext:heic', 'search.hint.ext'],
  ['portrait', 'search.hint.portrait'],
  ['panorama', 'search.hint.panorama'],
  ['in:hidden', 'search.hint.in'],
];
