/** The import's progress in words and as a share. */

import type { Progress } from '../api/types';
import { formatNumber } from './dates';
import { t } from './i18n.svelte';

/** Whether all that was found can be looked at, and only the large pictures are still made. */
export function isFollowing(progress: Progress): boolean {
  return progress.state !== 'idle' && progress.screens_left > 0 && progress.done >= progress.found;
}

/** 0…1; null while nobody knows how much there is. */
export function shareDone(progress: Progress): number | null {
  if (isFollowing(progress)) {
    return progress.screens_done / (progress.screens_done + progress.screens_left);
  }
  if (progress.state === 'scanning' && progress.done === 0) return null;
  if (progress.found <= 0) return null;
  return Math.min(1, progress.done / progress.found);
}

export function timeLeft(seconds: number | null): string | null {
  if (seconds === null || !Number.isFinite(seconds) || seconds <= 0) return null;
  if (seconds < 60) return t('progress.lessThanMinute');
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return t('progress.minutes', { count: minutes });
  return t('progress.hours', { count: Math.round(minutes / 60) });
}

export function rateText(progress: Progress): string | null {
  const rate = progress.rate_per_s;
  if (progress.state !== 'importing' || rate === null || rate <= 0) return null;
  return t('progress.rate', { rate: formatNumber(rate, rate < 10 ? 1 : 0) });
}
