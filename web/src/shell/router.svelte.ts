/** The browser's history: where the app is, how it goes on and back, and what each entry remembers. */

import { formatRoute, isSameRoute, parseRoute, toRoute, type Route, type Target } from './routes';

export { formatRoute, parseRoute } from './routes';
export type { Route, Target } from './routes';

/** What this app keeps in a history entry. */
interface EntryState {
  /** Names the entry, also after a reload. */
  entry?: string;
  /** The entry was pushed from inside the app: going back stays in it. */
  isInner?: boolean;
  /** Chooses the samples on the home page: another at each visit, the same on the way back. */
  seed?: number;
}

class Router {
  route: Route = $state.raw(toRoute({ page: 'home' }));
  /** Names the history entry that is shown. */
  entry = $state('');
  /** The entry was come to by going back or forward, or by a reload. */
  isReturn = $state(false);
  /** Told before another entry is shown. */
  onLeave: (() => void) | null = null;

  start(): void {
    const { isInner = false } = stateOf();
    this.#read();
    this.isReturn = isInner || isReloaded();
    // The places of grids and pages are put back by themselves, when their content is there.
    history.scrollRestoration = 'manual';
    addEventListener('popstate', () => {
      this.onLeave?.();
      this.isReturn = true;
      this.#read();
    });
    document.addEventListener('click', (event) => this.#followLink(event));
  }

  go(target: Target, how: 'push' | 'replace' = 'push'): void {
    const route = toRoute(target);
    if (how === 'push') {
      this.onLeave?.();
      this.isReturn = false;
      this.entry = newEntry();
      const state: EntryState = { entry: this.entry, isInner: true };
      history.pushState(state, '', formatRoute(route));
    } else {
      history.replaceState(stateOf(), '', formatRoute(route));
    }
    this.route = route;
  }

  /** To where the person came from, if that is in the app; else to the given page. */
  back(fallback: Target): void {
    if (stateOf().isInner) history.back();
    else this.go(fallback, 'replace');
  }

  /** The same page with a photo in the viewer, or without one. */
  withPhoto(id: string | null): Route {
    const { route } = this;
    // The home page of a small library is its photos.
    return { ...route, page: route.page === 'home' ? 'photos' : route.page, id };
  }

  /** The number that chooses this visit's samples. */
  get seed(): number {
    const { seed } = stateOf();
    if (seed !== undefined) return seed;
    const fresh = Math.floor(Math.random() * 2 ** 31);
    this.reseed(fresh);
    return fresh;
  }

  reseed(seed: number): void {
    history.replaceState({ ...stateOf(), seed } satisfies EntryState, '', location.href);
  }

  #read(): void {
    const state = stateOf();
    this.entry = state.entry ?? newEntry();
    if (state.entry === undefined) {
      history.replaceState({ ...state, entry: this.entry }, '', location.href);
    }
    const route = parseRoute(location.pathname, location.search);
    if (!isSameRoute(route, this.route)) this.route = route;
  }

  /** Plain clicks on links of the app stay in the page; everything else is the browser's. */
  #followLink(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a[href]');
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute('download'))
      return;
    const url = new URL(link.href);
    if (url.hash !== '' && url.pathname === location.pathname) return;
    const route = parseRoute(url.pathname, url.search);
    if (url.origin !== location.origin || route.page === 'missing') return;
    event.preventDefault();
    this.go(route, isSameRoute(route, this.route) ? 'replace' : 'push');
  }
}

function stateOf(): EntryState {
  return (history.state as EntryState | null) ?? {};
}

function newEntry(): string {
  return Math.random().toString(36).slice(2);
}

function isReloaded(): boolean {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return entry?.type === 'reload' || entry?.type === 'back_forward';
}

export const router = new Router();
