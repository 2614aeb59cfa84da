import { describe, expect, test } from 'vitest';
import type { Asset, AssetTag } from '../api/types';
import { keywordHref, otherTags, personHref, placeLinks, quoted } from './links';
import { keepInterval, readInterval, waitFor } from './slides';

const tag = (kind: string, ...path: string[]): AssetTag => ({
  id: path.join('/'),
  kind,
  path,
  query: `tag:"${path.join('/')}"`,
});

const asset = (values: Partial<Asset>) => values as Asset;

describe('a fact leads to everything that shares it (SPEC 10.2)', () => {
  test('by its tag, wherever that stands in the tree', () => {
    const bird = asset({ tags: [tag('keyword', 'Keywords', 'Animals', 'Bird')] });
    const wanted = `/search?${new URLSearchParams({ q: 'tag:"Keywords/Animals/Bird"' })}`;
    expect(keywordHref(bird, 'bird')).toBe(wanted);
  });

  test('by a search where there is no tag', () => {
    expect(keywordHref(asset({}), 'at sea')).toBe(
      `/search?${new URLSearchParams({ q: 'keyword:"at sea"' })}`,
    );
    expect(personHref(asset({ tags: [] }), 'Ana')).toBe('/search?q=person%3AAna');
  });

  test('a quote in a name ends nothing', () => {
    expect(quoted('say "cheese" OR x')).toBe('"say  cheese  OR x"');
    expect(quoted('Ümläut-7')).toBe('Ümläut-7');
  });

  test('a place is named once where city and state are the same', () => {
    const place = { city: 'Berlin', state: 'Berlin', country: 'Germany', country_code: 'DE' };
    expect(placeLinks(asset({ place })).map((link) => link.name)).toEqual(['Berlin', 'Germany']);
    expect(placeLinks(asset({ place: null }))).toEqual([]);
  });

  test('tags that stand elsewhere in the panel are not said twice', () => {
    const tags = [
      tag('when', 'When', '2024'),
      tag('type', 'Type', 'Raw'),
      tag('type', 'Type', 'Photo'),
      tag('folder', 'x'),
    ];
    expect(otherTags(asset({ tags })).map((link) => link.name)).toEqual(['Raw']);
  });
});

test('a video of a slideshow plays to its end, within reason', () => {
  expect(waitFor(4, null)).toBe(4_000);
  expect(waitFor(4, 2)).toBe(4_000);
  expect(waitFor(4, 30)).toBe(30_000);
  expect(waitFor(4, 9_999)).toBe(120_000);
  keepInterval(8);
  expect(readInterval()).toBe(4);
});
