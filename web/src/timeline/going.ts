/** "Go to a date": the question, and the first photo of the nearest day at or after it in the view's order. */

import { ask } from '../acts/dialogs';
import GoToDate from './GoToDate.svelte';
import type { GridModel } from './model.svelte';
import { dayIndexOf, type Shape } from './shape';

/** The first ordinal of the day, or of the next one that the view has after it; the last one's if there is none. */
export function ordinalOfDay(shape: Shape, day: string): number | null {
  const { days, dayStarts } = shape;
  const dated = days.filter((one) => one !== '');
  if (dated.length === 0) return null;
  const isAscending = dated[0]! < dated.at(-1)!;
  const index = days.findIndex((one) => one !== '' && (isAscending ? one >= day : one <= day));
  return dayStarts[index < 0 ? days.lastIndexOf(dated.at(-1)!) : index]!;
}

/** The ordinal to go to; null if the person thought better of it, or nothing has a date. */
export async function askDay(model: GridModel): Promise<number | null> {
  const { shape, layout, active } = model;
  if (!shape?.headings || !layout) return null;
  const here = shape.days[dayIndexOf(shape, Math.min(active, shape.count - 1))] ?? '';
  const day = await ask<string, { here: string }>(GoToDate, { here });
  return day === null || !model.shape ? null : ordinalOfDay(model.shape, day);
}
