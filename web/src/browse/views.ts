/** Which photos a page shows: the view behind an address. */

import type { View } from '../api/types';
import type { Route } from '../shell/routes';

/** The view of a page that is one grid; null for pages that are not, or that have to ask the server first. */
export function viewOf(route: Pick<Route, 'page' | 'q' | 'order'>, today: Date): View | null {
  const order = route.order === '' ? 'newest' : route.order;
  switch (route.page) {
    case 'photos':
      return { q: route.q, order };
    case 'favourites':
      return { q: 'favorite:yes', order };
    case 'recent':
      return { q: '', order: 'added' };
    case 'onthisday':
      return {
        q: `onthisday:${monthAndDay(today)} before:${String(today.getFullYear())}`,
        order,
      };
    case 'hidden':
      return { q: 'in:hidden', order };
    case 'trash':
      return { q: 'in:trash', order };
    default:
      return null;
  }
}

/** By this device's own calendar: "today" is where the person is. */
function monthAndDay(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
