import { describe, expect, test } from 'vitest';
import { formatRoute, parseRoute, toRoute } from '../shell/routes';
import { streamHref, streamTitle } from './streams';
import { viewOf } from './views';

const today = new Date(2024, 1, 29, 23, 59);

describe('the view behind a page', () => {
  test.each([
    ['photos', 'cat', { q: 'cat', order: 'newest' }],
    ['favourites', '', { q: 'favorite:yes', order: 'newest' }],
    ['recent', '', { q: '', order: 'added' }],
    ['onthisday', '', { q: 'onthisday:02-29 before:2024', order: 'newest' }],
    ['hidden', '', { q: 'in:hidden', order: 'newest' }],
    ['trash', '', { q: 'in:trash', order: 'newest' }],
    ['settings', '', null],
  ] as const)('%s %s', (page, q, view) => {
    expect(viewOf(toRoute({ page, q }), today)).toEqual(view);
  });
});

describe('the order in the address', () => {
  test.each([
    ['/photos', '?order=oldest', 'oldest'],
    ['/search', '?q=cat&order=added', 'added'],
    ['/tags/t1', '?order=oldest', 'oldest'],
    ['/albums/a1', '?order=newest', 'newest'],
    ['/albums/a1/p1', '?order=album', 'album'],
    // The usual one needs no word, and only albums are arranged.
    ['/photos', '?order=newest', ''],
    ['/photos', '?order=album', ''],
    ['/photos', '?order=random', ''],
    ['/recent', '?order=oldest', ''],
    ['/settings', '?order=oldest', ''],
  ])('%s%s', (path, search, order) => {
    const route = parseRoute(path, search);
    expect(route.order).toBe(order);
    const url = new URL(formatRoute(route), 'http://localhost');
    expect(parseRoute(url.pathname, url.search)).toEqual(route);
  });
});

describe('a stream of the home page (SPEC 10.2)', () => {
  test('leads to all of it, and to a photo among all of it', () => {
    const stream = { kind: 'where', title: 'Lisbon', query: 'city:Lisbon' };
    expect(streamTitle(stream)).toBe('Lisbon');
    expect(streamHref(stream, null)).toBe('/search?q=city%3ALisbon');
    expect(streamHref(stream, 'a1')).toBe('/search/a1?q=city%3ALisbon');
  });

  test('of what is new keeps the order of adding', () => {
    expect(streamHref({ kind: 'recent', query: '' }, 'a1')).toBe('/recent/a1');
    expect(streamHref({ kind: 'random', query: '' }, null)).toBe('/photos');
  });
});
