/**
 * The service worker: keeps the app's own files, so that it opens and explains itself while the server cannot
 * be reached. Never anything of the library: photos, facts and pages of the server always come from it.
 *
 * The build puts the names of its files and a version made of them into the two constants.
 */

const FILES = __FILES__;
const CACHE = 'photostore-__VERSION__';
const PAGE = '/';
/** What other apps share (share_target of the manifest), until the app has added it. */
const SHARED = 'shared-photos';
/** Pages and answers of the server itself; everything else that is opened is a page of the app. */
const SERVER = /^\/(api|health|ping|welcome|dav)(\/|$)/;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([PAGE, ...FILES]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith('photostore-') && name !== CACHE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === 'POST' && url.origin === location.origin && url.pathname === '/share') {
    event.respondWith(keepShared(request));
    return;
  }
  if (request.method !== 'GET' || url.origin !== location.origin || SERVER.test(url.pathname)) {
    return;
  }
  if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(() => fromCache(PAGE)));
  } else if (FILES.includes(url.pathname)) {
    // Names under /assets/ change with their content; the few others are asked for first.
    const isFixed = url.pathname.startsWith('/assets/');
    event.respondWith(
      isFixed
        ? fromCache(url.pathname).then((kept) => (kept.ok ? kept : fetch(request)))
        : fetch(request).catch(() => fromCache(url.pathname)),
    );
  }
});

async function fromCache(path) {
  return (await (await caches.open(CACHE)).match(path)) ?? Response.error();
}

/** Keeps the files and opens the page that adds them; it waits for the server if that cannot be reached. */
async function keepShared(request) {
  try {
    const form = await request.formData();
    const files = [...form.values()].filter((value) => value instanceof File && value.size > 0);
    const cache = await caches.open(SHARED);
    const moment = Date.now();
    await Promise.all(
      files.map((file, i) => {
        const headers = {
          'content-type': file.type || 'application/octet-stream',
          'x-name': encodeURIComponent(file.name),
          'x-modified': String(file.lastModified),
        };
        return cache.put(`/shared/${moment}-${i}`, new Response(file, { headers }));
      }),
    );
    return Response.redirect(files.length > 0 ? '/add?shared' : '/add?lost', 303);
  } catch {
    // No room in the browser's own storage: the page says that nothing was taken over.
    return Response.redirect('/add?lost', 303);
  }
}
