/** What an act is meant for: the photos that are chosen in a grid, the focused one, or the one in the viewer. */

import type { GridModel } from '../timeline/model.svelte';
import { collectIds } from './ids';
import { Selection } from './selection';

export interface Target {
  readonly count: number;
  ids(): Promise<string[]>;
  /** Are all of them favourites? Null where nobody knows. */
  readonly isFavourite: boolean | null;
  /** The search that shows them: what can be done with photos in the trash is something else. */
  readonly q: string;
  /** Those who are gone from the view are not chosen any more. */
  release(): void;
}

/** The kind of place a view shows. */
export type Realm = 'library' | 'hidden' | 'trash' | 'removed' | 'missing';

export function realmOf(q: string): Realm {
  const found = /(?:^|\s)in:(hidden|trash|removed|missing)(?=\s|$)/i.exec(q);
  return found ? (found[1]!.toLowerCase() as Realm) : 'library';
}

/** The search of the place where a photo lies, if that is not where the view looks. */
export function queryOf(q: string, photo: { shelf?: Realm | 'timeline' } | null): string {
  if (!photo?.shelf) return q;
  const realm = photo.shelf === 'timeline' ? 'library' : photo.shelf;
  if (realm === realmOf(q)) return q;
  return realm === 'library' ? '' : `in:${realm}`;
}

/** The id of the album that a view shows whole, or null. */
export function albumOf(q: string): string | null {
  return /^album:"?([^\s"]+)"?$/.exec(q)?.[1] ?? null;
}

/** The selection, or the focused photo if nothing is chosen; null if there is neither. */
export function targetOf(model: GridModel, withActive = true): Target | null {
  const { selection, active, shape } = model;
  if (selection.isEmpty && (!withActive || !shape || active >= shape.count)) return null;
  const meant = selection.isEmpty ? Selection.of([[active, active + 1]], active) : selection;
  const isChosen = !selection.isEmpty;
  return {
    count: meant.count,
    ids: () => collectIds(model, () => (isChosen ? model.selection : meant)),
    isFavourite: isAllFavourite(model, meant),
    q: model.view.q,
    release: () => {
      if (isChosen) model.selection = Selection.NONE;
    },
  };
}

/** One photo by its id. */
export function singleTarget(id: string, q: string, isFavourite: boolean | null): Target {
  return { count: 1, ids: () => Promise.resolve([id]), isFavourite, q, release: () => undefined };
}

/** Only looks at what is known already: good enough for a heart that is full or not. */
function isAllFavourite(model: GridModel, selection: Selection): boolean | null {
  if (selection.count > 500) return null;
  let isAll = true;
  for (const [start, end] of selection.ranges) {
    for (let ordinal = start; ordinal < end; ordinal++) {
      const row = model.rows.get(ordinal);
      if (!row) return null;
      isAll &&= row.favourite;
    }
  }
  return isAll;
}
