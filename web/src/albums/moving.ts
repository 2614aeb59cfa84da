/** Photos of an album change places: what is meant, the request, and the focus afterwards. */

import { acts } from '../acts/acts.svelte';
import { placeInAlbum } from '../api/browse';
import { collectIds } from '../select/ids';
import { Selection } from '../select/selection';
import { t } from '../shell/i18n.svelte';
import type { GridModel } from '../timeline/model.svelte';
import { planMove, stepGap } from './order';

/** The dragged photo, or all that are chosen if it is one of them. */
export async function moveDragged(
  album: string,
  model: GridModel,
  ordinal: number,
  gap: number,
): Promise<void> {
  const { selection } = model;
  const meant = selection.has(ordinal) ? selection : Selection.of([[ordinal, ordinal + 1]]);
  await move(album, model, meant, gap, t('album.ordered'));
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
