import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findAnchor } from './anchor';
import { nextPeriod, neighbour } from './cells';
import { Layout, type LayoutOptions } from './layout';
import { monthMarks, scrubberTicks } from './marks';
import { layoutFor } from './measures';
import { anyShape, makeShape } from './samples';
import { Remap } from './shape';

const anyOptions: fc.Arbitrary<LayoutOptions> = fc
  .constantFrom(320, 390, 820, 1440, 3840)
  .map((width) => layoutFor(width).options);

const anyLayout = fc
  .tuple(anyShape(40), anyOptions)
  .map(([shape, options]) => new Layout(shape, options));

describe('Layout', () => {
  test('every asset has one cell, in order, inside the width', () => {
    fc.assert(
      fc.property(anyLayout, (layout) => {
        const seen: number[] = [];
        for (let row = 0; row < layout.rowCount; row++) {
          for (const cell of layout.cells(row)) {
            seen.push(cell.ordinal);
            expect(cell.x).toBeGreaterThanOrEqual(0);
            expect(cell.x + cell.width).toBeLessThanOrEqual(layout.options.width + 1);
            expect(cell.width).toBeGreaterThan(0);
            expect(cell.height).toBeGreaterThan(0);
          }
        }
        expect(seen).toEqual(Array.from({ length: layout.shape.count }, (_, i) => i));
      }),
    );
  });

  test('rows follow each other without overlap and fill the height', () => {
    fc.assert(
      fc.property(anyLayout, (layout) => {
        let end = 0;
        for (let row = 0; row < layout.rowCount; row++) {
          expect(layout.rowOuterTop(row)).toBe(end);
          end = layout.rowTop(row) + layout.rowHeight(row) + layout.options.gap;
        }
        expect(layout.height).toBe(end);
      }),
    );
  });

  test('cells of a row are a gap apart within a day', () => {
    fc.assert(
      fc.property(anyLayout, (layout) => {
        for (let row = 0; row < layout.rowCount; row++) {
          const cells = layout.cells(row);
          const starts = new Set(layout.shape.dayStarts);
          for (let i = 1; i < cells.length; i++) {
            const before = cells[i - 1]!;
            const between = cells[i]!.x - before.x - before.width;
            if (!starts.has(cells[i]!.ordinal)) expect(between).toBe(layout.options.gap);
            else expect(between).toBeGreaterThanOrEqual(layout.options.dayGap);
          }
        }
      }),
    );
  });

  test('every day has one heading, at its first asset', () => {
    fc.assert(
      fc.property(anyLayout, (layout) => {
        const days: number[] = [];
        for (let row = 0; row < layout.rowCount; row++) {
          for (const heading of layout.headings(row)) {
            days.push(heading.day);
            const first = layout.cellOf(layout.shape.dayStarts[heading.day]!)!;
            expect(first.x).toBe(heading.x);
            expect(first.y).toBe(heading.y + layout.options.headingHeight);
          }
        }
        expect(days).toEqual(layout.shape.days.map((_, d) => d));
      }),
    );
  });

  test('an asset is found at the middle of its cell', () => {
    fc.assert(
      fc.property(anyLayout, (layout) => {
        for (let ordinal = 0; ordinal < layout.shape.count; ordinal++) {
          const cell = layout.cellOf(ordinal)!;
          const middle = [cell.x + cell.width / 2, cell.y + cell.height / 2] as const;
          expect(layout.ordinalAt(...middle)).toBe(ordinal);
        }
      }),
    );
  });

  test('full rows end exactly at the edge', () => {
    const shape = makeShape([
      ['2024-05-03', Array.from({ length: 100 }, (_, i) => 115 + (i % 40))],
    ]);
    const layout = new Layout(shape, layoutFor(1440).options);
    for (let row = 0; row < layout.rowCount - 1; row++) {
      const last = layout.cells(row).at(-1)!;
      expect(last.x + last.width).toBe(layout.options.width);
    }
  });

  test('short days share a row', () => {
    const shape = makeShape([
      ['2024-05-03', [141]],
      ['2024-05-02', [141]],
      ['2024-05-01', [141]],
    ]);
    expect(new Layout(shape, layoutFor(1440).options).rowCount).toBe(1);
  });

  test('a million assets are laid out quickly', () => {
    const ratios = Array.from({ length: 1000 }, (_, i) => [115, 141, 147, 128][i % 4]!);
    const days = Array.from({ length: 1000 }, (_, d) => [`day ${d}`, ratios] as const);
    const shape = makeShape(days);
    const started = performance.now();
    const layout = new Layout(shape, layoutFor(1440).options);
    // The aim is 50 ms; the bound is wide because test machines are shared.
    expect(performance.now() - started).toBeLessThan(500);
    expect(layout.rowFirst(layout.rowCount)).toBe(1_000_000);
  });

  test('nothing is drawn without a width', () => {
    const layout = new Layout(makeShape([['', [128]]]), { ...layoutFor(390).options, width: 0 });
    expect(layout.rowCount).toBe(0);
    expect(layout.ordinalAt(0, 0)).toBeNull();
  });
});

