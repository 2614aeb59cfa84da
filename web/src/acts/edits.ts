/** The acts that change what is known of photos, and none of their files. A chunk of its own. */

import * as api from '../api/acts';
import type { CapturedEdit, Done, Edit, Precision } from '../api/acts';
import { fetchAsset } from '../api/client';
import { t, type Key } from '../shell/i18n.svelte';
import type { Target } from '../select/target';
import { acts, type Preview } from './acts.svelte';
import { agreeToMany } from './many';
import { ofTask } from './tasks';

/** Sends one edit for all of them; says `key` with the count. True if it was done. */
export async function edit(
  target: Target,
  change: Edit,
  key: Key,
  preview?: Preview,
): Promise<boolean> {
  const ids = await agreeToMany(target, t('many.change'));
  if (!ids) return false;
  const done = await acts.perform<Done>({
    ids,
    ...(preview ? { preview } : {}),
    send: async () => ofTask(await api.editAssets(ids, change)),
    actOf: (answer) => answer.act,
    said: (answer) => t(key, { count: answer.changed }),
  });
  return done !== null;
}

export function favourite(target: Target, isFavourite: boolean): Promise<boolean> {
  const key = isFavourite ? 'act.favourite' : 'act.unfavourite';
  return edit(target, { set: { favourite: isFavourite } }, key, { favourite: isFavourite });
}

/** -1 is rejected, null is no rating. */
export function rate(target: Target, rating: number | null): Promise<boolean> {
  const key = rating === null ? 'act.unrate' : rating < 0 ? 'act.reject' : 'act.rate';
  return edit(target, { set: { rating } }, key);
}

export async function hide(target: Target, isHidden: boolean): Promise<boolean> {
  const isDone = await edit(
    target,
    { set: { hidden: isHidden } },
    isHidden ? 'act.hide' : 'act.unhide',
  );
  if (isDone) target.release();
  return isDone;
}

export function rotate(target: Target, degrees: 90 | 180 | 270): Promise<boolean> {
  return edit(target, { rotate: degrees }, 'act.rotate');
}

export async function changeKeywords(target: Target): Promise<boolean> {
  const { askKeywords } = await import('./questions');
  const change = await askKeywords(target.count);
  if (!change) return false;
  const { add, remove } = change;
  return edit(
    target,
    {
      ...(add.length > 0 ? { add_keywords: [...add] } : {}),
      ...(remove.length > 0 ? { remove_keywords: [...remove] } : {}),
    },
    'act.keywords',
  );
}

/** Of one photo, the date that it has: what is to be mended is rarely all of it. */
async function currentDate(target: Target): Promise<CapturedEdit | null> {
  const [id] = target.count === 1 ? await target.ids() : [];
  const captured = id === undefined ? null : (await fetchAsset(id)).captured;
  if (!captured) return null;
  const { local, offset, precision } = captured;
  return { local, offset, precision: precision as Precision };
}

export async function changeDate(target: Target): Promise<boolean> {
  const [{ askDate }, current] = await Promise.all([import('./questions'), currentDate(target)]);
  const change = await askDate(target.count, current);
  if (!change) return false;
  if (change.kind === 'shift') return edit(target, { shift_s: change.seconds }, 'act.date');
  if (change.kind === 'zone') return edit(target, { offset: change.offset }, 'act.date');
  return edit(target, { set: { captured: change.captured } }, 'act.date');
}

export async function addToAlbum(target: Target): Promise<boolean> {
  const { askAlbum } = await import('./questions');
  const album = await askAlbum(target.count);
  if (!album) return false;
  const ids = await agreeToMany(target, t('many.album'));
  if (!ids) return false;
  const said = (count: number) => t('act.album', { count, album: album.name });
  const done = await acts.perform<Partial<Done>>({
    ids,
    send: () =>
      album.id === null ? api.createAlbum(album.name, ids) : api.addToAlbum(album.id, ids),
    actOf: (answer) => answer.act ?? null,
    said: (answer) => said(answer.changed ?? ids.length),
  });
  if (done) target.release();
  return done !== null;
}

/** Their files become one photo, and stay one (SPEC 7.1). */
export async function merge(target: Target): Promise<boolean> {
  const ids = await agreeToMany(target, t('many.change'));
  if (!ids) return false;
  const done = await acts.perform<Done>({
    ids,
    send: () => api.mergeAssets(ids),
    actOf: (answer) => answer.act,
    said: () => t('act.merge'),
  });
  if (done) target.release();
  return done !== null;
}

export async function removeFromAlbum(target: Target, album: string): Promise<boolean> {
  const ids = await agreeToMany(target, t('many.change'));
  if (!ids) return false;
  const done = await acts.perform<Done>({
    ids,
    send: () => api.removeFromAlbum(album, ids),
    actOf: (answer) => answer.act,
    said: (answer) => t('act.unalbum', { count: answer.changed }),
  });
  if (done) target.release();
  return done !== null;
}
