/**
 * The acts by which photos go away, each with its own word: into the trash and back, out of the library and
 * back, and for good. A chunk of its own.
 */

import * as api from '../api/acts';
import type { Deleted, Done, Refusal, Restored, Sums, Trashed } from '../api/acts';
import { downloadUrl } from '../api/client';
import type { Target } from '../select/target';
import { t } from '../shell/i18n.svelte';
import { toasts } from '../shell/toasts.svelte';
import { acts, messageOf } from './acts.svelte';
import { agreeToMany, sumsText } from './many';
import { ofTask } from './tasks';

/** Each is saved as a file of its own: browsers ask before they save more than a few. */
const MOST_DOWNLOADS = 50;
const DOWNLOAD_PAUSE_MS = 300;

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

/** Asks first, always: what is done here cannot be undone. */
async function confirmForGood(
  sums: Pick<Sums, 'assets' | 'bytes'>,
  isAll: boolean,
): Promise<boolean> {
  const { askConfirm } = await import('./questions');
  const answer = await askConfirm({
    title: t(isAll ? 'delete.emptyTitle' : 'delete.title', { count: sums.assets }),
    text: t('delete.text', { sums: sumsText(sums) }),
    action: t('delete.action'),
    isDangerous: true,
    typed: String(sums.assets),
  });
  return answer === true;
}

async function deleteNow(ids: readonly string[], send: () => Promise<Deleted | { task: string }>) {
  const done = await acts.perform<Deleted>({
    ids,
    send: async () => ofTask(await send()),
    actOf: () => null,
    said: (answer) => t('act.delete', { sums: sumsText({ assets: answer.deleted, ...answer }) }),
  });
  void tell(done?.refused ?? []);
  return done !== null;
}

export async function deleteForGood(target: Target): Promise<boolean> {
  try {
    const ids = await target.ids();
    if (ids.length === 0) return false;
    const sums = await api.sumAssets(ids);
    if (!(await confirmForGood(sums, false))) return false;
    const { assets, bytes } = sums;
    const isDone = await deleteNow(ids, () => api.deleteForGood(ids, { assets, bytes }));
    if (isDone) target.release();
    return isDone;
  } catch (error) {
    toasts.show(messageOf(error));
    return false;
  }
}

/** Deletes for good what lies in the trash now. */
export async function emptyTrash(sums: Pick<Sums, 'assets' | 'bytes'>): Promise<boolean> {
  if (!(await confirmForGood(sums, true))) return false;
  const { assets, bytes } = sums;
  return deleteNow([], () => api.emptyTrash({ assets, bytes }));
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

export async function download(target: Target): Promise<void> {
  if (target.count > MOST_DOWNLOADS) {
    toasts.show(t('download.tooMany', { most: MOST_DOWNLOADS }));
    return;
  }
  try {
    for (const [i, id] of (await target.ids()).entries()) {
      if (i > 0) await new Promise((resolve) => setTimeout(resolve, DOWNLOAD_PAUSE_MS));
      const link = document.createElement('a');
      link.href = downloadUrl(id, null);
      link.download = '';
      link.click();
    }
  } catch (error) {
    toasts.show(messageOf(error));
  }
}
