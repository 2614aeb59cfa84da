/** The grid's measures for a window's width, in pixels. */

import type { Heading, LayoutOptions } from './layout';

export interface Measures {
  options: LayoutOptions;
  /** Space before the first column. */
  inset: number;
}

const PHONE_PX = 600;
/** Below this a check would cover the photo. */
const LEAST_ROW_PX = 56;
/** Room for the scrubber's years beside the photos; on a phone it floats above them. */
const SCRUBBER_PX = 60;

/** `factor` makes the rows higher or lower than usual. */
export function layoutFor(width: number, factor = 1): Measures {
  const isPhone = width < PHONE_PX;
  const inset = isPhone ? 4 : 16;
  const usual = isPhone ? Math.max(96, width / 3.4) : Math.min(280, 130 + width / 24);
  const rowHeight = Math.round(Math.max(LEAST_ROW_PX, usual * factor));
  return {
    inset,
    options: {
      width: Math.max(0, width - inset - (isPhone ? inset : SCRUBBER_PX)),
      rowHeight,
      gap: 4,
      headingHeight: 44,
      dayGap: isPhone ? 8 : 20,
      leastDayWidth: isPhone ? 88 : 112,
    },
  };
}

/** The control of the order, in the corner of a grid. */
const CORNER_PX = 44;

/** A heading of the upper row is shorter beside the control in the corner; `room` is null where there is none. */
export function headingWidth(heading: Heading, room: number | null): number {
  if (room === null || heading.y !== 0) return heading.width;
  return Math.min(heading.width, Math.max(0, room - CORNER_PX - heading.x));
}
