import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, wallClock } from './dates';
import de from '../i18n/de.json';
import en from '../i18n/en.json';
import first from '../i18n/en.json?first';
import rest from '../i18n/en.json?rest';
import { format, type Messages } from './i18n.svelte';
import { shareDone } from './progress';
import { formatRoute, parseRoute, toRoute, type PageName, type Route } from './routes';
import { SECTIONS } from './sections';
import { keyOf } from './shortcuts.svelte';

describe('router', () => {
  const route = (page: PageName, more: Partial<Route> = {}) => toRoute({ page, ...more });

  test.each<[string, string, Route]>([
    ['/', '', route('home')],
    ['/photos', '', route('photos')],
    ['/photos/', '?q=cat', route('photos', { q: 'cat' })],
    ['/photos/a1', '', route('photos', { id: 'a1' })],
    ['/search', '?q=a%20%22b%22', route('photos', { q: 'a "b"' })],
    ['/search/a1', '?q=cat', route('photos', { id: 'a1', q: 'cat' })],
    ['/search', '', route('photos')],
    ['/albums', '', route('albums')],
    ['/albums/b2', '', route('album', { key: 'b2' })],
    ['/albums/b2/a1', '', route('album', { key: 'b2', id: 'a1' })],
    ['/tags/t3/a1', '', route('tag', { key: 't3', id: 'a1' })],
    ['/folders/f4', '', route('folder', { key: 'f4' })],
    ['/favourites/a1', '', route('favourites', { id: 'a1' })],
    ['/onthisday', '', route('onthisday')],
    ['/trash', '', route('trash')],
    ['/settings', '', route('settings')],
    ['/sync', '', route('sync')],
    ['/sync/reports/r.csv', '?q=x', route('report', { key: 'r.csv', q: 'x' })],
    ['/status', '', route('status')],
    ['/about', '', route('about')],
    ['/health', '', route('missing', { key: '/health' })],
    ['/photos/a/b', '', route('missing', { key: '/photos/a/b' })],
    ['/albums/a/b/c', '', route('missing', { key: '/albums/a/b/c' })],
    ['/sync/reports', '', route('missing', { key: '/sync/reports' })],
    ['/photos/%', '', route('photos', { id: '%' })],
    ['/toString', '', route('missing', { key: '/toString' })],
    ['/else', '', route('missing', { key: '/else' })],
  ])('%s%s', (path, search, expected) => {
    expect(parseRoute(path, search)).toEqual(expected);
  });

  test('an address leads back to its route', () => {
    const text = fc.string({ minLength: 1 }).filter((one) => one !== '.' && one !== '..');
    const photo = fc.option(text);
    const routes = fc.oneof(
      fc.record({ page: fc.constant<PageName>('photos'), id: photo, q: fc.string() }),
      fc.record({
        page: fc.constantFrom<PageName>('favourites', 'recent', 'hidden', 'trash', 'onthisday'),
        id: photo,
      }),
      fc.record({
        page: fc.constantFrom<PageName>('album', 'tag', 'folder'),
        key: text,
        id: photo,
      }),
      fc.record({ page: fc.constant<PageName>('report'), key: text, q: fc.string() }),
    );
    fc.assert(
      fc.property(routes, (target) => {
        const url = new URL(formatRoute(target), 'http://localhost');
        expect(parseRoute(url.pathname, url.search)).toEqual(toRoute(target));
      }),
    );
  });
});

describe('keys', () => {
  const press = (key: string, more = {}) =>
    keyOf({ key, ctrlKey: false, metaKey: false, shiftKey: false, ...more });

  test('are named the same on every keyboard', () => {
    expect(press('a', { metaKey: true })).toBe('Ctrl+a');
    expect(press('D', { shiftKey: true })).toBe('Shift+d');
    expect(press('?', { shiftKey: true })).toBe('?');
    expect(press('?')).toBe('?');
    expect(press(' ')).toBe('Space');
    expect(press('ArrowLeft', { shiftKey: true })).toBe('Shift+ArrowLeft');
  });
});

describe('words', () => {
  test('are filled in, and chosen by the language’s plural rules', () => {
    const words = { n_one: 'one {count}', n_few: 'few {count}', n_other: 'many {count}' };
    expect(format(words, {}, 'en', 'n', { count: 1 })).toBe('one 1');
    expect(format(words, {}, 'en', 'n', { count: 3 })).toBe('many 3');
    expect(format(words, {}, 'pl', 'n', { count: 3 })).toBe('few 3');
    expect(format(words, {}, 'de', 'n', { count: 12_345 })).toBe('many 12.345');
  });

  test('fall back to English, and to the key', () => {
    expect(format({}, { a: 'A' }, 'de', 'a')).toBe('A');
    expect(format({}, {}, 'de', 'a.b')).toBe('a.b');
  });

  test('a value is never filled in twice', () => {
    expect(format({ a: '{x}' }, {}, 'en', 'a', { x: '{y}', y: 'no' })).toBe('{y}');
  });

  test('every language has the same keys and the same fields', () => {
    const english: Messages = en;
    const german: Messages = de;
    expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
    const fields = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [key, text] of Object.entries(english)) {
      expect(fields(german[key]!), key).toEqual(fields(text));
    }
  });
});

describe('parts of the words', () => {
  test('are together all of them, each once', () => {
    const [a, b] = [Object.keys(first), Object.keys(rest)];
    expect([...a, ...b].sort()).toEqual(Object.keys(en).sort());
    expect(first['nav.photos']).toBe(en['nav.photos']);
  });

  test('the first has what the first screen says', () => {
    for (const { label } of SECTIONS.flat()) expect(first).toHaveProperty([label]);
    for (const key of ['offline.banner', 'loading', 'failed.title', 'search.label']) {
      expect(first).toHaveProperty([key]);
    }
  });
});

describe('dates', () => {
  test('are wall-clock times, also in odd years', () => {
    expect(wallClock('2024-05-03T14:05:09.123')?.toISOString()).toBe('2024-05-03T14:05:09.000Z');
    expect(wallClock('2024-05')?.toISOString()).toBe('2024-05-01T00:00:00.000Z');
    expect(wallClock('0099-12-31')?.getUTCFullYear()).toBe(99);
    expect(wallClock('')).toBeNull();
  });

  test('durations', () => {
    expect(formatDuration(73.4)).toBe('1:13');
    expect(formatDuration(4_000)).toBe('1:06:40');
    expect(formatDuration(0.2)).toBe('0:00');
  });
});

test('the share done is unknown while files are still being looked for', () => {
  const progress = {
    state: 'scanning' as const,
    found: 10,
    done: 0,
    failed: 0,
    rejected: 0,
    rate_per_s: null,
    time_left_s: null,
    screens_left: 0,
    screens_done: 0,
    folder: null,
    started_at: null,
  };
  expect(shareDone(progress)).toBeNull();
  expect(shareDone({ ...progress, state: 'importing', done: 5 })).toBe(0.5);
  expect(shareDone({ ...progress, state: 'importing', done: 20 })).toBe(1);
  const following = { ...progress, state: 'importing' as const, done: 10, screens_left: 6 };
  expect(shareDone({ ...following, screens_done: 2 })).toBe(0.25);
  expect(shareDone({ ...following, done: 5 })).toBe(0.5);
});
