import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScrollSpace } from './scroll';

function makeSpace(total: number, viewport = 900, cap = 100_000): ScrollSpace {
  const space = new ScrollSpace(cap, 5_000);
  space.resize(total, viewport);
  return space;
}

describe('a library that fits', () => {
  test('is scrolled as it is', () => {
    const space = makeSpace(50_000);
    expect(space.height).toBe(50_000);
    space.moved(12_345);
    expect(space.top).toBe(12_345);
    expect(space.offset).toBe(0);
    expect(space.settle()).toBe(false);
  });
});

describe('a library taller than the browser allows', () => {
  const anyTop = fc.nat(3_000_000);

  test('the two mappings are inverse, within the compression', () => {
    fc.assert(
      fc.property(anyTop, (wanted) => {
        const space = makeSpace(3_000_000);
        const top = Math.min(wanted, space.maxTop);
        const there = space.virtualOf(space.physicalOf(top));
        expect(Math.abs(there - top)).toBeLessThanOrEqual(40);
      }),
    );
  });

  test('the mapping never goes back', () => {
    fc.assert(
      fc.property(anyTop, anyTop, (a, b) => {
        const space = makeSpace(3_000_000);
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(space.physicalOf(Math.min(low, space.maxTop))).toBeLessThanOrEqual(
          space.physicalOf(Math.min(high, space.maxTop)),
        );
      }),
    );
  });

  test('both ends can be reached', () => {
    const space = makeSpace(3_000_000);
    expect(space.virtualOf(0)).toBe(0);
    expect(space.virtualOf(space.maxPhysical)).toBe(space.maxTop);
  });

  test('small movements are one to one, wherever they begin', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50_000, max: 2_900_000 }),
        fc.integer({ min: -800, max: 800 }),
        (start, delta) => {
          const space = makeSpace(3_000_000);
          space.jump(start);
          space.moved(space.physical + delta);
          expect(space.top).toBe(start + delta);
        },
      ),
    );
  });

  test('a long way by small steps and settling ends where it should', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -900, max: 900 }), { maxLength: 300 }), (steps) => {
        const space = makeSpace(3_000_000);
        space.jump(1_500_000);
        let expected = space.top;
        for (const step of steps) {
          expected += step;
          if (space.moved(space.physical + step)) space.settle();
        }
        space.settle();
        expect(space.top).toBe(expected);
        expect(space.physical).toBe(space.physicalOf(space.top));
      }),
    );
  });

  test('scrolling up step by step arrives at the very top', () => {
    const space = makeSpace(3_000_000);
    space.jump(400_000);
    for (let i = 0; i < 1_000 && space.top > 0; i++) {
      // The browser stops at 0.
      if (space.moved(Math.max(0, space.physical - 500))) space.settle();
    }
    expect(space.top).toBe(0);
    expect(space.physical).toBe(0);
  });

  test('a drag of the scrollbar goes in proportion', () => {
    const space = makeSpace(3_000_000);
    space.moved(space.maxPhysical / 2);
    expect(space.top).toBeCloseTo(space.maxTop / 2, -3);
  });

  test('shrinking keeps the position inside', () => {
    const space = makeSpace(3_000_000);
    space.jump(2_900_000);
    space.resize(10_000, 900);
    expect(space.top).toBe(9_100);
    expect(space.physical).toBe(9_100);
  });
});
