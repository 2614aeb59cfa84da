import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ShapePatch } from '../api/types';
import { anyShape, encodeShape, makeShape } from './samples';
import {
  applyPatch,
  ASPECTS,
  dayIndexOf,
  decodeShape,
  ShapeFormatError,
  type Shape,
} from './shape';

/** The view as a plain list: the model to compare with. */
interface Item {
  key: number;
  ratio: number;
  day: string;
}

function itemsOf(shape: Shape): Item[] {
  return Array.from(shape.ratios, (ratio, key) => ({
    key,
    ratio,
    day: shape.days[dayIndexOf(shape, key)]!,
  }));
}

describe('decodeShape', () => {
  test('reads back what the format says', () => {
    fc.assert(
      fc.property(anyShape(), (shape) => {
        const decoded = decodeShape(encodeShape(shape));
        expect(decoded).toEqual(shape);
      }),
    );
  });

  test('refuses what is cut short or does not add up', () => {
    const bytes = encodeShape(makeShape([['2024-05-03', [128, 140]]]));
    expect(() => decodeShape(bytes.slice(0, 3))).toThrow(ShapeFormatError);
    expect(() => decodeShape(bytes.slice(0, 20))).toThrow(ShapeFormatError);
    expect(() => decodeShape(bytes.slice(0, -1))).toThrow(ShapeFormatError);
  });

  test('a ratio byte of 128 is a square, 160 twice as wide as high', () => {
    expect(ASPECTS[128]).toBe(1);
    expect(ASPECTS[160]).toBe(2);
    expect(ASPECTS[96]).toBe(0.5);
  });
});

test('dayIndexOf finds the run that holds the ordinal', () => {
  fc.assert(
    fc.property(anyShape(), (shape) => {
      for (let ordinal = 0; ordinal < shape.count; ordinal++) {
        const day = dayIndexOf(shape, ordinal);
        expect(shape.dayStarts[day]!).toBeLessThanOrEqual(ordinal);
        expect(shape.dayStarts[day + 1]!).toBeGreaterThan(ordinal);
      }
    }),
  );
});

/** A random edit of a view, with the patch that describes it and the list that it must lead to. */
const anyEdit = anyShape().chain((shape) =>
  fc
    .record({
      removed: fc.subarray(Array.from({ length: shape.count }, (_, i) => i)),
      inserts: fc.array(fc.record({ at: fc.nat(), ratio: fc.nat(255), day: fc.nat(5) }), {
        maxLength: 8,
      }),
    })
    .map(({ removed, inserts }) => {
      const list: Item[] = itemsOf(shape).filter((item) => !removed.includes(item.key));
      for (const { at, ratio, day } of inserts) {
        list.splice(at % (list.length + 1), 0, { key: -1, ratio, day: `2030-01-0${day + 1}` });
      }
      const inserted = list.flatMap((item, i): ShapePatch['inserted'] =>
        item.key === -1 ? [[i, item.ratio, item.day]] : [],
      );
      const patch: ShapePatch = { from: shape.revision, to: shape.revision + 1, removed, inserted };
      return { shape, patch, list };
    }),
);

describe('applyPatch', () => {
  test('leads to the same view as editing a list', () => {
    fc.assert(
      fc.property(anyEdit, ({ shape, patch, list }) => {
        const after = applyPatch(shape, patch).shape;
        expect(after.revision).toBe(patch.to);
        expect(itemsOf(after).map(({ ratio, day }) => ({ ratio, day }))).toEqual(
          list.map(({ ratio, day }) => ({ ratio, day })),
        );
      }),
    );
  });

  test('tells where each asset went', () => {
    fc.assert(
      fc.property(anyEdit, ({ shape, patch, list }) => {
        const { remap } = applyPatch(shape, patch);
        for (let ordinal = 0; ordinal < shape.count; ordinal++) {
          const index = list.findIndex((item) => item.key === ordinal);
          expect(remap.move(ordinal)).toBe(index === -1 ? null : index);
        }
      }),
    );
  });

  test('refuses a patch of another revision', () => {
    const shape = makeShape([['2024-05-03', [128]]]);
    const patch = { from: shape.revision + 5, to: 99, removed: [], inserted: [] };
    expect(() => applyPatch(shape, patch)).toThrow(ShapeFormatError);
  });

  test('refuses removals and inserts outside the view', () => {
    const shape = makeShape([['2024-05-03', [128]]]);
    const base = { from: shape.revision, to: shape.revision + 1 };
    expect(() => applyPatch(shape, { ...base, removed: [1], inserted: [] })).toThrow();
    expect(() =>
      applyPatch(shape, { ...base, removed: [], inserted: [[3, 128, '2024-05-03']] }),
    ).toThrow();
  });
});
