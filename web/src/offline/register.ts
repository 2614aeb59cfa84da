/** Starts the service worker where browsers allow one: over HTTPS or on this machine itself. */

export function keepOffline(): void {
  if (!import.meta.env.PROD || !isSecureContext || !('serviceWorker' in navigator)) return;
  const register = () => {
    // Without it everything works, only not offline.
    navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  };
  // Not before the photos: the worker fetches the rest of the app.
  addEventListener('load', () => setTimeout(register, 3_000));
}
