/** Photos of an album change places: what is meant, the request, and the focus afterwards. */

import { acts } from '../acts/acts.svelte';
import { placeInAlbum } from '../api/browse';
import { collectIds } from '../select/ids';
import { Selection } from '../select/selection';
import { t } from '../shell/i18n.svelte';
import type { GridModel } from '../timeline/model.svelte';
import type { CarryHost } from './carrying';
import { planMove, stepGap } from './order';

/** The dragged photo, or all that are chosen if it is one of them, in an album that a person arranges. */
export function carryPhotos(album: string, model: GridModel): CarryHost {
  const meantBy = (ordinal: number) =>
    model.selection.has(ordinal) ? model.selection : Selection.of([[ordinal, ordinal + 1]]);

  const place = async (ordinal: number, gap: number) => {
    const meant = meantBy(ordinal);
    const wasChosen = model.selection.has(ordinal);
    const first = await move(album, model, meant, gap, t('album.ordered'));
    if (first !== null && wasChosen) {
      model.selection = Selection.of([[first, first + meant.count]], first);
    }
  };

  return {
    cellAt: (x, y) => {
      const cell = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-ordinal]');
      return cell ? { cell, ordinal: Number(cell.dataset['ordinal']) } : null;
    },
    lift: (ordinal) => meantBy(ordinal).count,
    drop: (ordinal, to) => {
      if ('gap' in to) void place(ordinal, to.gap);
    },
    stay: (ordinal) => (model.selection = model.selection.add(ordinal, ordinal + 1, ordinal)),
    scrollBy: (pixels) => model.scrollTo(model.top + pixels),
  };
}

/** What is chosen, or the focused photo, one place earlier (-1) or later (1). */
export async function moveByOne(
  album: string,
  model: GridModel,
  step: 1 | -1,
  focus: (ordinal: number) => void,
): Promise<void> {
  const { selection, active } = model;
  const isChosen = !selection.isEmpty;
  const meant = isChosen ? selection : Selection.of([[active, active + 1]]);
  const first = await move(album, model, meant, stepGap(meant.ranges, step), null);
  if (first === null) return;
  if (isChosen) model.selection = Selection.of([[first, first + meant.count]], first);
  focus(first);
}

/** Where the first of them stands afterwards; null if nothing changed. */
async function move(
  album: string,
  model: GridModel,
  meant: Selection,
  gap: number,
  said: string | null,
): Promise<number | null> {
  const plan = planMove(meant.ranges, gap, model.shape?.count ?? 0);
  if (!plan) return null;
  const before = plan.before === null ? null : ((await model.row(plan.before))?.id ?? null);
  const ids = await collectIds(model, () => meant);
  const done = await acts.perform({
    ids,
    send: () => placeInAlbum(album, ids, before),
    actOf: (answer) => answer.act,
    said: () => said,
  });
  if (!done) return null;
  await model.refresh(done.revision);
  return plan.first;
}
