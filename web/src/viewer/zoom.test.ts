import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cameraName, formatExposure } from './facts';
import { clampZoom, fitSize, toggleScale, WHOLE, zoomAt, type Zoom } from './zoom';

const WINDOW = { width: 1000, height: 800 };
const anySize = fc.record({
  width: fc.integer({ min: 1, max: 20_000 }),
  height: fc.integer({ min: 1, max: 20_000 }),
});
const anyZoom: fc.Arbitrary<Zoom> = fc.record({
  scale: fc.double({ min: 0.1, max: 50, noNaN: true }),
  x: fc.integer({ min: -9_999, max: 9_999 }),
  y: fc.integer({ min: -9_999, max: 9_999 }),
});

describe('zoom', () => {
  test('the whole picture fits and is never blown up', () => {
    fc.assert(
      fc.property(anySize, (picture) => {
        const fitted = fitSize(picture, WINDOW);
        expect(fitted.width).toBeLessThanOrEqual(Math.min(WINDOW.width, picture.width) + 1e-6);
        expect(fitted.height).toBeLessThanOrEqual(Math.min(WINDOW.height, picture.height) + 1e-6);
        expect(fitted.width / fitted.height).toBeCloseTo(picture.width / picture.height, 5);
      }),
    );
  });

  test('no edge comes inside the window where the picture is larger', () => {
    fc.assert(
      fc.property(anySize, anyZoom, (picture, zoom) => {
        const fitted = fitSize(picture, WINDOW);
        const kept = clampZoom(zoom, fitted, WINDOW, 8);
        const over = Math.max(0, (fitted.width * kept.scale - WINDOW.width) / 2);
        expect(Math.abs(kept.x)).toBeLessThanOrEqual(over + 1e-6);
        expect(kept.scale).toBeGreaterThanOrEqual(1);
        expect(kept.scale).toBeLessThanOrEqual(8);
      }),
    );
  });

  test('what is under the finger stays there', () => {
    fc.assert(
      fc.property(anyZoom, fc.integer({ min: -500, max: 500 }), (zoom, x) => {
        const after = zoomAt(zoom, { x, y: 0 }, zoom.scale * 2);
        const before = (x - zoom.x) / zoom.scale;
        expect((x - after.x) / after.scale).toBeCloseTo(before, 6);
      }),
    );
  });

  test('a double tap goes to the pixels, and back', () => {
    const picture = { width: 6_000, height: 4_000 };
    const fitted = fitSize(picture, WINDOW);
    expect(toggleScale(WHOLE, picture, fitted, 1)).toBeCloseTo(6);
    expect(toggleScale({ ...WHOLE, scale: 6 }, picture, fitted, 1)).toBe(1);
    expect(toggleScale(WHOLE, { width: 500, height: 400 }, { width: 500, height: 400 }, 1)).toBe(2);
  });
});

describe('facts', () => {
  test('the maker is named once', () => {
    expect(cameraName('NIKON CORPORATION', 'NIKON D90')).toBe('NIKON D90');
    expect(cameraName('Apple', 'iPhone 15')).toBe('Apple iPhone 15');
    expect(cameraName(null, 'X100')).toBe('X100');
    expect(cameraName(null, null)).toBeNull();
  });

  test('exposure times read as on a camera', () => {
    expect(formatExposure(1 / 250)).toBe('1/250 s');
    expect(formatExposure(2.5)).toBe('2.5 s');
  });
});
