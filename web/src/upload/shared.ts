/** What another app shared, as the service worker kept it: it stays there until it is in the library. */

import { SHARED } from './door.svelte';

export interface Shared {
  /** Names it as long as it is kept. */
  key: string;
  file: File;
  /** Once it is in the library, or a person wants it no more. */
  forget(): Promise<void>;
}

export async function takeShared(): Promise<Shared[]> {
  if (!('caches' in globalThis) || !(await caches.has(SHARED))) return [];
  const cache = await caches.open(SHARED);
  const found: Shared[] = [];
  for (const key of await cache.keys()) {
    const kept = await cache.match(key);
    if (!kept) continue;
    const name = decodeURIComponent(kept.headers.get('x-name') ?? '');
    const lastModified = Number(kept.headers.get('x-modified')) || Date.now();
    const type = kept.headers.get('content-type') ?? '';
    const file = new File([await kept.blob()], name || 'shared', { type, lastModified });
    found.push({
      key: key.url,
      file,
      forget: async () => {
        await cache.delete(key);
        if ((await cache.keys()).length === 0) await caches.delete(SHARED);
      },
    });
  }
  if (found.length === 0) await caches.delete(SHARED);
  return found;
}
