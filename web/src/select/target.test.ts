import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { missingParts } from './ids';
import { Selection } from './selection';
import { albumOf, queryOf, realmOf } from './target';
import { canRate, toolsFor } from './tools';

describe('where a view looks', () => {
  test.each([
    ['', 'library'],
    ['in:trash', 'trash'],
    ['beach in:hidden', 'hidden'],
    ['IN:Removed', 'removed'],
    ['plain:in:trash', 'library'],
    ['in:trashcan', 'library'],
  ])('%s', (q, realm) => expect(realmOf(q)).toBe(realm));

  test('an album is one only where nothing else is asked', () => {
    expect(albumOf('album:abc')).toBe('abc');
    expect(albumOf('album:"abc"')).toBe('abc');
    expect(albumOf('album:abc beach')).toBeNull();
    expect(albumOf('')).toBeNull();
  });
});

test('what can be done goes by where a photo lies, not by the link to it', () => {
  expect(queryOf('', { shelf: 'trash' })).toBe('in:trash');
  expect(queryOf('in:trash', { shelf: 'timeline' })).toBe('');
  expect(queryOf('album:a', { shelf: 'timeline' })).toBe('album:a');
  expect(queryOf('sea in:hidden', { shelf: 'hidden' })).toBe('sea in:hidden');
  expect(queryOf('sea', null)).toBe('sea');
});

test('nothing is deleted for good outside the trash, and nothing is edited in it (SPEC 9.4)', () => {
  const labels = (q: string) => toolsFor(q).map((tool) => tool.label);
  expect(labels('in:trash')).toEqual(['act.toRestore', 'act.toDownload', 'act.toDelete']);
  for (const q of ['', 'beach', 'in:hidden', 'album:x', 'in:missing', 'in:removed']) {
    expect(labels(q)).not.toContain('act.toDelete');
  }
  const hard = toolsFor('', true).map((tool) => tool.label);
  expect(hard).toContain('act.toDelete');
  expect(hard).not.toContain('act.toTrash');
  expect(labels('in:hidden')).toContain('act.toUnhide');
  expect(labels('in:hidden')).not.toContain('act.toHide');
  expect(labels('album:x')).toContain('act.toUnalbum');
  expect(labels('')).not.toContain('act.toUnalbum');
  expect([canRate(''), canRate('in:trash'), canRate('in:removed')]).toEqual([true, false, false]);
});

test('what is not known of a selection is asked for once, in parts that the server takes', () => {
  const anyRange = fc
    .tuple(fc.nat(300), fc.nat(300))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  fc.assert(
    fc.property(
      fc.array(anyRange),
      fc.uniqueArray(fc.nat(300)),
      fc.integer({ min: 1, max: 50 }),
      (ranges, list, most) => {
        const known = new Set(list);
        const selection = Selection.of(ranges);
        const parts = missingParts(selection.ranges, (ordinal) => known.has(ordinal), most);
        const asked = parts.flatMap(([from, to]) =>
          Array.from({ length: to - from }, (_, i) => from + i),
        );
        expect(new Set(asked).size).toBe(asked.length);
        expect(parts.every(([from, to]) => to - from <= most && to > from)).toBe(true);
        for (let ordinal = 0; ordinal <= 300; ordinal++) {
          if (selection.has(ordinal) && !known.has(ordinal)) expect(asked).toContain(ordinal);
        }
        expect(asked.every((ordinal) => selection.has(ordinal))).toBe(true);
      },
    ),
  );
});
