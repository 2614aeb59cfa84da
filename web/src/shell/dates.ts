/** Dates, durations and sizes in the person's own language. */

import { i18n } from './i18n.svelte';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Building a formatter is slow and headings are many: each is built once. */
function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = i18n.locale + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(i18n.locale, { timeZone: 'UTC', ...options });
    formats.set(key, format);
  }
  return format;
}

/**
 * A wall-clock time as an instant in UTC, so that it can be written without any zone's shift: photos show
 * the time that the clock on the wall showed. Null if it is not a date.
 */
export function wallClock(local: string): Date | null {
  const match = /^(\d{4,})-(\d\d)(?:-(\d\d))?(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?/.exec(
    local,
  );
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const date = new Date(0);
  // Not the Date constructor: it takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year!, month! - 1, day || 1);
  date.setUTCHours(hour ?? 0, minute ?? 0, second ?? 0);
  return Number.isNaN(date.getTime()) ? null : date;
}

function formatWith(local: string, options: Intl.DateTimeFormatOptions): string {
  const date = wallClock(local);
  return date ? formatter(options).format(date) : local;
}

/** A part of a date by itself, such as a month's name. */
export function formatPart(local: string, options: Intl.DateTimeFormatOptions): string {
  return formatWith(local, options);
}

/** A day for a heading; the year is left out while it is this year. */
export function formatDay(day: string, isCompact: boolean, thisYear: number): string {
  const isThisYear = Number(day.slice(0, 4)) === thisYear;
  return formatWith(day, {
    day: 'numeric',
    month: 'short',
    ...(isCompact ? {} : { weekday: 'short' }),
    ...(isThisYear ? {} : { year: 'numeric' }),
  });
}

export function formatDays(from: string, to: string): string {
  const [a, b] = [wallClock(from), wallClock(to)];
  if (!a || !b) return from;
  const format = formatter({ day: 'numeric', month: 'short', year: 'numeric' });
  return a <= b ? format.formatRange(a, b) : format.formatRange(b, a);
}

export function formatMonth(day: string): string {
  return formatWith(day, { month: 'long', year: 'numeric' });
}

export function formatLongDay(local: string): string {
  return formatWith(local, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

export function formatMoment(local: string): string {
  return formatWith(local, { dateStyle: 'medium', timeStyle: 'short' });
}

/** A moment that the server noted, on this device's own clock. */
export function formatInstant(utc: string): string {
  const date = new Date(utc);
  if (Number.isNaN(date.getTime())) return utc;
  return new Intl.DateTimeFormat(i18n.locale, { dateStyle: 'medium', timeStyle: 'short' }).format(
    date,
  );
}

/** Writes only as much of the time as is known. */
export function formatCaptured(local: string, precision: string): string {
  if (precision === 'year') return formatWith(local, { year: 'numeric' });
  if (precision === 'month') return formatMonth(local);
  if (precision === 'day') return formatLongDay(local);
  const isExact = precision === 'second' || precision === 'millisecond';
  return `${formatLongDay(local)}, ${formatWith(local, { timeStyle: isExact ? 'medium' : 'short' })}`;
}

/** The same for a narrow bar. */
export function formatCapturedShort(local: string, precision: string): string {
  if (['year', 'month', 'day'].includes(precision)) return formatCaptured(local, precision);
  return formatWith(local, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  });
}

/** 73.4 → "1:13", 4000 → "1:06:40". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  if (whole >= 3600) parts.unshift(Math.floor(whole / 3600));
  return parts.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

export function formatNumber(value: number, digits = 0): string {
  return new Intl.NumberFormat(i18n.locale, { maximumFractionDigits: digits }).format(value);
}

const SIZE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export function formatSize(bytes: number): string {
  const step = Math.min(SIZE_UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return new Intl.NumberFormat(i18n.locale, {
    style: 'unit',
    unit: SIZE_UNITS[step]!,
    unitDisplay: step > 0 ? 'short' : 'long',
    maximumFractionDigits: step > 1 ? 1 : 0,
  }).format(bytes / 1000 ** step);
}
