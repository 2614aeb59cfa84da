import { expect, test } from 'vitest';
import type { Album } from '../api/browse';
import { beforeOf } from './arranging';

const siblings = ['a', 'b', 'c'].map((id) => ({ id }) as Album);

test('an album goes before the one that stands after the gap (SPEC 7.6)', () => {
  expect(beforeOf(siblings, 2, 0)).toBe('a');
  expect(beforeOf(siblings, 0, 2)).toBe('c');
  expect(beforeOf(siblings, 0, 3)).toBeNull();
});

test('the gaps beside an album are its own place', () => {
  expect(beforeOf(siblings, 1, 1)).toBeUndefined();
  expect(beforeOf(siblings, 1, 2)).toBeUndefined();
});
