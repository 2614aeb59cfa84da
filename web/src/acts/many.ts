/** A slip of the hand must not change thousands of photos: above some hundreds, count and size are shown first. */

import { sumAssets, type Sums } from '../api/acts';
import { MOST_IDS } from '../select/ids';
import type { Target } from '../select/target';
import { formatSize } from '../shell/dates';
import { t } from '../shell/i18n.svelte';
import { toasts } from '../shell/toasts.svelte';
import { messageOf } from './acts.svelte';

const MANY = 500;

/** "1,204 photos and videos, 3.4 GB" */
export function sumsText(sums: Pick<Sums, 'assets' | 'bytes'>): string {
  return t('many.sums', { count: sums.assets, size: formatSize(sums.bytes) });
}

/** The ids of what is meant, once a person agreed; null if they did not, or if the ids cannot be had. */
export async function agreeToMany(
  target: Target,
  action: string,
  isDangerous = false,
): Promise<string[] | null> {
  if (target.count > MOST_IDS) {
    toasts.show(t('many.tooMany', { most: MOST_IDS }));
    return null;
  }
  try {
    const ids = await target.ids();
    if (ids.length <= MANY) return ids.length > 0 ? ids : null;
    const sums = await sumAssets(ids);
    const { askConfirm } = await import('./questions');
    const title = t('many.title', { count: ids.length });
    const text = t('many.text', { sums: sumsText(sums) });
    return (await askConfirm({ title, text, action, isDangerous })) ? ids : null;
  } catch (error) {
    toasts.show(messageOf(error));
    return null;
  }
}
