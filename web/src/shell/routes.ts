/** The addresses of the app's pages, and back from an address to its page. */

import type { Order } from '../api/types';

/** Pages that are one grid of photos, named as in the address. */
export const GRID_PAGES = [
  'photos',
  'favourites',
  'recent',
  'onthisday',
  'hidden',
  'trash',
] as const;
/** Lists whose entries are grids of their own: /albums/ID. */
const ENTRY_PAGES = { albums: 'album', tags: 'tag', folders: 'folder' } as const;
const PLAIN_PAGES = ['add', 'journal', 'settings', 'sync', 'status', 'about'] as const;

type ListPage = keyof typeof ENTRY_PAGES;
type EntryPage = (typeof ENTRY_PAGES)[ListPage];
export type PageName =
  | 'home'
  | (typeof GRID_PAGES)[number]
  | ListPage
  | EntryPage
  | (typeof PLAIN_PAGES)[number]
  | 'report'
  | 'missing';

export interface Route {
  readonly page: PageName;
  /** Which one: the id of the album, tag or folder, the report's name, the path of a missing page. */
  readonly key: string;
  /** The photo that the viewer shows over the page, or null. */
  readonly id: string | null;
  /** Search words: the query is the address. */
  readonly q: string;
  /** The order of a grid, where it is not the usual one of its page. */
  readonly order: Order | '';
}

/** A route of which only the page has to be named. */
export type Target = Pick<Route, 'page'> & Partial<Route>;

export function toRoute({ page, key = '', id = null, q = '', order = '' }: Target): Route {
  return { page, key, id, q, order };
}

export function isSameRoute(a: Route, b: Route): boolean {
  return (
    a.page === b.page && a.key === b.key && a.id === b.id && a.q === b.q && a.order === b.order
  );
}

export function parseRoute(path: string, search = ''): Route {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const params = new URLSearchParams(search);
  const q = params.get('q') ?? '';
  const [first, ...rest] = parts;
  const missing = toRoute({ page: 'missing', key: path });
  if (first === undefined) return toRoute({ page: 'home' });
  // The same grid over another view: a search without words is the timeline.
  const name = first === 'search' ? 'photos' : first;
  if (isOneOf(GRID_PAGES, name)) {
    if (rest.length > 1) return missing;
    const order = readOrder(params, name);
    return toRoute({ page: name, id: rest[0] ?? null, q: name === 'photos' ? q : '', order });
  }
  if (Object.hasOwn(ENTRY_PAGES, name)) {
    const [key, id = null] = rest;
    if (rest.length > 2) return missing;
    if (key === undefined) return toRoute({ page: name as ListPage, q });
    const page = ENTRY_PAGES[name as ListPage];
    return toRoute({ page, key, id, order: readOrder(params, page) });
  }
  if (first === 'sync' && rest[0] === 'reports' && rest.length === 2) {
    return toRoute({ page: 'report', key: rest[1]!, q });
  }
  if (isOneOf(PLAIN_PAGES, first) && rest.length === 0) return toRoute({ page: first, q });
  return missing;
}

export function formatRoute(target: Target): string {
  const { page, key, id, q, order } = toRoute(target);
  const tail = (id === null ? '' : `/${encodeURIComponent(id)}`) + formatQuery({ q, order });
  if (page === 'missing') return key;
  if (page === 'home') return '/';
  if (page === 'photos') return q === '' ? `/photos${tail}` : `/search${tail}`;
  if (page === 'report') return `/sync/reports/${encodeURIComponent(key)}${tail}`;
  for (const [list, entry] of Object.entries(ENTRY_PAGES)) {
    if (page === entry) return `/${list}/${encodeURIComponent(key)}${tail}`;
  }
  return `/${page}${tail}`;
}

function formatQuery(values: Record<string, string>): string {
  const given = Object.entries(values).filter(([, value]) => value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

/** Only an album has an order of its own, and what was added last is shown in one order only. */
function readOrder(params: URLSearchParams, page: PageName): Order | '' {
  const order = params.get('order') ?? '';
  if (page === 'album' && isOneOf(['album', 'newest'], order)) return order;
  return page !== 'recent' && isOneOf(['oldest', 'added'], order) ? order : '';
}

function isOneOf<T extends string>(names: readonly T[], name: string): name is T {
  return (names as readonly string[]).includes(name);
}

/** A stray percent sign in an address is not worth an exception. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
