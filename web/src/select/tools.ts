/** What can be done with chosen photos, by where they lie: the same list for the bar and the viewer's menu. */

import type { Key } from '../shell/i18n.svelte';
import type { IconName } from '../shell/Icon.svelte';
import { albumOf, realmOf, type Target } from './target';

export interface Tool {
  label: Key;
  icon: IconName;
  /** Shown in the menu instead of the bar where there is little room. */
  isRare: boolean;
  isDangerous?: boolean;
  /** Of no use for one photo. */
  needsMany?: boolean;
  /** The photo is not in its view any more afterwards. */
  leaves?: boolean;
  run(target: Target): Promise<unknown>;
}

const edits = () => import('../acts/edits');
const removal = () => import('../acts/removal');

const DOWNLOAD: Tool = {
  label: 'act.toDownload',
  icon: 'download',
  isRare: true,
  run: async (target) => (await removal()).download(target),
};

const TRASH: Tool = {
  label: 'act.toTrash',
  icon: 'trash',
  isRare: false,
  isDangerous: true,
  leaves: true,
  run: async (target) => (await removal()).trash(target),
};

const RESTORE: Tool = {
  label: 'act.toRestore',
  icon: 'history',
  isRare: false,
  leaves: true,
  run: async (target) => (await removal()).restore(target),
};

const FOR_GOOD: Tool = {
  label: 'act.toDelete',
  icon: 'forGood',
  isRare: false,
  isDangerous: true,
  leaves: true,
  run: async (target) => (await removal()).deleteForGood(target),
};

const UNREMOVE: Tool = {
  label: 'act.toUnremove',
  icon: 'history',
  isRare: false,
  leaves: true,
  run: async (target) => (await removal()).unremove(target),
};

const HIDE: Tool = {
  label: 'act.toHide',
  icon: 'hidden',
  isRare: true,
  leaves: true,
  run: async (target) => (await edits()).hide(target, true),
};

const UNHIDE: Tool = {
  label: 'act.toUnhide',
  icon: 'visible',
  isRare: false,
  leaves: true,
  run: async (target) => (await edits()).hide(target, false),
};

const REMOVE: Tool = {
  label: 'act.toRemove',
  icon: 'remove',
  isRare: true,
  leaves: true,
  run: async (target) => (await removal()).remove(target),
};

const EDITS: readonly Tool[] = [
  {
    label: 'act.toAlbum',
    icon: 'plus',
    isRare: false,
    run: async (target) => (await edits()).addToAlbum(target),
  },
  {
    label: 'act.toDate',
    icon: 'calendar',
    isRare: true,
    run: async (target) => (await edits()).changeDate(target),
  },
  {
    label: 'act.toKeywords',
    icon: 'tag',
    isRare: true,
    run: async (target) => (await edits()).changeKeywords(target),
  },
  {
    label: 'act.toRotateLeft',
    icon: 'rotateLeft',
    isRare: true,
    run: async (target) => (await edits()).rotate(target, 270),
  },
  {
    label: 'act.toRotateRight',
    icon: 'rotateRight',
    isRare: true,
    run: async (target) => (await edits()).rotate(target, 90),
  },
];

const MERGE: Tool = {
  label: 'act.toMerge',
  icon: 'merge',
  isRare: true,
  needsMany: true,
  leaves: true,
  run: async (target) => (await edits()).merge(target),
};

function unalbum(album: string): Tool {
  return {
    label: 'act.toUnalbum',
    icon: 'remove',
    isRare: true,
    leaves: true,
    run: async (target) => (await edits()).removeFromAlbum(target, album),
  };
}

/**
 * In the order of the bar, the most used first; the most dangerous is last. `isForGood`: there is to be no
 * trash, so that deleting says what it does.
 */
export function toolsFor(q: string, isForGood = false): readonly Tool[] {
  const away = isForGood ? FOR_GOOD : TRASH;
  switch (realmOf(q)) {
    case 'trash':
      return [RESTORE, DOWNLOAD, FOR_GOOD];
    case 'removed':
      return [UNREMOVE];
    case 'missing':
      return [...EDITS, REMOVE];
    case 'hidden':
      return [UNHIDE, ...EDITS, DOWNLOAD, REMOVE, away];
    default: {
      const album = albumOf(q);
      return [
        ...EDITS,
        DOWNLOAD,
        ...(album === null ? [] : [unalbum(album)]),
        MERGE,
        HIDE,
        REMOVE,
        away,
      ];
    }
  }
}

/** Favourites and stars: of no use for what lies in the trash. */
export function canRate(q: string): boolean {
  return !['trash', 'removed'].includes(realmOf(q));
}
