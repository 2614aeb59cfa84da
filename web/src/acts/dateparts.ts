/** A date as a person writes it: as much of it as is known, and nothing invented. */

import type { CapturedEdit, Precision } from '../api/acts';

/** Empty text is not known. */
export interface DateParts {
  year: string;
  month: string;
  day: string;
  /** "12:30" or "12:30:05". */
  time: string;
  /** "+02:00", or empty. */
  offset: string;
}

const EARLIEST_YEAR = 1826;
const LATEST_YEAR = 2500;

/** Every offset that a place on earth has, or had for long. */
export const OFFSETS: readonly string[] = [
  '-12:00 -11:00 -10:00 -09:30 -09:00 -08:00 -07:00 -06:00 -05:00 -04:30 -04:00 -03:30 -03:00 -02:30 -02:00 -01:00',
  '+00:00 +01:00 +02:00 +03:00 +03:30 +04:00 +04:30 +05:00 +05:30 +05:45 +06:00 +06:30 +07:00 +08:00 +08:45',
  '+09:00 +09:30 +10:00 +10:30 +11:00 +12:00 +12:45 +13:00 +13:45 +14:00',
].flatMap((line) => line.split(' '));

const RANKS: readonly Precision[] = [
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond',
];

export function toParts(captured: CapturedEdit | null): DateParts {
  const match = /^(\d{4,})-(\d\d)-(\d\d)T(\d\d:\d\d)(:\d\d)?/.exec(captured?.local ?? '');
  if (!captured || !match) return { year: '', month: '', day: '', time: '', offset: '' };
  const rank = RANKS.indexOf(captured.precision ?? 'second');
  const [, year = '', month = '', day = '', minutes = '', seconds = ''] = match;
  return {
    year,
    month: rank >= 1 ? String(Number(month)) : '',
    day: rank >= 2 ? String(Number(day)) : '',
    time: rank >= 5 ? minutes + seconds : rank >= 3 ? minutes : '',
    offset: captured.offset ?? '',
  };
}

/** Null if it is no date. What is not known is filled up with the first of it, and told by the precision. */
export function fromParts(parts: DateParts): CapturedEdit | null {
  const year = wholeNumber(parts.year);
  if (year === null || year < EARLIEST_YEAR || year > LATEST_YEAR) return null;
  const month = wholeNumber(parts.month);
  const day = month === null ? null : wholeNumber(parts.day);
  const time = day === null ? '' : parts.time.trim();
  if (month !== null && (month < 1 || month > 12)) return null;
  if (day !== null && (day < 1 || day > daysIn(year, month!))) return null;
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(time);
  if (time !== '' && !clock) return null;
  const two = (value: number | null, least: number) => String(value ?? least).padStart(2, '0');
  const [hour, minute, second] = [clock?.[1], clock?.[2], clock?.[3]].map((part) =>
    String(part ?? 0).padStart(2, '0'),
  );
  const local = `${String(year).padStart(4, '0')}-${two(month, 1)}-${two(day, 1)}T${hour}:${minute}:${second}`;
  const precision = precisionOf(month, day, clock);
  return { local, precision, offset: parts.offset === '' ? null : parts.offset };
}

function precisionOf(
  month: number | null,
  day: number | null,
  clock: RegExpExecArray | null,
): Precision {
  if (clock) return clock[3] === undefined ? 'minute' : 'second';
  if (day !== null) return 'day';
  return month === null ? 'year' : 'month';
}

function daysIn(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
}

function wholeNumber(text: string): number | null {
  const trimmed = String(text).trim();
  return /^\d+$/.test(trimmed) ? Number(trimmed) : null;
}

export interface Shift {
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
}

/** Signed seconds; NaN if something is not a number. */
export function shiftSeconds(shift: Shift, isEarlier: boolean): number {
  const sum = ((shift.days * 24 + shift.hours) * 60 + shift.minutes) * 60 + shift.seconds;
  return (isEarlier ? -sum : sum) + 0;
}

/** "48.8584, 2.2945", "48.8584° N 2.2945° E", a geo: address, or part of a map's address. Null if none. */
export function parseCoordinates(text: string): { lat: number; lon: number } | null {
  const cleaned = text.trim().replaceAll('−', '-');
  const found =
    /@(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)/.exec(cleaned) ??
    /(?:^|geo:|[?&](?:q|ll|mlat)=)\s*(-?\d+(?:[.]\d+)?)°?\s*([NS])?[\s,;/&]+(?:mlon=)?(-?\d+(?:[.]\d+)?)°?\s*([EWO])?/i.exec(
      cleaned,
    );
  if (!found) return null;
  const isPair = found.length === 3;
  const signed = (value: string | undefined, mark: string | undefined, negative: string) =>
    Number(value) * (mark?.toUpperCase() === negative ? -1 : 1);
  const lat = isPair ? Number(found[1]) : signed(found[1], found[2], 'S');
  const lon = isPair ? Number(found[2]) : signed(found[3], found[4], 'W');
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null;
}
