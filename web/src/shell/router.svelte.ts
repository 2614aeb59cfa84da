/** Addresses of the app, and the browser's history behind them. */

export type Route =
  | { page: 'photos'; id: string | null; q: string }
  | { page: 'sync' }
  | { page: 'about' }
  | { page: 'missing'; path: string };

/** What this app keeps in a history entry. */
interface EntryState {
  /** The entry was pushed from inside the app: going back stays in it. */
  isInner?: boolean;
}

export function parseRoute(path: string, search = ''): Route {
  const parts = path.split('/').filter((part) => part !== '');
  const q = new URLSearchParams(search).get('q') ?? '';
  if (parts.length === 0) return { page: 'photos', id: null, q };
  // The same grid over another view: a search without words is the timeline.
  if ((parts[0] === 'photos' || parts[0] === 'search') && parts.length <= 2) {
    return { page: 'photos', id: parts[1] === undefined ? null : decode(parts[1]), q };
  }
  if (parts.length === 1 && (parts[0] === 'sync' || parts[0] === 'about')) {
    return { page: parts[0] };
  }
  return { page: 'missing', path };
}

export function formatRoute(route: Route): string {
  if (route.page === 'missing') return route.path;
  if (route.page !== 'photos') return `/${route.page}`;
  const id = route.id === null ? '' : `/${encodeURIComponent(route.id)}`;
  return route.q === '' ? `/photos${id}` : `/search${id}?${new URLSearchParams({ q: route.q })}`;
}

/** A stray percent sign in an address is not worth an exception. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

class Router {
  route: Route = $state.raw({ page: 'photos', id: null, q: '' });

  start(): void {
    this.#read();
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#followLink(event));
  }

  go(route: Route, how: 'push' | 'replace' = 'push'): void {
    const isInner = how === 'push' || (history.state as EntryState | null)?.isInner === true;
    const state: EntryState = { isInner };
    if (how === 'push') history.pushState(state, '', formatRoute(route));
    else history.replaceState(state, '', formatRoute(route));
    this.route = route;
  }

  /** To where the person came from, if that is in the app; else to the given page. */
  back(fallback: Route): void {
    if ((history.state as EntryState | null)?.isInner) history.back();
    else this.go(fallback, 'replace');
  }

  #read(): void {
    this.route = parseRoute(location.pathname, location.search);
  }

  /** Plain clicks on links of the app stay in the page; everything else is the browser's. */
  #followLink(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a[href]');
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute('download'))
      return;
    const url = new URL(link.href);
    const route = parseRoute(url.pathname, url.search);
    if (url.origin !== location.origin || route.page === 'missing') return;
    event.preventDefault();
    this.go(route);
  }
}

export const router = new Router();
