import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Selection } from '../select/selection';
import { planMove, stepGap } from './order';

/** The plain way: take them out, put them in. */
function moved(count: number, chosen: ReadonlySet<number>, at: number): number[] {
  const all = Array.from({ length: count }, (_, i) => i);
  const rest = all.filter((one) => !chosen.has(one));
  const before = all.slice(at).find((one) => !chosen.has(one));
  const index = before === undefined ? rest.length : rest.indexOf(before);
  return [...rest.slice(0, index), ...all.filter((one) => chosen.has(one)), ...rest.slice(index)];
}

describe('moving photos in an album (SPEC 7.6)', () => {
  test('is the same as taking them out and putting them in', () => {
    const scene = fc.integer({ min: 1, max: 12 }).chain((count) =>
      fc.record({
        count: fc.constant(count),
        chosen: fc.uniqueArray(fc.integer({ min: 0, max: count - 1 })),
        at: fc.integer({ min: 0, max: count }),
      }),
    );
    fc.assert(
      fc.property(scene, ({ count, chosen, at }) => {
        const ranges = Selection.of(chosen.map((one) => [one, one + 1] as const)).ranges;
        const expected = moved(count, new Set(chosen), at);
        const plan = planMove(ranges, at, count);
        const isSame = expected.every((one, i) => one === i);
        if (plan === null) return void expect(isSame).toBe(true);
        const smallest = Math.min(...chosen);
        expect(expected.indexOf(smallest)).toBe(plan.first);
        const after = expected[plan.first + chosen.length] ?? null;
        expect(plan.before).toBe(after);
      }),
    );
  });

  test('goes by one with a key', () => {
    expect(planMove([[3, 4]], stepGap([[3, 4]], -1), 9)).toEqual({ before: 2, first: 2 });
    expect(planMove([[3, 4]], stepGap([[3, 4]], 1), 9)).toEqual({ before: 5, first: 4 });
    expect(planMove([[8, 9]], stepGap([[8, 9]], 1), 9)).toBeNull();
    expect(planMove([[0, 1]], stepGap([[0, 1]], -1), 9)).toBeNull();
  });
});
