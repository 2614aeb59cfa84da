/** The models of the last few views: coming back finds everything in its place. */

import type { View } from '../api/types';
import type { Place } from '../timeline/anchor';
import { GridModel } from '../timeline/model.svelte';

/** Each keeps some thousand rows and pictures. */
const KEPT_MODELS = 4;

const models = new Map<string, GridModel>();
/** Where the views stood whose models were given up. */
const places = new Map<string, Place>();

const keyOf = (view: View) => JSON.stringify([view.q, view.order]);
/** The timeline itself is come back to again and again. */
const isTimeline = (view: View) => view.q === '' && view.order === 'newest';

export function modelOf(view: View): GridModel {
  const key = keyOf(view);
  const model = models.get(key) ?? new GridModel(view);
  // The order of the map is the order of use.
  models.delete(key);
  models.set(key, model);
  for (const [oldest, other] of models) {
    if (models.size <= KEPT_MODELS) break;
    if (isTimeline(other.view)) continue;
    const { place } = other;
    if (place) places.set(oldest, place);
    other.dispose();
    models.delete(oldest);
  }
  return model;
}

/** Where a view stood when its model was given up; it is told once. */
export function takeKeptPlace(view: View): Place | null {
  const key = keyOf(view);
  const place = places.get(key) ?? null;
  places.delete(key);
  return place;
}
