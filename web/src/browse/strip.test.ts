import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillRows } from './strip';

const options = { width: 1000, height: 200, gap: 4, rows: 2 };
const ratio = fc.double({ min: 0.3, max: 3.5, noNaN: true });

describe('a strip of photos', () => {
  test('fills whole rows exactly, in order and without gaps', () => {
    fc.assert(
      fc.property(fc.array(ratio, { minLength: 12, maxLength: 60 }), (ratios) => {
        const rows = fillRows(ratios, options);
        expect(rows.length).toBeGreaterThan(0);
        expect(rows.length).toBeLessThanOrEqual(2);
        let next = 0;
        for (const { start, end, height } of rows) {
          expect(start).toBe(next);
          expect(end).toBeGreaterThan(start);
          next = end;
          const widths = ratios.slice(start, end).reduce((sum, one) => sum + one * height, 0);
          expect(widths + options.gap * (end - start - 1)).toBeCloseTo(options.width, 3);
          expect(height).toBeLessThanOrEqual(options.height * 1.35 + 1e-9);
        }
      }),
    );
  });

  test('shows too few for a row as they are', () => {
    expect(fillRows([1.5, 1], options)).toEqual([{ start: 0, end: 2, height: 200 }]);
    expect(fillRows([], options)).toEqual([]);
  });
});
