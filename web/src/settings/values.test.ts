import { describe, expect, test } from 'vitest';
import type { Setting, SettingValue } from '../api/browse';
import { ApiError } from '../api/client';
import { formatQuantity, parseQuantity, unitsOf } from './quantity';
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
    expect(controlOf(setting(['/a'], { kind: 'paths' }))).toBe('list');
    expect(controlOf(setting(3))).toBe('number');
    expect(controlOf(setting('90s', { kind: 'duration' }))).toBe('quantity');
    expect(controlOf(setting('soon', { kind: 'duration' }))).toBe('text');
    expect(controlOf(setting('02:00', { kind: 'time' }))).toBe('time');
    expect(controlOf(setting(null))).toBe('text');
  });

  test('what is written is what is meant', () => {
    expect(fromText('number', ' 12 ')).toBe(12);
    expect(fromText('number', 'many')).toBe('many');
    expect(fromText('text', '  ')).toBeNull();
    expect(toText(['/a', '/b'])).toBe('/a\n/b');
    expect(isSameValue(['a'], ['a'])).toBe(true);
    expect(labelOf('never_heard_of')).toBe('Never heard of');
  });

  test('sizes and durations are a number and a unit', () => {
    const round = (kind: string, text: string) => formatQuantity(parseQuantity(kind, text)!);
    expect(parseQuantity('duration', '1h30m')).toEqual({ amount: 90, unit: 'm' });
    expect(parseQuantity('duration', '90')).toEqual({ amount: 90, unit: 's' });
    expect(round('duration', '1.5s')).toBe('1.5s');
    expect(round('size', '16GiB')).toBe('16GiB');
    expect(round('pixels', '500MP')).toBe('500MP');
    expect(round('pixels', '12345')).toBe('12345');
    expect(parseQuantity('size', '5 parsecs')).toBeNull();
    expect(parseQuantity('text', '5 MB')).toBeNull();
    expect(unitsOf('size', 'MB')).toEqual(['kB', 'MB', 'GB', 'TB']);
    expect(unitsOf('size', 'GiB')).toEqual(['kB', 'MB', 'GB', 'GiB', 'TB']);
  });

  test('a refusal is shown at the settings that it names', () => {
    const faults = { nice: 'no', http_port: 'neither', other: 'not asked' };
    const error = new ApiError(400, 'bad-request', 'No', 'no', { faults });
    expect(faultsOf(error, ['http_port', 'nice'])).toEqual({ nice: 'no', http_port: 'neither' });
    expect(faultsOf(new Error('The disk is full'), ['nice'])).toEqual({});
  });
});
