/** Where one can go: the entries of the side bar, the phone's bar and its sheet. */

import type { Key } from './i18n.svelte';
import type { IconName } from './Icon.svelte';
import type { PageName } from './routes';

export interface Section {
  readonly page: PageName;
  readonly icon: IconName;
  readonly label: Key;
  /** Pages that count as part of it. */
  readonly also?: readonly PageName[];
}

/** In groups, as they are drawn. */
export const SECTIONS: readonly (readonly Section[])[] = [
  [
    { page: 'home', icon: 'home', label: 'nav.home' },
    { page: 'photos', icon: 'photos', label: 'nav.photos' },
  ],
  [
    { page: 'albums', icon: 'albums', label: 'nav.albums', also: ['album'] },
    { page: 'tags', icon: 'tag', label: 'nav.tags', also: ['tag'] },
    { page: 'folders', icon: 'folder', label: 'nav.folders', also: ['folder'] },
  ],
  [
    { page: 'favourites', icon: 'heart', label: 'nav.favourites' },
    { page: 'recent', icon: 'clock', label: 'nav.recent' },
    { page: 'onthisday', icon: 'calendar', label: 'nav.onthisday' },
  ],
  [
    { page: 'hidden', icon: 'hidden', label: 'nav.hidden' },
    { page: 'trash', icon: 'trash', label: 'nav.trash' },
  ],
  [
    { page: 'sync', icon: 'sync', label: 'nav.import', also: ['report'] },
    { page: 'journal', icon: 'history', label: 'nav.journal' },
    { page: 'settings', icon: 'settings', label: 'nav.settings' },
  ],
];

const IN_BAR: readonly PageName[] = ['home', 'photos', 'albums', 'tags'];

const all = SECTIONS.flat();
/** What a thumb reaches at once. */
export const BAR = all.filter((section) => IN_BAR.includes(section.page));
export const SHEET = all.filter((section) => !IN_BAR.includes(section.page));

export function isIn(section: Section, page: PageName): boolean {
  return section.page === page || (section.also?.includes(page) ?? false);
}
