import { expect, test, beforeAll } from 'vitest';
import { i18n } from '../shell/i18n.svelte';
import type { JournalAct } from '../api/acts';
import { byDay, iconOf, sentenceOf } from './acting';

// The words that are not on the first screen.
beforeAll(() => i18n.complete());

const act = (values: Partial<JournalAct>): JournalAct => ({
  id: 1,
  at: '2026-11-21T12:00:00Z',
  user: null,
  act: 'trash',
  count: 3,
  summary_key: '',
  values: {},
  items: [],
  undone_at: null,
  undoable: true,
  undoes: null,
  ...values,
});

test('acts are told in words (SPEC 9.6)', () => {
  expect(sentenceOf(act({}))).toBe('Moved 3 to the trash');
  expect(sentenceOf(act({ count: 1, act: 'album_add', values: { name: 'Sea' } }))).toBe(
    'Added 1 to the album “Sea”',
  );
  expect(sentenceOf(act({ act: 'edit', values: { fields: 'captured, keywords' } }))).toBe(
    'Changed 3: date, keywords',
  );
  expect(sentenceOf(act({ act: 'upload' }))).toBe('Added 3');
  expect(sentenceOf(act({ undoes: 4 }))).toBe('Undone for 3');
  expect(sentenceOf(act({ act: 'something_new' }))).toBe('something_new: 3');
  expect(iconOf(act({ act: 'something_new' }))).toBe('history');
});

test('acts are gathered by days, in their order', () => {
  const days = byDay([
    act({ id: 3 }),
    act({ id: 2, at: '2026-11-19T12:00:00Z' }),
    act({ id: 1, at: '2026-11-19T11:00:00Z' }),
  ]);
  expect(days.map((day) => day.entries.map((one) => one.id))).toEqual([[3], [2, 1]]);
});
