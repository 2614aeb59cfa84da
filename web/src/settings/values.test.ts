import { describe, expect, test } from 'vitest';
import type { Setting, SettingValue } from '../api/browse';
import { controlOf, faultsOf, fromText, isSameValue, labelOf, toText } from './values';

const setting = (value: SettingValue, more: Partial<Setting> = {}): Setting => ({
  name: 'a_b',
  env: 'PS_A_B',
  scope: 'library',
  kind: 'x',
  value,
  default: value,
  description: '',
  choices: null,
  source: { kind: 'default', where: null },
  fixed: false,
  needs_restart: false,
  ...more,
});

describe('settings (SPEC 3.1, 3.3)', () => {
  test('each gets the field that fits', () => {
    expect(controlOf(setting(true))).toBe('switch');
    expect(controlOf(setting('auto', { choices: ['auto', 'none'] }))).toBe('choice');
    expect(controlOf(setting(['/a']))).toBe('lines');
    expect(controlOf(setting(3))).toBe('number');
    expect(controlOf(setting('90s'))).toBe('text');
    expect(controlOf(setting(null))).toBe('text');
  });

  test('what is written is what is meant', () => {
    expect(fromText('lines', ' /a \n\n/b')).toEqual(['/a', '/b']);
    expect(fromText('number', ' 12 ')).toBe(12);
    expect(fromText('number', 'many')).toBe('many');
    expect(fromText('text', '  ')).toBeNull();
    expect(toText(['/a', '/b'])).toBe('/a\n/b');
    expect(isSameValue(['a'], ['a'])).toBe(true);
    expect(labelOf('max_concurrent_imports')).toBe('Max concurrent imports');
  });

  test('a refusal names the settings', () => {
    expect(faultsOf({ errors: { nice: 'too high' } })).toEqual({ nice: 'too high' });
    expect(faultsOf({ errors: [{ name: 'nice', message: 'no' }] })).toEqual({ nice: 'no' });
    expect(faultsOf({ setting: 'nice', detail: 'no' })).toEqual({ nice: 'no' });
    expect(faultsOf({ detail: 'else' })).toEqual({});
  });
});
