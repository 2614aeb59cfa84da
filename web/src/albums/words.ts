/** What is said of an album in a line. */

import { formatNumber } from '../shell/dates';
import { t } from '../shell/i18n.svelte';

export function photoCount(count: number): string {
  return t('count.photos', { count, number: formatNumber(count) });
}

/** "2019", or "2017–2019"; nothing where no photo has a date. */
export function span(first: string | null, last: string | null): string {
  const from = first?.slice(0, 4);
  const to = last?.slice(0, 4);
  if (!from || !to) return '';
  return from === to ? from : `${from}–${to}`;
}