test('the anchor is the first wholly visible row, wherever its assets went', () => {
  const shape = makeShape([['2024-05-03', Array.from({ length: 200 }, () => 141)]]);
  const layout = new Layout(shape, layoutFor(1440).options);
  const top = layout.rowTop(5) - 30;
  const first = layout.rowFirst(5);
  expect(findAnchor(layout, top, null)).toEqual({ ordinal: first, inWindow: 30 });
  const remap = new Remap([first], [0, 1]);
  expect(findAnchor(layout, top, remap)).toEqual({ ordinal: first + 2, inWindow: 30 });
});

describe('walking', () => {
  test('arrow keys never leave the view and never skip a row', () => {
    fc.assert(
      fc.property(anyLayout, (layout) => {
        for (let ordinal = 0; ordinal < layout.shape.count; ordinal++) {
          const below = neighbour(layout, ordinal, 'below');
          expect(layout.rowOf(below) - layout.rowOf(ordinal)).toBeLessThanOrEqual(1);
          expect(neighbour(layout, ordinal, 'after')).toBeLessThan(layout.shape.count);
          expect(neighbour(layout, ordinal, 'before')).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  test('jumps to the first asset of the next and the previous month', () => {
    const shape = makeShape([
      ['2024-05-03', [128, 128]],
      ['2024-05-01', [128]],
      ['2024-04-30', [128, 128]],
      ['2023-12-31', [128]],
    ]);
    const layout = new Layout(shape, layoutFor(390).options);
    expect(nextPeriod(layout, 1, 'month', 1)).toBe(3);
    expect(nextPeriod(layout, 3, 'year', 1)).toBe(5);
    expect(nextPeriod(layout, 4, 'month', -1)).toBe(0);
    expect(nextPeriod(layout, 3, 'day', -1)).toBe(2);
    expect(nextPeriod(layout, 5, 'year', 1)).toBe(5);
  });
});

describe('scrubber', () => {
  test('has a mark a month, and labels that do not overlap', () => {
    const days = Array.from({ length: 400 }, (_, i) => {
      const day = `${2024 - Math.floor(i / 12)}-${String(12 - (i % 12)).padStart(2, '0')}-01`;
      return [day, Array.from({ length: 30 }, () => 141)] as const;
    });
    const layout = new Layout(makeShape(days), layoutFor(1440).options);
    const marks = monthMarks(layout);
    expect(marks).toHaveLength(400);
    const years = scrubberTicks(marks, layout.height - 900, 800).filter((tick) => tick.year);
    for (let i = 1; i < years.length; i++) {
      expect(years[i]!.y - years[i - 1]!.y).toBeGreaterThanOrEqual(22);
    }
    expect(years[0]!.year).toBe('2024');
  });
});
