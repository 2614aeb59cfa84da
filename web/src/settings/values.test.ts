import { describe, expect, test } from 'vitest';
import type { Setting, SettingValue } from '../api/browse';
import { controlOf, faultsOf, fromText, isSameValue, labelOf, toText } from './values';

const setting = (value: SettingValue, more: Partial<Setting> = {}): Setting => ({
  name: 'a_b',
  env: 'PS_A_B',
  scope: 'library',
  topic: 'Previews',
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

  test('a refusal is shown at the setting that it names', () => {
    const error = new Error('nice: 99 is not a number from 0 to 19');
    expect(faultsOf(error, ['http_port', 'nice'])).toEqual({ nice: error.message });
    expect(faultsOf(new Error('The disk is full'), ['nice'])).toEqual({});
    expect(faultsOf(new Error('scan_all: no'), ['scan', 'scan_all'])).toEqual({
      scan_all: 'scan_all: no',
    });
  });
});
