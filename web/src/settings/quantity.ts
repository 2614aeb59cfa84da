/** Sizes, durations and pixels as people edit them: a number and its unit. Pure. */

export interface Quantity {
  readonly amount: number;
  readonly unit: string;
}

const SECOND = 1_000;
const UNITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  size: {
    B: 1,
    kB: 1e3,
    MB: 1e6,
    GB: 1e9,
    TB: 1e12,
    KiB: 2 ** 10,
    MiB: 2 ** 20,
    GiB: 2 ** 30,
    TiB: 2 ** 40,
  },
  duration: { ms: 1, s: SECOND, m: 60 * SECOND, h: 3_600 * SECOND, d: 86_400 * SECOND },
  pixels: { px: 1, MP: 1e6 },
};
/** What is offered; others only where a value has them. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  size: ['kB', 'MB', 'GB', 'TB'],
  duration: ['s', 'm', 'h', 'd'],
  pixels: ['MP'],
};
const PART = /^(\d+(?:\.\d+)?) *([a-zA-Z]*)/;

export function isQuantity(kind: string): boolean {
  return kind in UNITS;
}

/** "1h30m" → 90 m, "16GiB" → 16 GiB; null for what is not one. */
export function parseQuantity(kind: string, text: string): Quantity | null {
  const units = UNITS[kind];
  if (!units) return null;
  const parts: Quantity[] = [];
  for (let rest = text.trim(); rest !== '';) {
    const [whole, amount, letters] = PART.exec(rest) ?? [];
    if (whole === undefined) return null;
    const unit =
      letters === '' ? (kind === 'pixels' ? 'px' : kind === 'size' ? 'B' : 's') : letters!;
    if (!(unit in units)) return null;
    parts.push({ amount: Number(amount), unit });
    rest = rest.slice(whole.length).trim();
  }
  const [first, ...more] = parts;
  if (!first) return null;
  if (more.length === 0) return first;
  // Together in the smallest: an hour and a half is 90 minutes.
  const { unit } = parts.at(-1)!;
  const sum = parts.reduce((all, part) => all + part.amount * units[part.unit]!, 0);
  return { amount: sum / units[unit]!, unit };
}

/** As the server reads it. */
export function formatQuantity({ amount, unit }: Quantity): string {
  return unit === 'px' ? String(amount) : `${amount}${unit}`;
}

/** The units to choose from, from the smallest. */
export function unitsOf(kind: string, unit: string): readonly string[] {
  const usual = USUAL[kind] ?? [];
  const all = UNITS[kind] ?? {};
  return usual.includes(unit)
    ? usual
    : [...usual, unit].sort((a, b) => (all[a] ?? 0) - (all[b] ?? 0));
}
