import { describe, expect, test } from 'vitest';
import { density, factorOf, LARGEST, SMALLEST } from './density.svelte';
import { layoutFor } from './measures';
import { Steps } from './spread';

describe('density', () => {
  test('has ends', () => {
    density.set(0);
    density.change(100);
    expect(density.level).toBe(LARGEST);
    density.change(-100);
    expect(density.level).toBe(SMALLEST);
    density.set(Number.NaN);
    expect(density.level).toBe(0);
  });

  test('makes rows higher step by step, on every width', () => {
    for (const width of [320, 390, 1280, 3840]) {
      let before = 0;
      for (let level = SMALLEST; level <= LARGEST; level++) {
        const { rowHeight } = layoutFor(width, factorOf(level)).options;
        expect(rowHeight).toBeGreaterThanOrEqual(before);
        before = rowHeight;
      }
      expect(layoutFor(width)).toEqual(layoutFor(width, factorOf(0)));
    }
  });
});

describe('steps', () => {
  test('add up small amounts and keep the rest', () => {
    const steps = new Steps(10);
    expect([4, 4, 4, 4, 4].map((amount) => steps.take(amount))).toEqual([0, 0, 1, 0, 1]);
  });

  test('turn at once', () => {
    const steps = new Steps(10);
    steps.take(9);
    expect(Math.abs(steps.take(-9))).toBe(0);
    expect(steps.take(-1)).toBe(-1);
    expect(steps.take(25)).toBe(2);
  });
});
