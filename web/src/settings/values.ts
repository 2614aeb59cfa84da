/** Between a setting's value and what stands in its field. Pure. */

import type { Setting, SettingValue } from '../api/browse';

export type Control = 'switch' | 'choice' | 'number' | 'lines' | 'text';

export function controlOf(setting: Setting): Control {
  if (setting.choices && setting.choices.length > 0) return 'choice';
  if (typeof setting.default === 'boolean' || typeof setting.value === 'boolean') return 'switch';
  if (Array.isArray(setting.default) || Array.isArray(setting.value)) return 'lines';
  if (typeof setting.default === 'number' && typeof setting.value === 'number') return 'number';
  return 'text';
}

export function toText(value: SettingValue): string {
  if (value === null) return '';
  return Array.isArray(value) ? value.join('\n') : String(value);
}

/** What a field's text means; null is "as by default". */
export function fromText(control: Control, text: string): SettingValue {
  if (control === 'lines') {
    return text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  }
  const trimmed = text.trim();
  if (trimmed === '') return null;
  // What is not a number is the server's to explain.
  if (control === 'number' && /^-?\d+$/.test(trimmed)) return Number(trimmed);
  return trimmed;
}

export function isSameValue(a: SettingValue, b: SettingValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** "max_concurrent_imports" → "Max concurrent imports". */
export function labelOf(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a refusal says of the settings that were to be changed, by name: it begins with that of the wrong one. */
export function faultsOf(error: Error, names: readonly string[]): Record<string, string> {
  // The longest first: one name may be the beginning of another.
  const name = [...names]
    .sort((a, b) => b.length - a.length)
    .find((one) => new RegExp(`\\b${one}\\b`).test(error.message));
  return name === undefined ? {} : { [name]: error.message };
}
