/**
 * The service worker: keeps the app's own files, so that it opens and explains itself while the server cannot
 * be reached. Never anything of the library: photos, facts and pages of the server always come from it.
 *
 * The build puts the names of its files and a version made of them into the two constants.
 */

const FILES = __FILES__;
const CACHE = 'photostore-__VERSION__';
const PAGE = '/';
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
