/**
 * The acts by which photos go away, each with its own word: into the trash and back, out of the library and
 * back, and for good. A chunk of its own.
 */

import * as api from '../api/acts';
import {
  weightOf,
  type Deleted,
  type Done,
  type Refusal,
  type Restored,
  type Trashed,
  type Weight,
} from '../api/acts';
import { downloadUrl } from '../api/client';
import { archiveUrl, offerDownload, type Which } from '../api/uploads';
import type { Target } from '../select/target';
import { t } from '../shell/i18n.svelte';
import { toasts } from '../shell/toasts.svelte';
import { acts, messageOf } from './acts.svelte';
import { agreeToMany, sumsText } from './many';
import { ofTask } from './tasks';

/** An archive of more than this is worth a question. */
const MOST_UNASKED = 1_000_000_000;

async function tell(refused: readonly Refusal[]): Promise<void> {
  if (refused.length === 0) return;
  const { showRefusals } = await import('./questions');
  await showRefusals(refused);
}

/** True if at least one went. */
export async function trash(target: Target): Promise<boolean> {
  const ids = await agreeToMany(target, t('act.toTrash'), true);
  if (!ids) return false;
  const done = await acts.perform<Trashed>({
    ids,
    send: async () => ofTask(await api.trashAssets(ids)),
    actOf: (answer) => answer.act,
    said: (answer) => (answer.trashed > 0 ? t('act.trash', { count: answer.trashed }) : null),
  });
  if (done) target.release();
  void tell(done?.refused ?? []);
  return (done?.trashed ?? 0) > 0;
}

export async function restore(target: Target): Promise<boolean> {
  const ids = await agreeToMany(target, t('act.toRestore'));
  if (!ids) return false;
  const done = await acts.perform<Restored>({
    ids,
    send: async () => ofTask(await api.restoreAssets(ids)),
    actOf: (answer) => answer.act,
    said: (answer) => (answer.restored > 0 ? t('act.restore', { count: answer.restored }) : null),
  });
  if (done) target.release();
  void tell(done?.refused ?? []);
  return (done?.restored ?? 0) > 0;
}

/** Asks first, always, with the server's own count and size: what is done here cannot be undone. */
async function deleteAfterAsking(
  ids: readonly string[],
  isAll: boolean,
  send: (confirm: Weight | null) => Promise<Deleted | { task: string }>,
): Promise<boolean> {
  const weight = await weigh(() => send(null));
  if (!weight) return false;
  const { askConfirm } = await import('./questions');
  const isMeant = await askConfirm({
    title: t(isAll ? 'delete.emptyTitle' : 'delete.title', { count: weight.assets }),
    text: t('delete.text', { sums: sumsText(weight) }),
    action: t('delete.action'),
    isDangerous: true,
    typed: String(weight.assets),
  });
  if (!isMeant) return false;
  const done = await acts.perform<Deleted>({
    ids,
    send: async () => ofTask(await send(weight)),
    actOf: () => null,
    said: ({ deleted, bytes }) =>
      deleted > 0 ? t('act.delete', { sums: sumsText({ assets: deleted, bytes }) }) : null,
  });
  void tell(done?.refused ?? []);
  return (done?.deleted ?? 0) > 0;
}

async function weigh(send: () => Promise<unknown>): Promise<Weight | null> {
  try {
    await send();
    return null;
  } catch (error) {
    const weight = weightOf(error);
    if (weight === null) toasts.show(messageOf(error));
    return weight && weight.assets > 0 ? weight : null;
  }
}

export async function deleteForGood(target: Target): Promise<boolean> {
  try {
    const ids = await target.ids();
    const send = (confirm: Weight | null) => api.deleteForGood(ids, confirm);
    const isDone = ids.length > 0 && (await deleteAfterAsking(ids, false, send));
    if (isDone) target.release();
    return isDone;
  } catch (error) {
    toasts.show(messageOf(error));
    return false;
  }
}

/** Deletes for good what lies in the trash now. */
export function emptyTrash(): Promise<boolean> {
  return deleteAfterAsking([], true, api.emptyTrash);
}

/** The files stay where they are; the library forgets them until a person takes that back. */
export async function remove(target: Target): Promise<boolean> {
  const { askConfirm } = await import('./questions');
  const { count } = target;
  const isMeant = await askConfirm({
    title: t('remove.title', { count }),
    text: t('remove.text', { count }),
    action: t('act.toRemove'),
  });
  const ids = isMeant ? await agreeToMany(target, t('act.toRemove')) : null;
  if (!ids) return false;
  const done = await acts.perform<Done>({
    ids,
    send: () => api.removeAssets(ids),
    actOf: (answer) => answer.act,
    said: (answer) => t('act.remove', { count: answer.changed }),
  });
  if (done) target.release();
  return done !== null;
}

export async function unremove(target: Target): Promise<boolean> {
  const ids = await agreeToMany(target, t('act.toUnremove'));
  if (!ids) return false;
  const done = await acts.perform<Done>({
    ids,
    send: () => api.unremoveAssets(ids),
    actOf: (answer) => answer.act,
    said: (answer) => t('act.unremove', { count: answer.changed }),
  });
  if (done) target.release();
  return done !== null;
}

/** One photo as it is, several as one archive; asks where there is a choice, or very much of it. */
export async function download(target: Target): Promise<void> {
  try {
    const ids = await target.ids();
    const [first] = ids;
    if (first === undefined) return;
    if (ids.length === 1) return save(downloadUrl(first, null));
    const offer = await offerDownload(ids);
    const isPlain = offer.all.files === offer.shown.files && offer.all.bytes < MOST_UNASKED;
    let files: Which | null = 'shown';
    if (!isPlain) {
      const { askDownload } = await import('./questions');
      files = await askDownload(ids.length, offer);
    }
    if (files !== null) save(archiveUrl(offer.token, files));
  } catch (error) {
    toasts.show(messageOf(error));
  }
}

function save(href: string): void {
  const link = document.createElement('a');
  link.href = href;
  link.download = '';
  link.click();
}
