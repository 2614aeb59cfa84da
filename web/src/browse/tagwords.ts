/** Names and icons of tags: what the app names in the person's language, and where their pages are. */

import type { Tag } from '../api/browse';
import { formatMonth, formatNumber } from '../shell/dates';
import { t, type Key } from '../shell/i18n.svelte';
import type { IconName } from '../shell/Icon.svelte';
import { formatRoute } from '../shell/routes';

const ROOTS: Record<string, Key> = {
  when: 'tag.when',
  where: 'tag.where',
  camera: 'tag.camera',
  lens: 'tag.lens',
  type: 'tag.type',
  keyword: 'tag.keywords',
  person: 'tag.people',
  folder: 'nav.folders',
};

const ICONS: Record<string, IconName> = {
  when: 'calendar',
  folder: 'folder',
};

export function tagIcon(kind: string): IconName {
  return ICONS[kind] ?? 'tag';
}

/** The roots and the months are words of the app; everything else is a name. */
export function tagName(tag: Pick<Tag, 'kind' | 'name' | 'path'>): string {
  const root = tag.path.length <= 1 ? ROOTS[tag.kind] : undefined;
  if (root) return t(root);
  const [, year, month] = tag.path;
  if (tag.kind === 'when' && tag.path.length === 3 && /^\d{2}$/.test(month ?? '')) {
    return formatMonth(`${year!.padStart(4, '0')}-${month}-01`);
  }
  return tag.name;
}

export function tagHref(tag: Pick<Tag, 'id' | 'kind'>): string {
  return formatRoute({ page: tag.kind === 'folder' ? 'folder' : 'tag', key: tag.id });
}

export function tagCount(count: number): string {
  return t('count.photos', { count, number: formatNumber(count) });
}

/** The order in which the tags inside one are shown: years from the newest, the rest as the server has them. */
export function inOrder(parent: Pick<Tag, 'kind' | 'path'>, tags: readonly Tag[]): readonly Tag[] {
  const areYears = parent.kind === 'when' && parent.path.length <= 1;
  return areYears ? [...tags].reverse() : tags;
}
