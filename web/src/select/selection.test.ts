import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Remap } from '../timeline/shape';
import { Selection } from './selection';

const SIZE = 40;

const anyRange = fc
  .tuple(fc.nat(SIZE), fc.nat(SIZE))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

type Act = readonly ['add' | 'remove' | 'toggleAll', readonly [number, number]];
const anyActs: fc.Arbitrary<Act[]> = fc.array(
  fc.tuple(fc.constantFrom('add' as const, 'remove' as const, 'toggleAll' as const), anyRange),
);

/** The same acts on a plain set: the model to compare with. */
function perform(acts: readonly Act[]): { selection: Selection; model: Set<number> } {
  let selection = Selection.NONE;
  const model = new Set<number>();
  for (const [name, [start, end]] of acts) {
    if (start === end) continue;
    const numbers = Array.from({ length: end - start }, (_, i) => start + i);
    const isDropping =
      name === 'remove' || (name === 'toggleAll' && numbers.every((n) => model.has(n)));
    for (const n of numbers) {
      if (isDropping) model.delete(n);
      else model.add(n);
    }
    selection = selection[name](start, end);
  }
  return { selection, model };
}

describe('Selection', () => {
  test('behaves like a set', () => {
    fc.assert(
      fc.property(anyActs, (acts) => {
        const { selection, model } = perform(acts);
        expect(selection.count).toBe(model.size);
        for (let n = 0; n <= SIZE; n++) expect(selection.has(n)).toBe(model.has(n));
        expect(selection.isEmpty).toBe(model.size === 0);
      }),
    );
  });

  test('keeps its ranges ascending and apart', () => {
    fc.assert(
      fc.property(anyActs, (acts) => {
        const { ranges } = perform(acts).selection;
        ranges.forEach(([start, end], i) => {
          expect(end).toBeGreaterThan(start);
          if (i > 0) expect(start).toBeGreaterThan(ranges[i - 1]![1]);
        });
      }),
    );
  });

  test('reaches from the last choice in both directions', () => {
    const chosen = Selection.NONE.toggle(10);
    expect(chosen.reach(13).ranges).toEqual([[10, 14]]);
    expect(chosen.reach(7).ranges).toEqual([[7, 11]]);
    expect(chosen.reach(7).anchor).toBe(10);
  });

  test('reaching without a choice before chooses one', () => {
    expect(Selection.NONE.reach(5).ranges).toEqual([[5, 6]]);
  });

  test('a day is chosen whole, and dropped whole', () => {
    const part = Selection.NONE.toggle(3);
    expect(part.toggleAll(0, 6).count).toBe(6);
    expect(part.toggleAll(0, 6).toggleAll(0, 6).isEmpty).toBe(true);
  });

  test('choosing all of a million is one range', () => {
    const all = Selection.of([[0, 1_000_000]]);
    expect(all.count).toBe(1_000_000);
    expect(all.toggle(500_000).ranges).toHaveLength(2);
  });

  test('stays with its assets when the view changes', () => {
    const anyChange = fc
      .tuple(fc.subarray(Array.from({ length: SIZE + 1 }, (_, i) => i)), fc.array(fc.nat(SIZE)))
      .map(([removed, inserts]) => {
        const list: (number | null)[] = Array.from({ length: SIZE + 1 }, (_, i) => i).filter(
          (n) => !removed.includes(n),
        );
        for (const at of inserts) list.splice(at % (list.length + 1), 0, null);
        const inserted = list.flatMap((entry, i) => (entry === null ? [i] : []));
        return { list, remap: new Remap(removed, inserted) };
      });
    fc.assert(
      fc.property(anyActs, anyChange, (acts, { list, remap }) => {
        const { selection, model } = perform(acts);
        const moved = selection.apply(remap);
        list.forEach((before, after) => {
          expect(moved.has(after)).toBe(before !== null && model.has(before));
        });
        expect(moved.count).toBe(list.filter((n) => n !== null && model.has(n)).length);
      }),
    );
  });
});
