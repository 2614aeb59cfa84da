/** Albums beside each other change places, or go into one another: by hand and by keys. */

import type { Album } from '../api/browse';
import { albums } from './albums.svelte';
import type { CarryHost } from './carrying';
import { moveAlbum } from './editing';
import { possibleParents } from './tree';

/** What has to stand after the album so that it stands in this gap; undefined if it stands there already. */
export function beforeOf(
  siblings: readonly Album[],
  ordinal: number,
  gap: number,
): string | null | undefined {
  if (gap === ordinal || gap === ordinal + 1) return undefined;
  return siblings[gap]?.id ?? null;
}

/** `list` holds one element for each of the albums, in their order. */
export function carryAlbums(
  list: () => HTMLElement | undefined,
  siblings: () => readonly Album[],
  scroller: () => HTMLElement | null,
): CarryHost {
  return {
    cellAt: (x, y) => {
      const cell = document.elementFromPoint(x, y)?.closest<HTMLElement>('li');
      const parent = cell?.parentElement;
      if (!cell || !parent || !list()?.contains(cell)) return null;
      return { cell, ordinal: [...parent.children].indexOf(cell) };
    },
    lift: (ordinal) => (siblings()[ordinal] ? 1 : 0),
    canEnter: (ordinal, into) => {
      const [album, other] = [siblings()[ordinal], siblings()[into]];
      return (
        album !== undefined &&
        possibleParents(albums.list ?? [], album.id).some((one) => one.id === other?.id)
      );
    },
    drop: (ordinal, to) => {
      const album = siblings()[ordinal];
      if (!album) return;
      if ('into' in to) {
        const parent = siblings()[to.into];
        if (parent) void moveAlbum(album, { parent: parent.id });
        return;
      }
      const before = beforeOf(siblings(), ordinal, to.gap);
      if (before !== undefined) void moveAlbum(album, { before });
    },
    scrollBy: (pixels) => scroller()?.scrollBy(0, pixels),
  };
}

/** One place earlier (-1) or later (1); its link keeps the focus. */
export async function stepAlbum(
  siblings: readonly Album[],
  id: string,
  step: 1 | -1,
): Promise<void> {
  const ordinal = siblings.findIndex((album) => album.id === id);
  const gap = step < 0 ? ordinal - 1 : ordinal + 2;
  if (ordinal < 0 || gap < 0 || gap > siblings.length) return;
  const before = beforeOf(siblings, ordinal, gap);
  if (before !== undefined) await moveAlbum(siblings[ordinal]!, { before });
}
