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

/** What a refused change says of each setting, by name. */
export function faultsOf(body: Readonly<Record<string, unknown>>): Record<string, string> {
  const { errors, setting, detail } = body;
  if (Array.isArray(errors)) {
    return Object.fromEntries(
      (errors as Record<string, unknown>[]).map((one) => [
        String(one['name'] ?? one['setting'] ?? ''),
        String(one['message'] ?? one['detail'] ?? one['reason'] ?? ''),
      ]),
    );
  }
  if (errors && typeof errors === 'object') {
    return Object.fromEntries(
      Object.entries(errors).map(([name, message]) => [name, String(message)]),
    );
  }
  return typeof setting === 'string' ? { [setting]: String(detail ?? '') } : {};
}
