/** The grid's measures for a window's width, in pixels. */

import type { LayoutOptions } from './layout';

export interface Measures {
  options: LayoutOptions;
  /** Space before the first column. */
  inset: number;
}

const PHONE_PX = 600;
/** Room for the scrubber's years beside the photos; on a phone it floats above them. */
const SCRUBBER_PX = 60;

export function layoutFor(width: number): Measures {
  const isPhone = width < PHONE_PX;
  const inset = isPhone ? 4 : 16;
  const rowHeight = isPhone
    ? Math.max(96, Math.round(width / 3.4))
    : Math.round(Math.min(280, 130 + width / 24));
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
