/** The orders that a person may choose for a grid, and the choosing. */

import type { Order, View } from '../api/types';
import { modelOf } from '../browse/models';
import { albumOf } from '../select/target';
import { router } from '../shell/router.svelte';

/** An album has one of its own besides those of time. */
export function ordersFor(q: string): readonly Order[] {
  const byTime = ['newest', 'oldest', 'added'] as const;
  return albumOf(q) === null ? byTime : ['album', ...byTime];
}

/** Shows the page's photos in another order, from its beginning; the address says which. */
export function showInOrder(view: View, order: Order, address: Order | '' = order): void {
  modelOf({ ...view, order }).scrollTo(0);
  router.go({ ...router.withPhoto(null), order: address }, 'replace');
}
