import { describe, expect, test } from 'vitest';
import type { Album } from '../api/browse';
import { ancestorsOf, childrenOf, possibleParents } from './tree';

const album = (id: string, parent: string | null, position = 0): Album => ({
  id,
  parent,
  position,
  name: id,
  description: null,
  query: null,
  order: null,
  cover: null,
  preview: null,
  ratio: null,
  count: 0,
  source: 'person',
  created_at: '2024-01-01T00:00:00Z',
  first_taken: null,
  last_taken: null,
});

const names = (albums: Album[]) => albums.map((one) => one.id).join(' ');

describe('nested albums (SPEC 7.6)', () => {
  const albums = [album('b', null, 2), album('a', null, 1), album('c', 'a'), album('d', 'c')];

  test('stand in their order, each in its parent', () => {
    expect(names(childrenOf(albums, null))).toBe('a b');
    expect(names(childrenOf(albums, 'a'))).toBe('c');
    expect(names(ancestorsOf(albums, 'd'))).toBe('a c');
  });

  test('whose parent is gone are at the top', () => {
    expect(names(childrenOf([album('x', 'gone')], null))).toBe('x');
  });

  test('never go into themselves or what is inside them', () => {
    expect(names(possibleParents(albums, 'a'))).toBe('b');
    expect(names(possibleParents(albums, null))).toBe('b a c d');
  });

  test('a circle has an end', () => {
    expect(names(ancestorsOf([album('x', 'y'), album('y', 'x')], 'x'))).toBe('x y');
  });
});
