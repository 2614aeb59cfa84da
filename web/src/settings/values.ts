/** Between a setting's value and what stands in its field. Pure, but for the words. */

import type { Setting, SettingValue } from '../api/browse';
import { ApiError } from '../api/client';
import { formatNumber } from '../shell/dates';
import { hasWords, t, type Key } from '../shell/i18n.svelte';
import { said } from '../shell/said';
import { isQuantity, parseQuantity } from './quantity';

export type Control = 'switch' | 'choice' | 'number' | 'quantity' | 'time' | 'list' | 'text';

const LISTS = new Set(['paths', 'hosts', 'networks', 'list']);

export function controlOf(setting: Setting): Control {
  if (setting.choices && setting.choices.length > 0) return 'choice';
  if (typeof setting.default === 'boolean' || typeof setting.value === 'boolean') return 'switch';
  if (LISTS.has(setting.kind) || Array.isArray(setting.default)) return 'list';
  // A value that is none of its kind is shown as it is.
  if (isQuantity(setting.kind) && parseQuantity(setting.kind, toText(setting.value))) {
    return 'quantity';
  }
  if (setting.kind === 'time') return 'time';
  if (typeof setting.default === 'number' && typeof setting.value === 'number') return 'number';
  return 'text';
}

export function toText(value: SettingValue): string {
  if (value === null) return '';
  return Array.isArray(value) ? value.join('\n') : String(value);
}

/** What a field's text means; null is "as by default". */
export function fromText(control: Control, text: string): SettingValue {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  // What is not a number is the server's to explain.
  if (control === 'number' && /^-?\d+$/.test(trimmed)) return Number(trimmed);
  return trimmed;
}

export function isSameValue(a: SettingValue, b: SettingValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A setting's name in words; one that the app has none for is spelled out: "a_b" → "A b". */
export function labelOf(name: string): string {
  const key = `setting.${name}`;
  if (hasWords(key)) return t(key as Key);
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** One of a setting's choices in words. */
export function choiceLabel(name: string, choice: string): string {
  const key = `choice.${name}.${choice}`;
  return hasWords(key) ? t(key as Key) : choice;
}

const COUNTED: Readonly<Record<string, Key>> = {
  ms: 'settings.unit.ms',
  s: 'settings.unit.s',
  m: 'settings.unit.m',
  h: 'settings.unit.h',
  d: 'settings.unit.d',
};

/** A unit's name beside a number of it. */
export function unitLabel(unit: string, count: number): string {
  const key = COUNTED[unit];
  return key ? t(key, { count }) : unit;
}

/** A value as a person says it: "2 seconds", "on", "16 GiB". */
export function inWords(setting: Setting, value: SettingValue): string {
  if (typeof value === 'boolean') return t(value ? 'settings.on' : 'settings.off');
  const text = Array.isArray(value) ? value.join(', ') : toText(value);
  if (setting.choices?.includes(text)) return choiceLabel(setting.name, text);
  if (setting.kind === 'time' && text === 'off') return t('settings.never');
  const quantity = parseQuantity(setting.kind, text);
  if (!quantity) return text;
  const { amount, unit } = quantity;
  return `${formatNumber(amount, Number.isInteger(amount) ? 0 : 3)} ${unitLabel(unit, amount)}`;
}

/** What a refusal says of the settings that were to be changed, by name. */
export function faultsOf(error: Error, names: readonly string[]): Record<string, string> {
  const told: unknown = error instanceof ApiError ? error.body['faults'] : null;
  if (told === null || typeof told !== 'object') return {};
  const known = Object.entries(told).filter(([name]) => names.includes(name));
  return Object.fromEntries(known.map(([name, text]) => [name, said(String(text))]));
}
