import { expect, test } from 'vitest';
import { ordinalOfDay } from './going';
import { makeShape } from './samples';

const newest = makeShape([
  ['2024-05-03', [1, 2]],
  ['2024-05-01', [3]],
  ['2023-01-01', [4, 5]],
  ['', [6]],
]);
const oldest = makeShape([
  ['', [6]],
  ['2023-01-01', [4, 5]],
  ['2024-05-01', [3]],
]);

test.each([
  ['2024-05-03', 0],
  ['2024-05-02', 2],
  ['2024-01-01', 3],
  ['2030-01-01', 0],
  // Older than everything: the oldest, and never those without a date.
  ['1999-01-01', 3],
])('newest first: %s', (day, ordinal) => expect(ordinalOfDay(newest, day)).toBe(ordinal));

test.each([
  ['2023-01-01', 1],
  ['2023-06-01', 3],
  ['1999-01-01', 1],
  ['2030-01-01', 3],
])('oldest first: %s', (day, ordinal) => expect(ordinalOfDay(oldest, day)).toBe(ordinal));

test('without dates there is nowhere to go', () => {
  expect(ordinalOfDay(makeShape([['', [1]]]), '2024-01-01')).toBeNull();
});
