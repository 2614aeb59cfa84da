/**
 * The app after an update of the server: a tab that was open still is the old app, whose parts may be gone.
 * It says so, and where a part is missing it reads the page anew, once.
 */

import { t } from './i18n.svelte';
import { live } from './live.svelte';
import { toasts } from './toasts.svelte';

const KEY = 'photostore.renewed';
/** The names of the first load tell its content. */
const NAMES = /(?:src|href)="(\/assets\/[^"]+)"/g;
/** What a reload would throw away: an open dialog, changes that are not saved. */
const UNSAVED = 'dialog[open], [data-unsaved]';

/** What a page of the app is made of. Pure. */
export function partsOf(html: string): string {
  return Array.from(html.matchAll(NAMES), ([, name]) => name)
    .sort()
    .join(' ');
}

export function watchRenewal(): void {
  if (!import.meta.env.PROD) return;
  const own = partsOf(document.documentElement.outerHTML.split('<body')[0]!);
  addEventListener('vite:preloadError', () => void renew(own));
  // A server that comes back may be a newer one.
  let isBack = false;
  live.subscribe({
    hello: () => {
      if (isBack) void newerThan(own).then((parts) => parts && offer());
      isBack = true;
    },
  });
}

/** What the app is made of now, if that is not what this tab is; empty if it is, null if the server is away. */
async function newerThan(own: string): Promise<string | null> {
  try {
    const answer = await fetch('/index.html', { cache: 'no-store' });
    const parts = partsOf(await answer.text());
    return answer.ok && parts !== own ? parts : '';
  } catch {
    return null;
  }
}

/** A part could not be loaded: because there is another app now, or because the server is away. */
async function renew(own: string): Promise<void> {
  const parts = await newerThan(own);
  if (parts === null) return; // The banner tells of it.
  if (parts === '') {
    toasts.show(t('failed.chunk'));
  } else if (document.querySelector(UNSAVED) || sessionStorage.getItem(KEY) === parts) {
    offer();
  } else {
    sessionStorage.setItem(KEY, parts);
    location.reload();
  }
}

function offer(): void {
  toasts.keep(t('renewed.text'), { label: t('renewed.reload'), run: () => location.reload() });
}
